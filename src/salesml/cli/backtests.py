"""`salesml backtest`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from salesml.cli.output import Column, Json, number, print_json, print_line, print_table
from salesml.cli.work import run_job
from salesml.core.days import parse_day
from salesml.core.models import Target
from salesml.services import backtests, requests
from salesml.settings import load_settings
from salesml.wiring import open_app

METRICS: Mapping[Target, Mapping[str, tuple[str, int]]] = {
    Target.SALES: {
        "mae": ("MAE", 2),
        "rmse": ("RMSE", 2),
        "r2": ("R2", 3),
        "wape": ("WAPE", 3),
        "gini": ("Gini", 3),
        "top_decile_capture": ("top 10 %", 3),
        "aggregate_error": ("total", 3),
    },
    Target.PURCHASE: {
        "roc_auc": ("AUC", 3),
        "average_precision": ("AP", 3),
        "log_loss": ("log loss", 4),
        "brier": ("Brier", 4),
        "expected_calibration_error": ("ECE", 4),
        "lift_10": ("lift", 2),
    },
}
"""Heading and decimals of each column."""


def backtest(
    as_of: Annotated[
        list[str] | None,
        typer.Option(help="An as-of date to forecast from; may repeat. Overrides --windows."),
    ] = None,
    windows: Annotated[int, typer.Option(min=1, help="How many past dates, 30 days apart.")] = 3,
    estimator: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare this estimator with the one that serves; may repeat. 'kernel' has 5 inputs."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Compare every estimator that there is.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write what would have been served to this .csv or .parquet file."),
    ] = None,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Forecast from past dates with models that saw nothing later, and compare with what happened."""
    file = None if out is None else out.expanduser().absolute()
    with open_app(load_settings()) as app:
        if file is not None:
            app.check_export(file)
        told = run_job(
            app,
            requests.backtest,
            days=[parse_day(each) for each in as_of or []],
            windows=windows,
            estimators=[requests.ALL_ESTIMATORS] if every else estimator or [],
            out=file,
            quiet=as_json,
        )
        found = app.tx.read(backtests.get, int(str(told["backtest_id"])))
    if as_json:
        print_json({"backtest_id": str(found.id), **found.result})
        return
    for table in found.result["league"]:
        _show(table, found.result, is_pooled=True)
    for table in found.result["windows"]:
        _show(table, found.result, is_pooled=False)
    if out is not None:
        print_line(f"forecasts written to {out}")


def _show(table: Mapping[str, Any], result: Mapping[str, Any], *, is_pooled: bool) -> None:
    """A league table; taken together, with the intervals below the figures."""
    target = Target(table["target"])
    deciding, _ = METRICS[target][table["deciding_metric"]]
    judged = [each for each in table["standings"] if each["metrics"] is not None]
    if judged:
        headings = [heading for heading, _ in METRICS[target].values()]
        columns = [Column(title=f"by {deciding}"), *(Column(title=each, numeric=True) for each in headings)]
        rows = [[_name(each), *_cells(each, target, is_pooled=is_pooled)] for each in judged]
        print_table(_title(table, result, is_pooled=is_pooled), columns, rows)
    for each in table["standings"]:
        _remark(each, table, deciding)
    print_line("")


def _title(table: Mapping[str, Any], result: Mapping[str, Any], *, is_pooled: bool) -> str:
    dates = ", ".join(table["as_of"])
    if not is_pooled:
        return f"{table['target']} at {dates}: {table['rows']:,} clients"
    level = f"{result['level']:.0%} intervals"
    return f"{table['target']}, all dates together ({dates}): {table['rows']:,} rows, {level}"


def _name(standing: Mapping[str, Any]) -> str:
    marks = {"is_best": "best", "is_default": "serves", "is_baseline": "baseline"}
    said = ", ".join(text for mark, text in marks.items() if standing[mark])
    return f"{standing['name']} ({said})" if said else str(standing["name"])


def _cells(standing: Mapping[str, Any], target: Target, *, is_pooled: bool) -> Sequence[str]:
    cells = []
    for name, (_, digits) in METRICS[target].items():
        text = number(standing["metrics"][name], digits)
        if is_pooled and (found := standing["intervals"].get(name)):
            text += f"\n{number(found[0], digits)} to {number(found[1], digits)}"
        cells.append(text)
    return cells


def _remark(standing: Mapping[str, Any], table: Mapping[str, Any], deciding: str) -> None:
    name, apart = standing["name"], standing["difference"]
    if standing["reason"]:
        print_line(
            f"{table['target']} at {', '.join(table['as_of']) or 'no date'}: {name}: {standing['reason']}"
        )
    elif standing["verdict"]:
        print_line(f"{name}: {standing['verdict']}")
    if apart and not standing["is_baseline"] and apart["interval"]:
        low, high = apart["interval"]
        print_line(
            f"{name}: {deciding} {apart['value']:+.4f} ({low:+.4f} to {high:+.4f}) against what serves"
        )
