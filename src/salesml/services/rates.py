"""Exchange rates: kept by day, and applied to orders that were paid in other currencies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.days import date_of, day_of
from salesml.core.errors import InvalidValue
from salesml.core.imports import RejectedRow
from salesml.core.money import Currency
from salesml.core.pages import DEFAULT_LIMIT, Page, check_limit, decode_cursor, encode_cursor
from salesml.core.rates import MAX_AGE_DAYS, Rate, RateTable, convert
from salesml.services import installation
from salesml.services.ports.unit_of_work import UnitOfWork

MAX_RATES = 100_000
_SCOPE = "rates"


@dataclass(frozen=True, kw_only=True)
class Converted:
    """Orders with `amount` in the installation's currency, and `original_amount` and `original_currency`
    where that is another one; and those for which there is no rate."""

    rows: pa.Table
    rejected: Sequence[RejectedRow]


def put(uow: UnitOfWork, rates: Sequence[Rate], *, actor: str, now: datetime) -> int:
    """Store rates, in the place of those of the same currency and day; answers how many.

    Orders that are stored already keep what they were converted to. Raises InvalidValue for the
    installation's own currency and for more than MAX_RATES.
    """
    own = installation.current(uow).currency.code
    if any(rate.currency == own for rate in rates):
        raise InvalidValue("currency", f"{own} is the currency of this installation: its rate is 1")
    if not 1 <= len(rates) <= MAX_RATES:
        raise InvalidValue("rates", f"must be 1 to {MAX_RATES:,} rates, are {len(rates):,}")
    uow.rates.put(rates)
    currencies = sorted({rate.currency for rate in rates})
    uow.audit.add(
        at=now,
        actor=actor,
        action="rates.put",
        subject="rates " + ", ".join(currencies),
        detail={"rates": len(rates)},
    )
    return len(rates)


def remove(uow: UnitOfWork, currency: str, *, actor: str, now: datetime) -> int:
    """Forget the rates of a currency; answers how many there were."""
    count = uow.rates.remove(Currency(currency).code)
    subject = f"rates {currency}"
    uow.audit.add(at=now, actor=actor, action="rates.removed", subject=subject, detail={"rates": count})
    return count


def page(uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> Page[Rate]:
    """Rates by currency and day. Raises InvalidValue, InvalidCursor."""
    after = None
    if cursor is not None:
        currency, day = decode_cursor(_SCOPE, cursor, ((str,), (int,)))
        after = str(currency), int(str(day))
    found = uow.rates.page(check_limit(limit) + 1, after)
    items = tuple(found[:limit])
    more = len(found) > limit
    key = (items[-1].currency, items[-1].day) if more else ()
    return Page(items=items, next_cursor=encode_cursor(_SCOPE, key) if more else None)


def converted(uow: UnitOfWork, source: str, rows: pa.Table) -> Converted:
    """Convert a chunk of orders, each by the latest rate not after its day and at most MAX_AGE_DAYS old.

    What goes back on another order takes the rate of that one's day, so that all of it is gone: by
    `rate_day`, or by looking the order up in the chunk and among the stored ones. Columns of
    `FileReader.good`; `currency` is null where it is the installation's. What has an `original_amount` is
    converted already.
    """
    currencies = rows["currency"].to_pylist()
    foreign = [place for place, currency in enumerate(currencies) if currency is not None]
    if not foreign:
        none = pa.nulls(rows.num_rows, pa.int64())
        return Converted(rows=_priced(rows, rows["amount"], none), rejected=())
    own = installation.current(uow).currency
    amounts = rows["amount"].to_pylist()
    originals = rows["original_amount"].to_pylist()
    unconverted = [place for place in foreign if originals[place] is None]
    for place in unconverted:
        originals[place] = amounts[place]
    rejected = {}
    for place, day, rate in _rates(uow, source, rows, unconverted):
        try:
            amounts[place] = convert(amounts[place], _known(rate, currencies[place], day), own)
        except InvalidValue as error:
            code = "no_rate" if rate is None else "out_of_range"
            rejected[place] = RejectedRow(
                row=rows["row"][place].as_py(),
                field=error.field,
                code=code,
                reason=error.reason,
                raw=currencies[place],
            )
    kept = [place for place in range(rows.num_rows) if place not in rejected]
    priced = _priced(rows, pa.array(amounts, pa.int64()), pa.array(originals, pa.int64()))
    return Converted(rows=priced.take(pa.array(kept, pa.int64())), rejected=list(rejected.values()))


def unpriced(uow: UnitOfWork, rows: pa.Table) -> Sequence[RejectedRow]:
    """Those of a batch of orders, with their `source`, that cannot be converted."""
    found: list[RejectedRow] = []
    for source in pc.unique(rows["source"]).to_pylist():
        found += converted(uow, source, rows.filter(pc.equal(rows["source"], source))).rejected
    return found


def _priced(rows: pa.Table, amounts: pa.Array, originals: pa.Array) -> pa.Table:
    place = rows.column_names.index("amount")
    return (
        rows.drop_columns(["original_amount"])
        .set_column(place, "amount", amounts)
        .append_column("original_amount", originals)
        .append_column("original_currency", rows["currency"])
    )


def _known(rate: Rate | None, currency: str, day: int) -> Rate:
    if rate is None:
        raise InvalidValue(
            "currency",
            f"there is no rate of {currency} for {date_of(day)} or the {MAX_AGE_DAYS} days before",
        )
    return rate


def _rates(
    uow: UnitOfWork, source: str, rows: pa.Table, foreign: Sequence[int]
) -> Iterator[tuple[int, int, Rate | None]]:
    """Place, day and rate of every order that is to be converted."""
    if not foreign:
        return
    chosen = rows.take(pa.array(foreign, pa.int64()))
    days = _rate_days(uow, source, rows, chosen)
    currencies = chosen["currency"].to_pylist()
    table = RateTable(uow.rates.between(set(currencies), min(days) - MAX_AGE_DAYS, max(days)))
    for place, day, currency in zip(foreign, days, currencies, strict=True):
        yield place, day, table.of(currency, day)


def _rate_days(uow: UnitOfWork, source: str, rows: pa.Table, chosen: pa.Table) -> list[int]:
    """The days whose rates hold for the chosen orders."""
    linked = chosen.filter(pc.and_(chosen["cancels"].is_valid(), chosen["rate_day"].is_null()))
    sales: dict[str, int] = {}
    if linked.num_rows:
        wanted = linked["cancels"].to_pylist()
        zone = installation.current(uow).zone
        stored = uow.orders.existing(source, wanted)
        sales = {name: day_of(order.ordered_at, zone) for name, (_, order) in stored.items()}
        there = rows.filter(pc.is_in(rows["order_id"], value_set=pa.array(wanted, pa.string())))
        sales |= zip(there["order_id"].to_pylist(), there["ordered_day"].to_pylist(), strict=True)
    return [
        given if given is not None else sales.get(cancels, day)
        for given, cancels, day in zip(
            *(chosen[name].to_pylist() for name in ("rate_day", "cancels", "ordered_day")), strict=True
        )
    ]
