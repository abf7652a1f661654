"""Understanding a file from its beginning."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from salesml.core.activity import METRICS
from salesml.core.files import FileReading, ReadingOptions
from salesml.core.imports import ImportKind
from salesml.data import columns, dates, number_styles, tables
from salesml.data.tables import Seen

SHOWN_ROWS = 20
NUMBERS = columns.NUMBERS | {"tax", "shipping", "shipping_tax", "refunded"} | frozenset(METRICS)


def inspect(path: Path, kind: ImportKind, options: ReadingOptions) -> FileReading:
    """How the file is read: see FileReader.inspect."""
    seen = tables.look(path, options)
    understood = columns.understand(kind, seen.columns, options)
    mapping = understood.mapping
    tables.refuse_unreadable(path, seen, mapping)
    style, date_note = _date_style(options.date_format, mapping.get(columns.DATE_FIELD[kind]), seen)
    decimal, number_notes = _decimal(options.decimal, mapping, seen)
    lines = columns.are_lines(mapping, options.lines)
    return FileReading(
        kind=kind,
        format=seen.format,
        columns=seen.columns,
        mapping=mapping,
        encoding=seen.encoding,
        separator=seen.separator,
        compression=seen.compression,
        date_format=style,
        decimal=decimal,
        header=seen.header,
        sheet=seen.sheet,
        profile=understood.profile.name if understood.profile else None,
        net=understood.net,
        without_shipping=understood.without_shipping,
        lines=lines,
        notes=(
            *seen.notes,
            date_note,
            *number_notes,
            *understood.notes,
            *_mapping_notes(mapping, seen.columns, kind, lines),
        ),
        sample=tuple(seen.rows[:SHOWN_ROWS]),
    )


def _date_style(chosen: str | None, column: str | None, seen: Seen) -> tuple[str, str]:
    """Date style and the note on it. Raises Ambiguous, InvalidValue."""
    if column is not None and column in seen.moments:
        return "iso", f"dates: column {column!r} holds real dates"
    if chosen is not None:
        return dates.checked(chosen), f"dates: {chosen} ({dates.STYLES[chosen].label}), as chosen"
    if column is None:
        return "iso", "dates: none"
    style = dates.detect(_values(seen, column), column)
    if style is None:
        return "iso", f"dates: none recognised in column {column!r}; expecting iso (year-month-day)"
    return style, f"dates: {style} ({dates.STYLES[style].label}) in column {column!r}"


def _decimal(
    chosen: str | None, mapping: Mapping[str, str], seen: Seen
) -> tuple[str | None, tuple[str, ...]]:
    """Decimal mark and the note on it. Raises Ambiguous, InvalidValue."""
    if chosen is not None:
        return number_styles.checked(chosen), (f"numbers: decimal {chosen}, as chosen",)
    used = {column for name, column in mapping.items() if name in NUMBERS} - seen.numbers
    found = number_styles.detect({column: _values(seen, column) for column in sorted(used)})
    return found, (f"numbers: decimal {found}",) if found == "comma" else ()


def _values(seen: Seen, column: str) -> Iterable[str]:
    index = seen.columns.index(column)
    return (row[index] or "" for row in seen.rows)


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
