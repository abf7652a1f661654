"""The beginning of a CSV: its separator, its header and its first rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from salesml.core.errors import FileUnreadable, InvalidValue
from salesml.data.sources import MIB, Part
from salesml.data.text_streams import BLANK, BOM, LONGEST_ROW, readable, squeezed, text_stream

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", BLANK: "space"}
DETECTED = (",", ";", "\t", "|")
SAMPLE_BYTES = 4 * MIB
SAMPLE_ROWS = 10_000
MAX_COLUMNS = 2_000
CONSISTENT = 0.5
CONSISTENT_BLANKS = 0.9
"""White space separates only what has it throughout: sentences have it as well."""
DATA_LIKE = "0123456789.,-+/: "
EXCEL_SEPARATOR = re.compile(r"sep=(.)\r?\n?")
COMMENT = re.compile(r"(?:#(?:[ #-][^,;|\t\r\n]*)?)?(?:\r\n|\r|\n)")
MORE_COMMENT = re.compile(r"(?:#[^\r\n]*)?(?:\r\n|\r|\n)")


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The header and the first rows; `body` is where, in bytes of the UTF-8 text, the first row begins."""

    separator: str
    columns: tuple[str, ...]
    header: bool
    body: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class _Table:
    """Records by one separator; `ends` is where the first one ends, in characters. `broken` when one of
    them could not be read to its end."""

    records: list[list[str]]
    ends: int
    broken: bool = False

    @property
    def width(self) -> int:
        return len(self.records[0]) if self.records else 0

    @property
    def consistency(self) -> float:
        """Share of rows as long as the first one, which alone is consistent."""
        if self.width < 2:
            return 0.0
        lengths = Counter(len(record) for record in self.records[1:])
        total = sum(lengths.values())
        return lengths[self.width] / total if total else 1.0


def beginning(part: Part, encoding: str, separator: str | None, header: bool | None) -> Beginning:
    """Read separator, header and first rows. Raises FileUnreadable when it does not look like a table."""
    with text_stream(part, encoding, None) as stream, readable(part, encoding):
        head = stream.read(SAMPLE_BYTES)
    mark = len(BOM) if head.startswith(BOM) else 0
    text = head[mark:].decode("utf-8", "ignore")
    complete = len(head) < SAMPLE_BYTES
    if not complete and "\n" not in text and "\r" not in text:
        raise FileUnreadable("first_row_too_long", file=part, limit_mib=SAMPLE_BYTES // MIB)
    skipped, excel = _preamble(text)
    best, table = _best(part, text[skipped:], separator or excel)
    if table.width > MAX_COLUMNS:
        raise FileUnreadable("too_many_columns", file=part, columns=table.width, limit=MAX_COLUMNS)
    records = table.records if complete or len(table.records) == 1 else table.records[:-1]
    named = header if header is not None else not is_data(records[0])
    if named and len(records) == 1:
        if complete and not table.broken:
            raise FileUnreadable("no_rows", file=part)
        raise FileUnreadable("row_too_long", file=part, limit_mib=LONGEST_ROW // MIB)
    body = text[: skipped + (table.ends if named else 0)].encode()
    return Beginning(
        separator=best,
        columns=names_of(records[0], named=named),
        header=named,
        body=len(squeezed(body)) if best == BLANK else mark + len(body),
        rows=tuple(tuple(row) for row in records[named:] if len(row) == table.width),
    )


def separator_of(chosen: str) -> str:
    """A separator that somebody chose, as a character or by name. Raises InvalidValue."""
    names = {name: char for char, name in SEPARATORS.items()} | {"\\t": "\t"}
    char = names.get(chosen, chosen)
    if len(char) != 1 or char in '"\r\n' or not char.isascii():
        raise InvalidValue("separator", f"{chosen!r} is not one character, nor tab, comma or semicolon")
    return char


def _preamble(text: str) -> tuple[int, str | None]:
    """Where the table begins, behind comments and blank lines, and the separator of Excel's `sep=`."""
    position = 0
    line = COMMENT
    while found := line.match(text, position):
        position = found.end()
        line = MORE_COMMENT if found[0].startswith("#") else line
    excel = EXCEL_SEPARATOR.match(text, position)
    return (excel.end(), excel[1]) if excel else (position, None)


def _best(part: Part, text: str, chosen: str | None) -> tuple[str, _Table]:
    """The separator that fits best, and its records."""
    tries = (separator_of(chosen),) if chosen else DETECTED
    found = {char: _read(text, char) for char in tries}
    best = max(tries, key=lambda char: (found[char].consistency, found[char].width))
    if found[best].width < 2 and not chosen:
        blanks = _read(text, BLANK)
        if blanks.width >= 2 and blanks.consistency >= CONSISTENT_BLANKS and len(blanks.records) > 1:
            return BLANK, blanks
    if found[best].width < 2:
        names = "comma, semicolon, tab, bar or space" if chosen is None else f"{best!r}"
        raise FileUnreadable("no_separator", file=part, separators=names)
    if found[best].consistency < CONSISTENT:
        raise FileUnreadable("uneven_rows", file=part)
    return best, found[best]


def _read(text: str, separator: str) -> _Table:
    """Up to SAMPLE_ROWS records that are not blank."""
    lines = io.StringIO(text, newline="").readlines()
    reader = None if separator == BLANK else csv.reader(lines, delimiter=separator)
    rows: Iterable[list[str]] = (line.split() for line in lines) if reader is None else reader
    records: list[list[str]] = []
    ends = 0
    try:
        for number, record in enumerate(rows, 1):
            if not record:
                continue
            records.append(record)
            if len(records) == 1:
                ends = sum(len(line) for line in lines[: reader.line_num if reader else number])
            if len(records) > SAMPLE_ROWS or len(record) > MAX_COLUMNS:
                break
    except csv.Error:
        return _Table(records=records, ends=ends, broken=True)
    return _Table(records=records, ends=ends)


def names_of(cells: Sequence[str], *, named: bool) -> tuple[str, ...]:
    """What the columns are called: by a header, else by their places."""
    return tuple(
        (cell.strip() if named else "") or f"column {number}" for number, cell in enumerate(cells, 1)
    )


def is_data(cells: Sequence[str]) -> bool:
    """Whether a first row is no header: most of what it has are numbers and dates."""
    filled = [cell for cell in cells if cell.strip()]
    return 2 * sum(not cell.strip(DATA_LIKE) for cell in filled) > len(filled)
