"""League tables of backtests as people read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesml.core.models import Target
from salesml.web import report_texts
from salesml.web.i18n import ABSENT, N_, Language
from salesml.web.model_texts import BASELINES, ESTIMATORS, TARGETS


@dataclass(frozen=True, kw_only=True)
class ColumnText:
    """`unit` is money, share or empty; `digits` decimals."""

    name: str
    label: str
    hint: str
    unit: str = ""
    digits: int = 3


COLUMNS: Mapping[Target, tuple[ColumnText, ...]] = {
    Target.SALES: (
        ColumnText(
            name="mae",
            label=N_("MAE"),
            hint=N_("mean error of a client; less is better"),
            unit="money",
            digits=2,
        ),
        ColumnText(
            name="rmse",
            label=N_("RMSE"),
            hint=N_("the same with large errors weighing more; decides who comes first"),
            unit="money",
            digits=2,
        ),
        ColumnText(
            name="r2",
            label=N_("R²"),
            hint=N_("share of the differences between clients that is explained; 1 is perfect"),
        ),
        ColumnText(
            name="wape",
            label=N_("WAPE"),
            hint=N_("all errors added up, as a share of all sales; less is better"),
            unit="share",
            digits=1,
        ),
        ColumnText(
            name="gini",
            label=N_("Gini"),
            hint=N_("how much of the perfect order of clients is found: 1 all of it, 0 none"),
        ),
        ColumnText(
            name="top_decile_capture",
            label=N_("Top 10 %"),
            hint=N_("share of all sales that the tenth with the highest forecasts makes; more is better"),
            unit="share",
            digits=1,
        ),
        ColumnText(
            name="aggregate_error",
            label=N_("Total"),
            hint=N_("forecast of all clients together against their sales; near 0 is best"),
            unit="share",
            digits=1,
        ),
    ),
    Target.PURCHASE: (
        ColumnText(
            name="roc_auc",
            label=N_("AUC"),
            hint=N_("how well buyers are ranked first; 0.5 is chance, 1 perfect"),
        ),
        ColumnText(
            name="average_precision",
            label=N_("AP"),
            hint=N_("the same, where few buy: the mean share of buyers from the top down; more is better"),
        ),
        ColumnText(
            name="log_loss",
            label=N_("Log loss"),
            hint=N_("error of the probabilities; less is better; decides who comes first"),
            digits=4,
        ),
        ColumnText(
            name="brier",
            label=N_("Brier score"),
            hint=N_("squared error of the probabilities; less is better"),
            digits=4,
        ),
        ColumnText(
            name="expected_calibration_error",
            label=N_("ECE"),
            hint=N_("how far probabilities lie from what happened; less is better"),
            digits=4,
        ),
        ColumnText(
            name="lift_10",
            label=N_("Lift"),
            hint=N_("how many times more buyers the most probable tenth has than a tenth at random"),
            digits=2,
        ),
    ),
}
_KERNEL = {"kernel": N_("regression on five inputs")}
_REASONS = (
    (r"failed: (?P<why>.*)", N_("Failed (%(why)s).")),
    (
        r"its label ends on (?P<day>\S+), the orders on (?P<last>\S+)",
        N_("What is forecast ends on %(day)s, and orders are known up to %(last)s."),
    ),
    (r"no date could be judged", N_("No date could be judged.")),
    (
        r"judged at (?P<some>\d+) of (?P<all>\d+) dates(: (?P<reason>.*))?",
        N_("Judged at %(some)s of %(all)s dates. %(reason)s"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure, and between which two it lies where that is told."""

    label: str
    value: str
    between: str | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model or baseline. `apart` tells how far it is from the recipe that serves, `is_ahead` whether it
    has proved better; without cells, `reason` says why."""

    name: str
    is_best: bool
    is_default: bool
    is_baseline: bool
    cells: tuple[Cell, ...]
    apart: str | None
    is_ahead: bool
    remark: str | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class LeagueTable:
    """`rows` were judged, `missing` were not."""

    target: Target
    title: str
    days: tuple[date, ...]
    clients: int
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    missing: tuple[Row, ...]


def league(
    language: Language, result: Mapping[str, Any]
) -> dict[Target, tuple[LeagueTable, list[LeagueTable]]]:
    """By target: all dates together with intervals, and each date."""
    together = [_table(language, each, result, is_pooled=True) for each in result["league"]]
    alone = [_table(language, each, result, is_pooled=False) for each in result["windows"]]
    return {each.target: (each, [one for one in alone if one.target is each.target]) for each in together}


def reason(language: Language, text: str) -> str:
    """Why somebody has no figures, in the reader's language."""
    for pattern, message in _REASONS:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            values = {name: _value(language, name, value or "") for name, value in found.groupdict().items()}
            return language.gettext(message, **values).strip()
    return report_texts.said(language, text)


