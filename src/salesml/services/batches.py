"""Both five-feature forecasts for many clients at once, from records or from columns.

A bad row never stops a batch: the good ones are answered, the bad ones named. Rows count from 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from salesml.core.errors import InvalidValue
from salesml.core.imports import RejectedRow
from salesml.core.inputs import INPUTS, NAMES, PURCHASES, RECENCY, RECENCY_REASON, Fault, Input, fault
from salesml.core.models import Target
from salesml.services.answers import PurchaseAnswers, SalesAnswers
from salesml.services.serving import Serving

MAX_ROWS = 10_000
Values = Sequence[object]
T = TypeVar("T")
_ABSENT = object()
_PLAIN = {int, float, bool, type(None)}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Inputs by name, one value of JSON a row, as they came; `rejected` are rows of no use at all."""

    columns: Mapping[str, Values]
    rows: int
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BatchAnswer(Generic[T]):
    """`answers` belong to the `rows`, by their numbers; None when no row was good."""

    rows: Sequence[int]
    answers: T | None
    rejected: Sequence[RejectedRow]


def from_records(target: Target, records: object) -> Batch:
    """Raises InvalidValue unless it is a list of 1 to MAX_ROWS values; a record need not be an object."""
    if not isinstance(records, list):
        raise InvalidValue("records", "must be a list of objects")
    _check_length("records", len(records))
    names = frozenset(NAMES[target])
    rejected = [bad for number, record in enumerate(records, 1) for bad in _misshapen(number, record, names)]
    shaped = [record if isinstance(record, dict) else {} for record in records]
    columns = {name: [record.get(name, _ABSENT) for record in shaped] for name in NAMES[target]}
    return Batch(columns=columns, rows=len(records), rejected=tuple(rejected))


def from_columns(target: Target, columns: object) -> Batch:
    """Raises InvalidValue unless exactly the inputs are there, as equally long lists of 1 to MAX_ROWS."""
    if not isinstance(columns, dict):
        raise InvalidValue("columns", "must be an object of lists")
    for name in NAMES[target]:
        if not isinstance(columns.get(name), list):
            raise InvalidValue(name, "is missing" if name not in columns else "must be a list")
    for name in columns:
        if name not in NAMES[target]:
            raise InvalidValue(str(name), "is not an input of this forecast")
    lengths = {name: len(values) for name, values in columns.items()}
    rows = max(lengths.values())
    for name, length in lengths.items():
        if length != rows:
            raise InvalidValue(name, f"has {length:,} values where another column has {rows:,}")
    _check_length("columns", rows)
    return Batch(columns=columns, rows=rows)


def predict_sales(serving: Serving, batch: Batch) -> BatchAnswer[SalesAnswers]:
    """Raises NoModel while no version answers."""
    rows, inputs, rejected = _checked(Target.SALES, batch)
    answers = serving.predict_sales_columns(inputs) if len(rows) else None
    return BatchAnswer(rows=rows, answers=answers, rejected=rejected)


def predict_purchase(serving: Serving, batch: Batch) -> BatchAnswer[PurchaseAnswers]:
    """Raises NoModel while no version answers."""
    rows, inputs, rejected = _checked(Target.PURCHASE, batch)
    answers = serving.predict_purchase_columns(inputs) if len(rows) else None
    return BatchAnswer(rows=rows, answers=answers, rejected=rejected)


def _check_length(field: str, length: int) -> None:
    if not 1 <= length <= MAX_ROWS:
        raise InvalidValue(field, f"must have 1 to {MAX_ROWS:,} rows, has {length:,}")


def _misshapen(row: int, record: object, names: frozenset[str]) -> list[RejectedRow]:
    if not isinstance(record, dict):
        return [RejectedRow(row=row, field="", code="not_an_object", reason="must be an object")]
    return [
        RejectedRow(row=row, field=str(name), code="unknown_field", reason="is not an input of this forecast")
        for name in record.keys() - names
    ]


def _checked(
    target: Target, batch: Batch
) -> tuple[Sequence[int], Mapping[str, NDArray[np.float64]], Sequence[RejectedRow]]:
    """Numbers of the good rows, their inputs, and every fault of the others, by row."""
    rejected = list(batch.rejected)
    unusable = {bad.row for bad in rejected if bad.code == "not_an_object"}
    inputs = {}
    for rule in INPUTS[target]:
        inputs[rule.name], faults = _column(rule, batch.columns[rule.name])
        rejected += [_rejected(row, wrong) for row, wrong in faults if row not in unusable]
    if target is Target.SALES:
        known_bad = {bad.row for bad in rejected}
        rejected += [_rejected(row, _NO_RECENCY) for row in _without_recency(inputs, known_bad)]
    bad_rows = {bad.row for bad in rejected}
    good = np.array([row not in bad_rows for row in range(1, batch.rows + 1)])
    rows: list[int] = (np.flatnonzero(good) + 1).tolist()
    rejected.sort(key=lambda bad: (bad.row, bad.field))
    return rows, {name: values[good] for name, values in inputs.items()}, rejected


_NO_RECENCY = Fault(field=RECENCY, code="null", reason=RECENCY_REASON)


def _without_recency(inputs: Mapping[str, NDArray[np.float64]], known_bad: set[int]) -> list[int]:
    wrong = np.isnan(inputs[RECENCY]) & (inputs[PURCHASES] > 0)
    return [row for row in (np.flatnonzero(wrong) + 1).tolist() if row not in known_bad]


def _column(rule: Input, values: Values) -> tuple[NDArray[np.float64], list[tuple[int, Fault]]]:
    """The column as floats, NaN for null and for what is wrong, and the faults by row."""
    if set(map(type, values)) <= _PLAIN and (fast := _fast(rule, values)) is not None:
        return fast, []
    faults = [(row, wrong) for row, value in enumerate(values, 1) if (wrong := _fault(rule, value))]
    bad = {row for row, _ in faults}
    numbers = [None if row in bad else value for row, value in enumerate(values, 1)]
    return np.array(numbers, dtype=np.float64), faults


def _fast(rule: Input, values: Values) -> NDArray[np.float64] | None:
    """A column without any fault, by whole arrays; None when it has to be looked at value by value."""
    kinds = set(map(type, values))
    if (bool in kinds and not rule.flag) or (type(None) in kinds and not rule.nullable):
        return None
    try:
        column = np.array(values, dtype=np.float64)
    except OverflowError:
        return None
    given = column if type(None) not in kinds else column[[value is not None for value in values]]
    with np.errstate(invalid="ignore"):
        good = (given >= 0) & (given <= rule.maximum)
    if rule.whole:
        good &= given == np.floor(given)
    return column if bool(good.all()) else None


def _fault(rule: Input, value: object) -> Fault | None:
    if value is _ABSENT:
        return Fault(field=rule.name, code="missing", reason="is missing")
    return fault(rule, value)


def _rejected(row: int, wrong: Fault) -> RejectedRow:
    return RejectedRow(row=row, field=wrong.field, code=wrong.code, reason=wrong.reason)
