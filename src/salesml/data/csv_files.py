"""CSV: its separator and header from the beginning, then the whole file in blocks of text columns."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from salesml.core.errors import FileUnreadable, InvalidValue
from salesml.core.files import FileReading
from salesml.data.blocks import Block, MalformedRows
from salesml.data.sources import MIB, opened

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SAMPLE_BYTES = 4 * MIB
SAMPLE_ROWS = 10_000
BLOCK_BYTES = 1 * MIB
"""The longest row that is read."""
CHECK_BYTES = 24 * MIB
"""Blocks are checked together up to this size: below about 100,000 rows DuckDB uses one thread."""
MAX_COLUMNS = 2_000
CONSISTENT = 0.5
BOM = "\ufeff".encode()
DATA_LIKE = "0123456789.,-+/: "


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The header and the first rows; `body` is where, in bytes of the UTF-8 text, the first row begins."""

    separator: str
    columns: tuple[str, ...]
    body: int
    rows: tuple[tuple[str, ...], ...]


@contextmanager
def text_stream(path: Path, compression: str | None, encoding: str) -> Iterator[Any]:
    """The content as UTF-8 bytes; a byte order mark may still stand at the beginning."""
    with opened(path, compression) as stream:
        if encoding in ("utf-8", "utf-8-sig"):
            yield stream
        else:
            yield pa.transcoding_input_stream(stream, encoding, "utf-8")


def beginning(path: Path, compression: str | None, encoding: str, separator: str | None) -> Beginning:
    """Read separator, header and first rows. Raises FileUnreadable when it does not look like a table."""
    with text_stream(path, compression, encoding) as stream, _readable(path, encoding):
        head = stream.read(SAMPLE_BYTES)
    mark = len(BOM) if head.startswith(BOM) else 0
    text = head[mark:].decode("utf-8", "ignore")
    complete = len(head) < SAMPLE_BYTES
    if not complete and "\n" not in text and "\r" not in text:
        raise FileUnreadable(f"{path}: the first row is longer than {SAMPLE_BYTES // MIB} MiB; is it a CSV?")
    rows, separator, first = _table(path, text, separator)
    if not complete and len(rows) > 1:
        rows = rows[:-1]
    columns = _header(path, rows[0])
    if len(rows) == 1:
        raise FileUnreadable(f"{path} has a header and no rows")
    return Beginning(
        separator=separator,
        columns=columns,
        body=mark + len(text[:first].encode()),
        rows=tuple(tuple(row) for row in rows[1:] if len(row) == len(columns)),
    )


def separator_of(chosen: str) -> str:
    """A separator that somebody chose, as a character or by name. Raises InvalidValue."""
    names = {name: char for char, name in SEPARATORS.items()} | {"\\t": "\t"}
    char = names.get(chosen, chosen)
    if len(char) != 1 or char in '"\r\n' or not char.isascii():
        raise InvalidValue("separator", f"{chosen!r} is not one character, nor tab, comma or semicolon")
    return char


def _table(path: Path, text: str, chosen: str | None) -> tuple[list[list[str]], str, int]:
    """Records, separator and the position after the header of the separator that fits best."""
    tries = [separator_of(chosen)] if chosen else list(SEPARATORS)
    found = {char: _records(text, char) for char in tries}
    scores = {char: _score(rows) for char, (rows, _) in found.items()}
    best = max(tries, key=lambda char: scores[char])
    share, columns = scores[best]
    if columns < 2:
        names = "comma, semicolon, tab or bar" if chosen is None else f"{best!r}"
        raise FileUnreadable(f"{path} is no CSV with two columns or more: no {names} separates its header")
    if share < CONSISTENT:
        raise FileUnreadable(f"{path} is no CSV: most rows have another number of fields than the header")
    return found[best][0], best, found[best][1]


def _records(text: str, separator: str) -> tuple[list[list[str]], int]:
    """Up to SAMPLE_ROWS records that are not blank, and where the first of them ends."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=separator)
    records: list[list[str]] = []
    end = 0
    try:
        for record in reader:
            if not record:
                continue
            records.append(record)
            if len(records) == 1:
                end = sum(len(line) for line in lines[: reader.line_num])
            if len(records) > SAMPLE_ROWS:
                break
    except csv.Error:
        return records[:1], end
    return records, end


def _score(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Share of rows as long as the header (a header alone is consistent), and its length."""
    if not rows or len(rows[0]) < 2:
        return (0.0, len(rows[0]) if rows else 0)
    lengths = Counter(len(row) for row in rows[1:])
    total = sum(lengths.values())
    return (lengths[len(rows[0])] / total if total else 1.0, len(rows[0]))