def names() -> dict[str, str]:
    """What models and baselines are called, as message ids by name."""
    return {**ESTIMATORS, **BASELINES, **_KERNEL}


def name_of(language: Language, name: str) -> str:
    """What a model or a baseline is called."""
    known = names()
    return language.gettext(known[name]) if name in known else name


def _value(language: Language, name: str, value: str) -> str:
    if name == "reason":
        return reason(language, value)
    return language.day(date.fromisoformat(value)) if name in ("day", "last") else value


def _table(
    language: Language, table: Mapping[str, Any], result: Mapping[str, Any], *, is_pooled: bool
) -> LeagueTable:
    target = Target(table["target"])
    rows = [
        _row(language, each, target, result, table["deciding_metric"], is_pooled)
        for each in table["standings"]
    ]
    return LeagueTable(
        target=target,
        title=language.gettext(TARGETS[target]),
        days=tuple(date.fromisoformat(day) for day in table["as_of"]),
        clients=table["rows"],
        columns=tuple(
            (_heading(language, column, result["currency"]), language.gettext(column.hint))
            for column in COLUMNS[target]
        ),
        rows=tuple(row for row in rows if row.cells),
        missing=tuple(row for row in rows if not row.cells),
    )


def _row(
    language: Language,
    standing: Mapping[str, Any],
    target: Target,
    result: Mapping[str, Any],
    deciding: str,
    is_pooled: bool,
) -> Row:
    apart = standing["difference"] if not standing["is_baseline"] and is_pooled else None
    return Row(
        name=name_of(language, standing["name"]),
        is_best=standing["is_best"],
        is_default=standing["is_default"],
        is_baseline=standing["is_baseline"],
        cells=_cells(language, standing, target, result["currency"], is_pooled),
        apart=apart and _apart(language, apart, _column(target, deciding), result["currency"]),
        is_ahead=bool(apart and apart["interval"] and apart["interval"][1] < 0),
        remark=report_texts.said(language, standing["verdict"]) if standing["verdict"] else None,
        reason=reason(language, standing["reason"]) if standing["reason"] else None,
    )


def _cells(
    language: Language, standing: Mapping[str, Any], target: Target, currency: str, is_pooled: bool
) -> tuple[Cell, ...]:
    if standing["metrics"] is None:
        return ()
    intervals = standing["intervals"] if is_pooled else {}
    return tuple(
        Cell(
            label=_heading(language, column, currency),
            value=_figure(language, column, standing["metrics"].get(column.name)),
            between=_between(language, column, intervals.get(column.name)),
        )
        for column in COLUMNS[target]
    )


def _heading(language: Language, column: ColumnText, currency: str) -> str:
    label = language.gettext(column.label)
    return f"{label}, {currency}" if column.unit == "money" else label


def _figure(language: Language, column: ColumnText, value: object) -> str:
    if not isinstance(value, int | float):
        return ABSENT
    if column.unit == "share":
        return language.percent(value, column.digits)
    return language.number(value, column.digits)


def _between(language: Language, column: ColumnText, bounds: Sequence[float] | None) -> str | None:
    if not bounds:
        return None
    low, high = (_figure(language, column, value) for value in bounds)
    return f"{low} {ABSENT} {high}"


def _apart(language: Language, difference: Mapping[str, Any], column: ColumnText, currency: str) -> str:
    value, bounds = difference["value"], difference["interval"]
    label, text = _heading(language, column, currency), _signed(language, column, value)
    if not bounds:
        return f"{label}: {text}"
    low, high = (_signed(language, column, each) for each in bounds)
    return language.gettext(
        N_("%(label)s: %(value)s (%(between)s) against what serves"),
        label=label,
        value=text,
        between=f"{low} {ABSENT} {high}",
    )


def _signed(language: Language, column: ColumnText, value: float) -> str:
    text = language.number(value, column.digits)
    return f"+{text}" if value > 0 else text


def _column(target: Target, name: str) -> ColumnText:
    return next(column for column in COLUMNS[target] if column.name == name)
