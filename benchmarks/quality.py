"""`make bench-quality DATA=<folder>`: the backtest of every estimator on public sets, as Markdown.

Figures are means over the dates of a set, each beside a 95 % interval by a bootstrap of whole clients; the
currency is that of the set. `--write` keeps them in docs/benchmarks-quality.md.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from benchmarks.public_sets import PublicSet, sets_in
from salesml.core.days import date_of
from salesml.core.models import DEFAULT_THRESHOLD, Target
from salesml.ml.backtest import hold
from salesml.ml.bootstrap import DRAWS, Interval, Resampling, drawn_metrics, interval, resampling
from salesml.ml.contest import Contest, Recipe, contenders_for
from salesml.ml.evaluation import DECIDING_METRIC
from salesml.ml.league import Contender, Terms, measure, pooled

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks-quality.md"
INTRODUCTION = """# How good the forecasts are on public data

Written by `make bench-quality DATA=<folder> WRITE=1` from a folder with the orders and a `windows.json` that
names the dates. At each date every estimator learns from orders up to that day only, forecasts the sales of
the next 30 days and a purchase within 14 days for every client with an order by then, and is compared with
what happened.

Figures are means over the dates, below them 95 % intervals by a bootstrap of whole clients. **Bold** is the
default recipe; the best by RMSE or log loss comes first. [How to read the columns](guides/backtests.md).
"""
COLUMNS: Mapping[Target, Mapping[str, tuple[str, int]]] = {
    Target.SALES: {
        "mae": ("MAE", 3),
        "rmse": ("RMSE", 2),
        "r2": ("R2", 3),
        "aggregate_error": ("total", 3),
        "gini": ("Gini", 4),
        "top_decile_capture": ("top 10 %", 3),
    },
    Target.PURCHASE: {
        "roc_auc": ("AUC", 4),
        "average_precision": ("AP", 3),
        "log_loss": ("log loss", 4),
        "brier": ("Brier", 4),
        "expected_calibration_error": ("ECE", 4),
        "lift_10": ("lift", 2),
    },
}
"""Heading and decimals by metric."""
TITLES = {Target.SALES: "Sales of the next 30 days", Target.PURCHASE: "Purchase within 14 days"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of a table: means over the dates with their intervals, or the reason why there are none."""

    name: str
    is_default: bool
    values: Mapping[str, float]
    intervals: Mapping[str, Interval | None]
    reason: str | None = None


def report(found: PublicSet, draws: int = DRAWS) -> Iterator[str]:
    """The set's section, line by line."""
    recipe = Recipe(
        threshold=DEFAULT_THRESHOLD,
        currency=found.currency,
        last_day=pc.max(found.history.orders["day"]).as_py(),
        others={target: contenders_for(target) for target in Target},
    )
    contests, _ = hold(found.history, found.days, recipe, None, _tell)
    yield f"\n## {found.source.title or found.name}\n"
    if found.note:
        yield f"{found.note}\n"
    yield f"Source: {found.source.citation}\n"
    yield f"Dates: {', '.join(map(str, map(date_of, found.days)))}. Money in {found.currency.code}."
    for target in Target:
        held = [each for each in contests if each.target is target]
        yield f"\n### {TITLES[target]}\n"
        yield from _table(target, lines(target, held, recipe, draws), is_mean=True)
        for one in held:
            yield f"\n{date_of(one.day)} alone:\n"
            yield from _table(target, lines(target, [one], recipe, draws), is_mean=False)


def lines(target: Target, held: Sequence[Contest], recipe: Recipe, draws: int) -> list[Line]:
    """Everybody's means over the dates, the best first."""
    clients = [window.clients for one in held for each in one.contenders for window in each.windows]
    drawn = resampling(clients, draws=draws)
    made = [_line(target, each, recipe, drawn) for each in pooled([one.contenders for one in held])]
    deciding = DECIDING_METRIC[target]
    return sorted(made, key=lambda line: line.values.get(deciding, np.inf))


def _line(target: Target, one: Contender, recipe: Recipe, drawn: Resampling) -> Line:
    is_default = one.name == recipe.default(target)
    if not one.windows:
        return Line(name=one.name, is_default=is_default, values={}, intervals={}, reason=one.reason)
    terms = Terms(threshold=recipe.threshold, exponent=recipe.currency.exponent, default=one.name)
    results = [measure(target, [window], drawn, terms) for window in one.windows]
    values = {name: [result.metrics[name] for result in results] for name in drawn_metrics(target)}
    return Line(
        name=one.name,
        is_default=is_default,
        values={name: _mean(found) for name, found in values.items()},
        intervals={
            name: interval(np.mean([result.draws[name] for result in results], axis=0)) for name in values
        },
    )


def _mean(values: Sequence[object]) -> float:
    """NaN where one of the dates has no value."""
    known = [value for value in values if isinstance(value, float)]
    return float(np.mean(known)) if len(known) == len(values) else float("nan")


def _table(target: Target, lines: Sequence[Line], *, is_mean: bool) -> Iterator[str]:
    columns = COLUMNS[target]
    yield "| model | " + " | ".join(heading for heading, _ in columns.values()) + " |"
    yield "|---|" + "---:|" * len(columns)
    for line in lines:
        name = f"**{line.name}**" if line.is_default else line.name
        if line.reason:
            yield f"| {name}: {line.reason} |" + " |" * len(columns)
        else:
            cells = (_cell(line, metric, digits, is_mean=is_mean) for metric, (_, digits) in columns.items())
            yield f"| {name} | " + " | ".join(cells) + " |"


def _cell(line: Line, metric: str, digits: int, *, is_mean: bool) -> str:
    value, between = line.values[metric], line.intervals[metric]
    if np.isnan(value):
        return "-"
    if between is None or not is_mean:
        return f"{value:,.{digits}f}"
    return f"{value:,.{digits}f}<br>{between[0]:,.{digits}f} to {between[1]:,.{digits}f}"


def _tell(stage: str, done: int, total: int) -> None:
    print(f"{stage}: {done} of {total}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="make bench-quality", description=__doc__)
    parser.add_argument("folder", type=Path, help="with windows.json and the orders that it names")
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {PAGE.name}")
    parser.add_argument("--draws", type=int, default=DRAWS, help="of the bootstrap")
    asked = parser.parse_args(arguments)
    if not (asked.folder / "windows.json").is_file():
        parser.error(f"there is no windows.json in {asked.folder}: make bench-quality DATA=<folder>")
    sections = ["\n".join(report(each, asked.draws)) for each in sets_in(asked.folder)]
    print("\n".join(sections))
    if asked.write:
        PAGE.write_text("\n".join([INTRODUCTION, *sections]) + "\n")


if __name__ == "__main__":
    main()