def _header(path: Path, cells: Sequence[str]) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS:
        raise FileUnreadable(f"{path} has {len(cells):,} columns; at most {MAX_COLUMNS:,} are read")
    names = tuple(cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1))
    data = sum(not cell.strip(DATA_LIKE) for cell in cells)
    if 2 * data > len(cells):
        first = ", ".join(cells)[:80]
        raise FileUnreadable(f"{path} has no header: its first row looks like data ({first})")
    return names


@contextmanager
def _readable(path: Path, encoding: str) -> Iterator[None]:
    """Turn what the parser says into one clear line."""
    try:
        yield
    except UnicodeError:
        raise FileUnreadable(f"{path} is not text in {encoding}; choose another with --encoding") from None
    except pa.ArrowInvalid as error:
        text = str(error)
        if "straddl" in text or "block" in text:
            reason = f"a row is longer than {BLOCK_BYTES // MIB} MiB, or a quote is never closed"
        elif "UTF8" in text:
            reason = f"it is not text in {encoding}; choose another with --encoding"
        else:
            reason = text.splitlines()[0]
        raise FileUnreadable(f"{path} cannot be read as CSV: {reason}") from None


def blocks(path: Path, reading: FileReading, fields: Sequence[str]) -> Iterator[Block]:
    """Every row of the file, in its order, malformed rows with the block in or after which they stand."""
    parts: list[Block] = []
    for part in _parsed(path, reading, fields):
        parts.append(part)
        if sum(each.table.nbytes + each.malformed.nbytes for each in parts) > CHECK_BYTES:
            yield _joined(parts)
            parts = []
    if parts:
        yield _joined(parts)


def _joined(parts: Sequence[Block]) -> Block:
    table = pa.concat_tables([part.table for part in parts]).combine_chunks()
    return Block(table, pa.concat_tables([part.malformed for part in parts]))


def _parsed(path: Path, reading: FileReading, fields: Sequence[str]) -> Iterator[Block]:
    """The parser's own small blocks, numbered."""
    encoding = reading.encoding or "utf-8"
    start = beginning(path, reading.compression, encoding, reading.separator)
    met = MalformedRows()
    with text_stream(path, reading.compression, encoding) as stream, _readable(path, encoding):
        stream.read(start.body)
        position = 1
        for batch in _reader(stream, start, reading.mapping, met):
            numbers = _numbers(position, batch.num_rows, met.numbers())
            position = int(numbers[-1]) + 1 if len(numbers) else position
            # The parser reads ahead: what it has met beyond this block belongs to a later one.
            yield Block(_table_of(batch, numbers, start.columns, reading.mapping, fields), met.take(position))
        none = np.empty(0, np.int64)
        yield Block(_table_of(None, none, start.columns, reading.mapping, fields), met.take())


def _reader(stream: Any, start: Beginning, mapping: Mapping[str, str], met: MalformedRows) -> Any:
    names = [f"c{index}" for index in range(len(start.columns))]
    wanted = sorted({start.columns.index(column) for column in mapping.values()})

    def set_aside(row: Any) -> str:
        met.add(row.number, row.actual_columns, row.text)
        return "skip"

    # One thread: only then does the parser number malformed rows.
    return arrow_csv.open_csv(
        stream,
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(
            delimiter=start.separator, newlines_in_values=True, invalid_row_handler=set_aside
        ),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=[names[index] for index in wanted],
            column_types={names[index]: pa.string() for index in wanted},
            strings_can_be_null=False,
        ),
    )


def _numbers(position: int, count: int, malformed: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The next row numbers from a position on that are not those of malformed rows."""
    candidates = np.arange(position, position + count + len(malformed), dtype=np.int64)
    return candidates[~np.isin(candidates, malformed)][:count]


def _table_of(
    batch: Any,
    numbers: npt.NDArray[np.int64],
    columns: Sequence[str],
    mapping: Mapping[str, str],
    fields: Sequence[str],
) -> Any:
    empty = pa.nulls(len(numbers), pa.string())
    values = {
        f"raw_{name}": batch.column(f"c{columns.index(mapping[name])}")
        if batch is not None and name in mapping
        else empty
        for name in fields
    }
    return pa.table({"row": pa.array(numbers), **values})
