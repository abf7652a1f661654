"""What the page of a preview shows: columns with examples, and the first rows as they are understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from salesml.core.imports import ImportKind
from salesml.core.installation import Installation
from salesml.core.money import Currency
from salesml.core.previews import PREVIEW_FIELDS, Preview, PreviewRows
from salesml.web.i18n import ABSENT, N_, Language

EXAMPLES = 3
NUMBERLESS = "file:"
"""Orders without a number of their own get one that begins so."""
_NEEDED: Mapping[ImportKind, frozenset[str]] = {
    ImportKind.ORDERS: frozenset({"client_id", "ordered_at", "amount"}),
    ImportKind.CLIENTS: frozenset({"client_id"}),
    ImportKind.ACTIVITY: frozenset({"client_id", "day"}),
}
_FACTORS = frozenset({"quantity", "unit_price"})
"""An amount is their product where there is none."""
_ORDER_KINDS = {
    "sale": N_("Sale"),
    "cancellation": N_("Cancellation"),
    "refund": N_("Refund"),
    "adjustment": N_("Adjustment"),
}


@dataclass(frozen=True, kw_only=True)
class MappedField:
    """A field, the column that it is read from (empty for none), and some of what stands there.

    `is_main`: people look for it first.
    """

    name: str
    column: str
    examples: tuple[str, ...]
    is_needed: bool
    is_main: bool


@dataclass(frozen=True, kw_only=True)
class Understood:
    """First rows: each column's heading and whether it holds numbers; the cells as text."""

    headings: Sequence[tuple[str, bool]]
    lines: Sequence[Sequence[str]]


def mapped_fields(preview: Preview, rows: PreviewRows) -> list[MappedField]:
    """Every field of the kind: those that are mapped or looked for first."""
    reading = preview.reading
    needed = _NEEDED[reading.kind]
    if reading.mapping.keys() >= _FACTORS:
        needed = needed - {"amount"}
    fields = [
        MappedField(
            name=name,
            column=reading.mapping.get(name, ""),
            examples=_examples(reading.columns, rows, reading.mapping.get(name)),
            is_needed=name in needed,
            is_main=name in reading.mapping or name in needed or name == "order_id",
        )
        for name in PREVIEW_FIELDS[reading.kind]
    ]
    return sorted(fields, key=lambda field: not field.is_main)


def understood(language: Language, here: Installation, kind: ImportKind, rows: PreviewRows) -> Understood:
    """The good rows of the beginning in words and numbers of the reader."""
    match kind:
        case ImportKind.ORDERS:
            return _orders(language, here, rows)
        case ImportKind.CLIENTS:
            return _clients(language, here, rows)
        case ImportKind.ACTIVITY:
            return _activity(language, rows)


def _examples(columns: Sequence[str], rows: PreviewRows, column: str | None) -> tuple[str, ...]:
    if column is None or column not in columns:
        return ()
    place = columns.index(column)
    cells = (row[place] for row in rows.cells if place < len(row))
    return tuple(dict.fromkeys(cell.strip() for cell in cells if cell and cell.strip()))[:EXAMPLES]


def _orders(language: Language, here: Installation, rows: PreviewRows) -> Understood:
    say = language.gettext
    headings = [
        *((say(N_("Order number")), False), (say(N_("Client number")), False)),
        *((say(N_("Date of the order")), False), (say(N_("Kind")), False), (say(N_("Amount")), True)),
    ]
    lines = [
        [
            ABSENT if str(row["order_id"]).startswith(NUMBERLESS) else str(row["order_id"]),
            _text(row["client_external_id"], say(N_("guest"))),
            _instant(language, here, row["ordered_at"]),
            say(_ORDER_KINDS[str(row["kind"])]),
            _money(language, here, row),
        ]
        for row in rows.good
    ]
    return Understood(headings=headings, lines=lines)


def _clients(language: Language, here: Installation, rows: PreviewRows) -> Understood:
    say = language.gettext
    headings = [
        *((say(N_("Client number")), False), (say(N_("First name")), False)),
        *((say(N_("Last name")), False), (say(N_("E-mail address")), False)),
        (say(N_("Registered")), False),
    ]
    names = ("client_external_id", "first_name", "last_name", "email")
    lines = [
        [*(_text(row[name]) for name in names), _instant(language, here, row["registered_at"])]
        for row in rows.good
    ]
    return Understood(headings=headings, lines=lines)


def _activity(language: Language, rows: PreviewRows) -> Understood:
    say = language.gettext
    headings = [
        *((say(N_("Client number")), False), (say(N_("Day")), False), (say(N_("Visits")), True)),
        *((say(N_("Seconds on site")), True), (say(N_("Ad clicks")), True)),
        (say(N_("Newsletter opens")), True),
    ]
    metrics = ("visits", "seconds_on_site", "ad_clicks", "newsletter_opens")
    lines = [
        [
            _text(row["client_external_id"]),
            language.day(_whole(row["day"])),
            *(language.number(_whole(row[name])) for name in metrics),
        ]
        for row in rows.good
    ]
    return Understood(headings=headings, lines=lines)


def _text(value: object, absent: str = ABSENT) -> str:
    return absent if value is None else str(value)


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))


def _instant(language: Language, here: Installation, value: object) -> str:
    at = _whole(value)
    return language.instant(None if at is None else datetime.fromtimestamp(at, UTC), here.zone)


def _money(language: Language, here: Installation, row: Mapping[str, object]) -> str:
    currency = Currency(str(row["currency"])) if row.get("currency") else here.currency
    amount: Decimal = currency.to_major(_whole(row["amount"]) or 0)
    return language.money(amount, currency.code)
