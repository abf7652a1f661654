"""What texts tell of one person: by which words somebody is known again, in rows and in free text."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from salesml.core.clients import ExternalId

GONE = "[erased]"
"""What stands where a person stood in a text that is kept."""
_ID_KEYS = ("client", "client_id", "client_ids", "client_external_id", "external_id", "external_ids", "raw")
_CELLS = ("cells", "sample", "record", "rows", "good", "rejected")
_WORD = re.compile(r"\w+")
_LONG_NUMBER, _LONG_ID = 6, 4
"""From so many characters on, an id of digits alone or with other characters is nothing else by chance."""


@dataclass(frozen=True, kw_only=True)
class Traces:
    """`names` are the known parts of a name each; one of a single word tells of too many to count."""

    ids: frozenset[ExternalId]
    emails: frozenset[str]
    names: frozenset[tuple[str, ...]]

    @property
    def words(self) -> frozenset[str]:
        """Texts of which at least one occurs, in some case, wherever the person is told of."""
        named = {max(words, key=len) for words in self._whole_names}
        return frozenset({one.external_id for one in self.ids} | self.emails | named)

    def in_row(self, source: str, cells: Sequence[str], id_place: int | None) -> bool:
        """Whether a row of a source's file tells of the person; `id_place` is the cell of the client's id.

        Where that is unknown, any cell counts: rather a row too many than one too few.
        """
        ids = {one.external_id for one in self.ids if one.source == source}
        known = id_place is not None and len(cells) > 1
        told = cells[id_place : id_place + 1] if known and id_place is not None else cells
        return not ids.isdisjoint(told) or self._in_text(_folded(" ".join(cells)))

    def _in_text(self, folded: str) -> bool:
        if any(pattern.search(folded) for pattern in self._addresses):
            return True
        words = set(_WORD.findall(folded))
        return any(name <= words for name in self._whole_names)

    @cached_property
    def _whole_names(self) -> tuple[frozenset[str], ...]:
        names = (frozenset(_WORD.findall(_folded(" ".join(name)))) for name in self.names)
        return tuple(words for words in names if len(words) > 1)

    def redacted(self, value: object, key: str = "") -> object:
        """A JSON value with GONE where it tells of the person.

        A list of cells goes as a whole when it names the person; of an object that does, the parts of the
        name go.
        """
        if isinstance(value, dict):
            named = self._names_whole(value.values())
            return {name: self._redacted_field(inner, name, named) for name, inner in value.items()}
        if isinstance(value, list):
            if self._names_whole(value) or (key in _CELLS and self._has_id(value)):
                return [GONE if isinstance(inner, str) else self.redacted(inner, key) for inner in value]
            return [self.redacted(inner, key) for inner in value]
        return self._redacted_text(value, key) if isinstance(value, str) else value

    def _redacted_field(self, value: object, key: str, named: bool) -> object:
        if named and isinstance(value, str) and any(_folded(value) in parts for parts in self._whole_names):
            return GONE
        return self.redacted(value, key)

    def _names_whole(self, values: Iterable[object]) -> bool:
        return self._in_text(_folded(" ".join(value for value in values if isinstance(value, str))))

    def _has_id(self, values: Iterable[object]) -> bool:
        return any(value == one.external_id for value in values for one in self.ids)

    def _redacted_text(self, text: str, key: str) -> str:
        if key in _ID_KEYS and any(text.strip() == one.external_id for one in self.ids):
            return GONE
        for pattern in (*self._addresses, *self._in_free_text):
            text = pattern.sub(GONE, text)
        return text

    @cached_property
    def _addresses(self) -> tuple[re.Pattern[str], ...]:
        return tuple(
            re.compile(rf"(?<![\w.+%-]){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)
            for email in sorted(self.emails)
        )

    @cached_property
    def _in_free_text(self) -> tuple[re.Pattern[str], ...]:
        """Ids that are nothing else by chance, and whole names."""
        known = {one.external_id for one in self.ids if _is_telling(one.external_id)}
        whole = {r"\s+".join(map(re.escape, name)) for name in self.names if len(name) > 1}
        whole |= {r"\s+".join(map(re.escape, name[::-1])) for name in self.names if len(name) > 1}
        escaped = {re.escape(one) for one in known} | whole
        return tuple(re.compile(rf"(?<![\w-]){one}(?![\w-])", re.IGNORECASE) for one in sorted(escaped))


def lines_of(record: str | None, raw: str | None) -> list[list[str]]:
    """The cells of each line of a refused row, trimmed; the refused value alone where no row was kept."""
    if record is None:
        return [] if raw is None else [[raw.strip()]]
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(record, newline="\n"))]
    except csv.Error:  # a row that was refused because it is malformed
        return [[record]]


def cells_of(record: str | None, raw: str | None) -> list[str]:
    """The cells of all its lines."""
    return [cell for line in lines_of(record, raw) for cell in line]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _is_telling(external_id: str) -> bool:
    if not any(char.isdigit() for char in external_id):
        return False
    return len(external_id) >= (_LONG_NUMBER if external_id.isdigit() else _LONG_ID)
