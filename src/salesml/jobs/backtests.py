"""Backtest jobs: nothing reaches the database but their result, and a file appears whole or not at all."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesml.core.jobs import Progress
from salesml.core.models import Target
from salesml.jobs.context import JobContext, now
from salesml.services import backtests, history, installation
from salesml.services.ports.unit_of_work import UnitOfWork


def run(context: JobContext) -> None:
    """Backtest the job's dates; write the forecasts to its `out` file, if it names one."""
    app, args = context.app, context.job.args
    context.show(Progress(stage="reading orders", unit="models"))
    here = app.tx.read(installation.current)
    days = [int(day) for day in str(args["as_of_days"]).split()]
    defaults = _defaults(args)
    result = backtests.run(
        app.tx.read(history.load),
        days,
        here=here,
        defaults=defaults,
        others=str(args["estimators"]).split(),
        report=lambda stage, done, total: context.show(
            Progress(stage=stage, done=done, total=total, unit="models")
        ),
        resources=app.resources,
    )
    if out := args.get("out"):
        app.write_scores(app.tx.read(backtests.table, result), Path(str(out)), here.currency)
    document = backtests.summary(result, here, defaults, days)
    context.complete(_record, document, context.job.created_by)


def _defaults(args: Mapping[str, Any]) -> dict[Target, str]:
    return {Target(target): str(name) for target, name in args["defaults"].items()}


def _record(uow: UnitOfWork, document: Mapping[str, Any], actor: str) -> Mapping[str, object]:
    return backtests.record(uow, document, actor=actor, now=now())
