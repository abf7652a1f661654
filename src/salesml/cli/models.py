"""`salesml train`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from salesml.cli.output import Column, Json, number, print_json, print_line, print_table
from salesml.cli.work import run_job
from salesml.core.days import date_of, parse_day
from salesml.core.models import ModelVersion, Target
from salesml.services import models, requests
from salesml.settings import load_settings
from salesml.wiring import App, open_app


class Targets(StrEnum):
    SALES = "sales"
    PURCHASE = "purchase"
    ALL = "all"


def train(
    target: Annotated[Targets, typer.Argument(help="Which model to train.")] = Targets.ALL,
    as_of: Annotated[
        str | None,
        typer.Option(help="Learn from data up to this date; default: the last whole day with orders."),
    ] = None,
    estimator: Annotated[
        str | None, typer.Option(help="An estimator other than linear and logistic.")
    ] = None,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Train models, judge them on the newest past month that they did not see, and keep them."""
    with open_app(load_settings()) as app:
        result = run_training(app, target, as_of=as_of, estimator=estimator, quiet=as_json)
        versions = [app.tx.read(models.get, int(each["id"])) for each in result["versions"]]
    if as_json:
        print_json({**result, "metrics": {each.name: _evidence(each) for each in versions}})
        return
    for version, outcome in zip(versions, result["versions"], strict=True):
        show_version(version, str(outcome["note"]))
    for name, reason in result["refused"].items():
        print_line(f"{name}: not trained: {reason}")


def run_training(
    app: App, target: Targets, *, as_of: str | None, estimator: str | None, quiet: bool
) -> Mapping[str, Any]:
    """Train by a job; answers {"versions": [...], "refused": {...}}."""
    targets = list(Target) if target is Targets.ALL else [Target(target.value)]
    asked = None if as_of is None else parse_day(as_of)
    return run_job(app, requests.training, targets, as_of_day=asked, estimator=estimator, quiet=quiet)


def show_version(version: ModelVersion, note: str) -> None:
    """A version's evidence: metrics beside the baselines, features, and what was left out."""
    judged = version.training["judge_date"]
    _show_metrics(
        f"{version.name} ({version.estimator}), judged at {judged}", version.metrics, version.baselines
    )
    print_line(f"features: {', '.join(version.features)}")
    for name, reason in version.ignored.items():
        print_line(f"left out: {name}: {reason}")
    print_line(f"{version.name}: {note}\n")


def _show_metrics(title: str, metrics: Mapping[str, Any], baselines: Mapping[str, Mapping[str, Any]]) -> None:
    columns = [
        Column(title="metric"),
        Column(title="model", numeric=True),
        *(Column(title=name, numeric=True) for name in baselines),
    ]
    judged = [metrics, *baselines.values()]
    names = [name for name in metrics if name != "reasons"]
    print_table(title, columns, [[name, *(_cell(each.get(name)) for each in judged)] for name in names])
    for name, reason in metrics.get("reasons", {}).items():
        print_line(f"{name}: {reason}")


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {number(each)}" for name, each in value.items())
    return number(value)


def _evidence(version: ModelVersion) -> Mapping[str, object]:
    return {
        "estimator": version.estimator,
        "as_of": date_of(version.as_of_day).isoformat(),
        "features": list(version.features),
        "ignored": dict(version.ignored),
        "metrics": dict(version.metrics),
        "baselines": {name: dict(each) for name, each in version.baselines.items()},
        "training": dict(version.training),
        "verdict": version.verdict,
    }
