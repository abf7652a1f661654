"""Rows sent over HTTP: values of JSON become text columns, and then the rules of files hold for them."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.activity import METRICS, Coverage
from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.files import FileReading
from salesml.core.imports import ImportKind, RejectedRow
from salesml.core.money import Currency
from salesml.data import activity, finishing, orders
from salesml.data.checking import BAD, Checker
from salesml.data.clock import shop_clock
from salesml.data.codes import WORDS
from salesml.data.columns import ITEM_FIELDS
from salesml.data.plan import Plan, missing, text_problems
from salesml.data.schemas import GOOD
from salesml.data.sql import quoted

_NUMBERS = frozenset({"amount", *METRICS})
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What `check_records` answers; `good` has the columns of GOOD and `source`, `repeated` counts equal
    repeats, which are left out."""

    good: pa.Table
    rejected: tuple[RejectedRow, ...]
    repeated: int
    coverage: tuple[Coverage, ...] = ()


def check_records(
    kind: ImportKind,
    records: Sequence[object],
    *,
    currency: Currency,
    zone: ZoneInfo,
    last_day: int,
    unpriced: Callable[[pa.Table], Sequence[RejectedRow]] | None = None,
) -> Checked:
    """Check objects of the fields of orders or activity; see RecordChecker of the services' ports."""
    plan = _order_plan(currency) if kind is ImportKind.ORDERS else _activity_plan()
    misshapen = list(_misshapen(records, _fields(kind)))
    texts, mistyped = _texts(records, _fields(kind), {bad.row for bad in misshapen})
    with closing(duckdb.connect(config=_CONFIG)) as con:
        clock = shop_clock(zone, last_day)
        raw = pa.table(
            {"row": texts["row"]}
            | {
                f"raw_{name}": texts.get(name, pa.nulls(len(texts["row"]), pa.string()))
                for name in plan.fields
            }
        )
        good, bad = Checker(con=con, plan=plan, clock=clock, last_day=last_day).check(raw)
        good, priceless = _without_priceless(plan, good, unpriced)
        good, repeated, differing = _without_repeats(con, plan, good)
    schema = GOOD[kind].append(pa.field("source", pa.string()))
    good = good.select(schema.names).cast(schema)
    rejected = [*misshapen, *mistyped, *_rows(bad), *priceless, *differing]
    return Checked(
        good=good,
        rejected=tuple(sorted(rejected, key=lambda each: (each.row, each.field))),
        repeated=repeated,
        coverage=tuple(_coverage(good)) if kind is ImportKind.ACTIVITY else (),
    )


def _fields(kind: ImportKind) -> tuple[str, ...]:
    names = orders.FIELDS if kind is ImportKind.ORDERS else activity.FIELDS
    return (*(name for name in names if name not in ITEM_FIELDS), "source")


def _order_plan(currency: Currency) -> Plan:
    """As for a file with order numbers, but here every order has one: it is what makes repeats harmless."""
    plan = _with_source(orders.plan(_reading(ImportKind.ORDERS), currency, ""))
    return replace(plan, problems=[*missing("order_id"), *plan.problems])


def _activity_plan() -> Plan:
    return _with_source(activity.plan(_reading(ImportKind.ACTIVITY)))


def _reading(kind: ImportKind) -> FileReading:
    columns = _fields(kind)
    return FileReading(kind=kind, format="json", columns=columns, mapping={name: name for name in columns})


def _with_source(plan: Plan) -> Plan:
    source = f"coalesce(nullif(raw_source, ''), {quoted(DEFAULT_SOURCE)})"
    return replace(
        plan,
        fields=(*plan.fields, "source"),
        steps=[*plan.steps, {"source": source}],
        problems=[*plan.problems, *text_problems("source")],
        outputs={**plan.outputs, "source": "source"},
        keys=("source", *plan.keys),
    )


