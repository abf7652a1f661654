"""JSON Lines: one object a line, its values as text."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

import pyarrow as pa

from salesml.core.errors import FileUnreadable
from salesml.core.files import FileReading
from salesml.data.blocks import MALFORMED, Block, column_name
from salesml.data.csv_beginning import MAX_COLUMNS, SAMPLE_ROWS
from salesml.data.number_styles import unmistakable
from salesml.data.sources import Part
from salesml.data.text_streams import BOM, Text, lines, readable, text_stream

BLOCK_LINES = 20_000
BLANKS = b" \t\r\n"
MAX_EXPONENT = 40
HEAD = 4096


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """Names of the fields in the first objects, in order of appearance, those objects' values, and the
    fields that hold lists or objects."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    nested: frozenset[str]


def is_json(part: Part, encoding: str) -> bool:
    """Whether a text begins as JSON does."""
    with text_stream(part, encoding, None) as stream, readable(part, encoding):
        head: bytes = stream.read(HEAD)
    return head.removeprefix(BOM).lstrip(BLANKS)[:1] in (b"{", b"[")


def beginning(part: Part, encoding: str) -> Beginning:
    """Raises FileUnreadable for what is no JSON Lines."""
    with _lines(part, encoding) as (source, _):
        found = [_object(line) for line in islice(source, SAMPLE_ROWS)]
    records = [record for record in found if record is not None]
    if not found or found[0] is None:
        raise FileUnreadable("not_json_lines", file=part)
    names = tuple(dict.fromkeys(name for record in records for name in record))
    if not 0 < len(names) <= MAX_COLUMNS:
        raise FileUnreadable("json_fields", file=part, columns=len(names), limit=MAX_COLUMNS)
    return Beginning(
        columns=names,
        rows=tuple(tuple(_text(record.get(name)) for name in names) for record in records),
        nested=frozenset(
            name for record in records for name, value in record.items() if isinstance(value, list | dict)
        ),
    )


def blocks(parts: Sequence[Part], reading: FileReading, wanted: Sequence[int]) -> Iterator[Block]:
    """Every line that is not blank, in order; what is no object, or has lists or objects in a field that is
    used, is malformed."""
    used = {reading.columns.index(column) for column in reading.mapping.values()}
    position = 1
    for part in parts:
        with _lines(part, reading.encoding or "utf-8") as (source, text):
            while chunk := list(islice(source, BLOCK_LINES)):
                table, malformed = _block(chunk, position, reading.columns, wanted, used)
                yield Block(table, malformed, text.places[-1])
                position += len(chunk)


@contextmanager
def _lines(part: Part, encoding: str) -> Iterator[tuple[Iterator[bytes], Text]]:
    with text_stream(part, encoding, None) as text, readable(part, encoding):
        yield _filled(lines(text, part)), text


def _filled(source: Iterable[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(source):
        stripped = (line.removeprefix(BOM) if number == 0 else line).strip(BLANKS)
        if stripped:
            yield stripped


def _block(
    chunk: list[bytes], position: int, columns: Sequence[str], wanted: Sequence[int], used: set[int]
) -> tuple[pa.Table, pa.Table]:
    numbers: list[int] = []
    rows: list[list[str | None]] = []
    bad: list[tuple[int, int, str, str]] = []
    for number, line in enumerate(chunk, position):
        record = _object(line)
        wrong = "is no JSON object" if record is None else _nested(record, columns, used)
        if record is None or wrong:
            bad.append((number, 0, line.decode("utf-8", "replace"), wrong))
            continue
        numbers.append(number)
        rows.append([_text(record.get(columns[index])) for index in wanted])
    texts = zip(*rows, strict=True) if rows else ([] for _ in wanted)
    values = {
        column_name(index): pa.array(text, pa.string()) for index, text in zip(wanted, texts, strict=True)
    }
    malformed = pa.Table.from_pylist(
        [dict(zip(MALFORMED.names, row, strict=True)) for row in bad], schema=MALFORMED
    )
    return pa.table({"row": pa.array(numbers, pa.int64()), **values}), malformed


def _object(line: bytes) -> dict[str, Any] | None:
    """Numbers keep their digits. None for what is no object."""
    try:
        found = json.loads(line, parse_float=_number, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(text: str) -> str:
    if "e" not in text.lower():
        return unmistakable(text)
    number = Decimal(text)
    return format(number, "f") if abs(number.adjusted()) < MAX_EXPONENT else text


def _nested(record: dict[str, Any], columns: Sequence[str], used: set[int]) -> str:
    name = next((columns[i] for i in used if isinstance(record.get(columns[i]), list | dict)), None)
    return "" if name is None else f"has a list or an object in {name!r}"


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        # A lone half of a surrogate pair is no text that could be stored.
        return value if value is None or value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)
