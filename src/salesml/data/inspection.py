"""Understanding a file from its beginning."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from salesml.core.errors import FileUnreadable
from salesml.core.files import FileReading, ReadingOptions
from salesml.core.imports import ImportKind
from salesml.data import columns, csv_files, dates, encodings, parquet_files, sources

SHOWN_ROWS = 20
DECIMAL_COMMA = re.compile(r"[+-]?[0-9][0-9. ]*,[0-9]{1,2}")


def inspect(path: Path, kind: ImportKind, options: ReadingOptions) -> FileReading:
    """How the file is read: see FileReader.inspect."""
    sources.check_file(path, options.max_bytes)
    if sources.is_parquet(path):
        return _inspect_parquet(path, kind, options)
    return _inspect_csv(path, kind, options)


def _inspect_parquet(path: Path, kind: ImportKind, options: ReadingOptions) -> FileReading:
    schema, rows = parquet_files.beginning(path, csv_files.SAMPLE_ROWS)
    names = tuple(schema.names)
    mapping = columns.map_columns(kind, names, options.mapping)
    parquet_files.check_types(path, schema, mapping)
    column = mapping.get(columns.DATE_FIELD[kind])
    if column is not None and parquet_files.is_moment(schema, column):
        style, note = "iso", f"dates: column {column!r} holds real dates"
    else:
        style, note = _date_style(options.date_format, column, names, rows)
    lines = columns.are_lines(mapping, options.lines)
    return FileReading(
        kind=kind,
        format="parquet",
        columns=names,
        mapping=mapping,
        date_format=style,
        lines=lines,
        notes=("format: Parquet", note, *_mapping_notes(mapping, names, kind, lines)),
        sample=tuple(rows[:SHOWN_ROWS]),
    )


def _inspect_csv(path: Path, kind: ImportKind, options: ReadingOptions) -> FileReading:
    compression = sources.compression_of(path)
    encoding, encoding_note = _encoding(path, compression, options)
    start = csv_files.beginning(path, compression, encoding, options.separator)
    mapping = columns.map_columns(kind, start.columns, options.mapping)
    column = mapping.get(columns.DATE_FIELD[kind])
    style, date_note = _date_style(options.date_format, column, start.columns, start.rows)
    _refuse_decimal_commas(path, mapping, start)
    lines = columns.are_lines(mapping, options.lines)
    separator = csv_files.SEPARATORS.get(start.separator, repr(start.separator))
    return FileReading(
        kind=kind,
        format="csv",
        columns=start.columns,
        mapping=mapping,
        encoding=encoding,
        separator=start.separator,
        compression=compression,
        date_format=style,
        lines=lines,
        notes=(
            f"format: CSV{', gzip' if compression else ''}, separated by {separator}",
            encoding_note,
            date_note,
            *_mapping_notes(mapping, start.columns, kind, lines),
        ),
        sample=start.rows[:SHOWN_ROWS],
    )


def _refuse_decimal_commas(path: Path, mapping: Mapping[str, str], start: csv_files.Beginning) -> None:
    # Beside them a point means thousands: 1.234 would be taken for 1.23.
    for field in columns.NUMBERS & mapping.keys():
        index = start.columns.index(mapping[field])
        for row in start.rows:
            if DECIMAL_COMMA.fullmatch(row[index].strip()):
                raise FileUnreadable(
                    f"{path}: column {mapping[field]!r} has {row[index].strip()!r}: decimal commas are not "
                    "read yet; write numbers with a point, as 1234.50"
                )


def _encoding(path: Path, compression: str | None, options: ReadingOptions) -> tuple[str, str]:
    """Encoding and the note on it: what was chosen, a byte order mark, UTF-8, else a guess."""
    chosen = encodings.checked(options.encoding) if options.encoding else None
    content = sources.examine(path, compression, options.max_bytes, wide=encodings.is_wide(chosen))
    if chosen is not None:
        return chosen, f"encoding: {chosen}, as chosen"
    if content.bom is not None:
        return content.bom, f"encoding: {content.bom}, by its byte order mark"
    if content.is_utf8:
        return "utf-8", "encoding: utf-8"
    guess = encodings.guess(content.suspects)
    return guess, f"encoding: not UTF-8, looks like {guess}; choose another with --encoding"


def _date_style(
    chosen: str | None, column: str | None, names: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]
) -> tuple[str, str]:
    """Date style and the note on it. Raises Ambiguous."""
    if chosen is not None:
        return dates.checked(chosen), f"dates: {chosen} ({dates.STYLES[chosen].label}), as chosen"
    if column is None:
        return "iso", "dates: none"
    index = names.index(column)
    style = dates.detect((row[index] or "" for row in rows), column)
    if style is None:
        return "iso", f"dates: none recognised in column {column!r}; expecting iso (year-month-day)"
    return style, f"dates: {style} ({dates.STYLES[style].label}) in column {column!r}"


def _mapping_notes(
    mapping: Mapping[str, str], names: tuple[str, ...], kind: ImportKind, lines: bool
) -> list[str]:
    notes = [f"{name}: column {mapping[name]!r}" for name in columns.SYNONYMS[kind] if name in mapping]
    unused = [name for name in names if name not in mapping.values()]
    if unused:
        notes.append(f"not used: {', '.join(unused)}")
    if lines:
        notes.append("rows are line items, summed into orders by order_id")
    if kind is ImportKind.ORDERS and "order_id" not in mapping:
        notes.append("no order numbers: every row is an order of its own")
    return notes