def _misshapen(records: Sequence[object], fields: Sequence[str]) -> Iterator[RejectedRow]:
    known = frozenset(fields)
    for row, record in enumerate(records, 1):
        if not isinstance(record, dict):
            yield _rejected(row, "", "not_an_object")
        elif not record.keys() <= known:
            for name in record.keys() - known:
                yield _rejected(row, str(name), "unknown_field")


def _texts(
    records: Sequence[object], fields: Sequence[str], unusable: set[int]
) -> tuple[Mapping[str, pa.Array], list[RejectedRow]]:
    """Columns of text of the usable rows, with their numbers as `row`; and rows whose values are of a kind
    that is no text of theirs."""
    rows = {row: record for row, record in enumerate(records, 1) if row not in unusable}
    columns: dict[str, dict[int, str | None]] = {}
    rejected = []
    for name in fields:
        columns[name] = column = {}
        for row, record in rows.items():
            value = record.get(name) if isinstance(record, dict) else None
            code, column[row] = _number(value) if name in _NUMBERS else _text(value)
            if code:
                rejected.append(_rejected(row, name, code))
    for bad in rejected:
        rows.pop(bad.row, None)
    texts = {name: pa.array([column[row] for row in rows], pa.string()) for name, column in columns.items()}
    return {"row": pa.array(rows, pa.int64()), **texts}, rejected


def _text(value: object) -> tuple[str, str | None]:
    """A problem's code, or "" and the text."""
    if value is None:
        return "", None
    if not isinstance(value, str):
        return "not_a_string", None
    # Python's reader of JSON lets halves of characters pass that no database takes.
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        return "not_text", None
    return "", value


def _number(value: object) -> tuple[str, str | None]:
    """Numbers as plain decimals, whatever their size; a text of a number is exact beyond 15 digits too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        code, text = _text(value)
        return ("not_a_number" if code else "", text)
    if isinstance(value, int):
        return "", str(value)
    return ("", format(Decimal(repr(value)), "f")) if math.isfinite(value) else ("not_a_number", None)


def _without_priceless(
    plan: Plan, good: pa.Table, unpriced: Callable[[pa.Table], Sequence[RejectedRow]] | None
) -> tuple[pa.Table, list[RejectedRow]]:
    """What has no rate must not be judged the first row of its key: it would hide a good one behind it."""
    if unpriced is None or not _has_repeats(plan, good) or good["currency"].null_count == good.num_rows:
        return good, []
    rejected = list(unpriced(good))
    numbers = pa.array([row.row for row in rejected], pa.int64())
    return good.filter(pc.invert(pc.is_in(good["row"], value_set=numbers))), rejected


def _has_repeats(plan: Plan, good: pa.Table) -> bool:
    return bool(good.group_by(list(plan.keys)).aggregate([]).num_rows < good.num_rows)


def _without_repeats(
    con: duckdb.DuckDBPyConnection, plan: Plan, good: pa.Table
) -> tuple[pa.Table, int, list[RejectedRow]]:
    """The first row of every key; how many are equal to it, and those that differ from it."""
    if not _has_repeats(plan, good):
        return good, 0, []
    con.register("checked", good)
    firsts = finishing.judge_repeats(con, plan)
    kept = con.sql(f"{firsts} ORDER BY row").to_arrow_table() if firsts else good
    differing = con.sql("SELECT * FROM aside ORDER BY row").to_arrow_table()
    return kept, good.num_rows - kept.num_rows - differing.num_rows, list(_rows(differing))


def _coverage(good: pa.Table) -> Iterator[Coverage]:
    """The days from the first to the last on which a metric was brought."""
    for metric in METRICS:
        days = pc.min_max(good.filter(good[metric].is_valid())["day"]).as_py()
        if days["min"] is not None:
            yield Coverage(metric=metric, first_day=days["min"], last_day=days["max"])


def _rows(table: pa.Table) -> Iterator[RejectedRow]:
    return (RejectedRow(**row) for row in table.select(BAD.names[:5]).to_pylist())


def _rejected(row: int, field: str, code: str) -> RejectedRow:
    return RejectedRow(row=row, field=field, code=code, reason=WORDS[code])
