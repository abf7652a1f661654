"""Files of every format as one thing: a table with named columns, seen from its beginning, read in blocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from salesml.core.errors import FileUnreadable, InvalidValue
from salesml.core.files import FileReading, ReadingOptions
from salesml.data import csv_beginning, csv_files, encodings, excel_files, json_files, parquet_files, sources
from salesml.data.blocks import Block
from salesml.data.csv_beginning import SAMPLE_ROWS, SEPARATORS
from salesml.data.excel_guard import check_workbook
from salesml.data.sources import Part

UNLIMITED = 2**63


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The beginning of a table. `moments` are columns of real dates, `numbers` of real numbers, `unreadable`
    those of no plain values, each with what it holds; `notes` are lines for people."""

    format: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str | None, ...]]
    notes: tuple[str, ...]
    encoding: str | None = None
    separator: str | None = None
    compression: str | None = None
    header: bool = True
    sheet: str | None = None
    moments: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    unreadable: Mapping[str, str] = field(default_factory=dict)


def look(path: Path, options: ReadingOptions) -> Seen:
    """What the file is. Raises FileRefused and InvalidValue, as FileReader.inspect."""
    sources.check_file(path, options.max_bytes)
    kind = sources.kind_of(path)
    if options.sheet is not None and kind != "xlsx":
        raise InvalidValue("sheet", "is a choice for workbooks (XLSX) only")
    if kind == "parquet":
        return _parquet(path)
    if kind == "xlsx":
        return _workbook(path, options)
    return _text(path, None if kind == "text" else kind, options)


def blocks(path: Path, reading: FileReading, wanted: Sequence[int]) -> Iterator[Block]:
    """Every row of a file in its order, with the columns at the wanted places. Raises FileUnreadable."""
    if reading.format == "parquet":
        return parquet_files.blocks(path, reading, wanted)
    if reading.format == "xlsx":
        return excel_files.blocks(path, reading, wanted)
    parts = sources.parts(path, reading.compression, UNLIMITED)
    read = json_files.blocks if reading.format == "jsonl" else csv_files.blocks
    return read(parts, reading, wanted)


def _parquet(path: Path) -> Seen:
    schema, rows = parquet_files.beginning(path, SAMPLE_ROWS)
    return Seen(
        format="parquet",
        columns=tuple(schema.names),
        rows=rows,
        notes=("format: Parquet",),
        moments=parquet_files.moments(schema),
        numbers=parquet_files.real_numbers(schema),
        unreadable=parquet_files.unreadable(schema),
    )


def _workbook(path: Path, options: ReadingOptions) -> Seen:
    check_workbook(path, options.max_bytes)
    sheet = excel_files.read_sheet(path, options.sheet, options.header)
    kinds = dict(zip(sheet.columns, sheet.rows.schema.types, strict=True))
    return Seen(
        format="xlsx",
        columns=sheet.columns,
        rows=excel_files.sample(sheet, SAMPLE_ROWS),
        notes=(f"format: Excel workbook (XLSX), sheet {sheet.name!r}", *_header_note(header=sheet.header)),
        header=sheet.header,
        sheet=sheet.name,
        moments=frozenset(name for name, kind in kinds.items() if parquet_files.is_moment(kind)),
        numbers=frozenset(name for name, kind in kinds.items() if parquet_files.is_number(kind)),
    )


def _text(path: Path, compression: str | None, options: ReadingOptions) -> Seen:
    parts = sources.parts(path, compression, options.max_bytes)
    encoding, note = _encoding(parts, options)
    if json_files.is_json(parts[0], encoding):
        return _json(parts[0], encoding, compression, _format_note("JSON Lines", parts))
    start = csv_beginning.beginning(parts[0], encoding, options.separator, options.header)
    separator = SEPARATORS.get(start.separator, repr(start.separator))
    notes = (
        f"{_format_note('CSV', parts)}, separated by {separator}",
        note,
        *_header_note(header=start.header),
    )
    return Seen(
        format="csv",
        columns=start.columns,
        rows=start.rows,
        notes=notes,
        encoding=encoding,
        separator=start.separator,
        compression=compression,
        header=start.header,
    )


def _json(part: Part, encoding: str, compression: str | None, note: str) -> Seen:
    start = json_files.beginning(part, encoding)
    return Seen(
        format="jsonl",
        columns=start.columns,
        rows=start.rows,
        notes=(note,),
        encoding=encoding,
        compression=compression,
        unreadable=dict.fromkeys(start.nested, "list or object"),
    )


def _format_note(name: str, parts: Sequence[Part]) -> str:
    if len(parts) > 1:
        return f"format: {name}, zip of {len(parts)} files, read one after the other"
    return f"format: {name}" + (f", {parts[0].compression}" if parts[0].compression else "")


def _header_note(*, header: bool) -> tuple[str, ...]:
    return () if header else ("no header: columns are called by their places; name them with --map",)


def _encoding(parts: tuple[Part, ...], options: ReadingOptions) -> tuple[str, str]:
    """Encoding and the note on it: what was chosen, a byte order mark, UTF-8, else a guess."""
    chosen = encodings.checked(options.encoding) if options.encoding else None
    content = sources.examine(parts, options.max_bytes, wide=encodings.is_wide(chosen))
    if chosen is not None:
        return chosen, f"encoding: {chosen}, as chosen"
    if content.bom is not None:
        return content.bom, f"encoding: {content.bom}, by its byte order mark"
    if content.is_utf8:
        return "utf-8", "encoding: utf-8"
    guess = encodings.guess(content.suspects)
    return guess, f"encoding: not UTF-8, looks like {guess}; choose another with --encoding"


def refuse_unreadable(path: Path, seen: Seen, mapping: Mapping[str, str]) -> None:
    """Raises FileUnreadable when a mapped column holds no plain values."""
    for name, column in mapping.items():
        if column in seen.unreadable:
            raise FileUnreadable(
                "nested_values", file=path, column=column, field=name, type=seen.unreadable[column]
            )
