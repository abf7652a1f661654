"""Backtest jobs: nothing reaches the database but their result, and a file appears whole or not at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from salesml.core.jobs import Progress
from salesml.jobs.context import JobContext
from salesml.services import backtests, history, installation
from salesml.services.ports.unit_of_work import UnitOfWork


def run(context: JobContext) -> None:
    """Backtest the job's dates; write the forecasts to its `out` file, if it names one."""
    app, args = context.app, context.job.args
    context.show(Progress(stage="reading orders", unit="dates"))
    here = app.tx.read(installation.current)
    result = backtests.run(
        app.tx.read(history.load),
        [int(day) for day in str(args["as_of_days"]).split()],
        here=here,
        report=lambda stage, done, total: context.show(
            Progress(stage=stage, done=done, total=total, unit="dates")
        ),
        resources=app.resources,
    )
    if out := args.get("out"):
        app.write_scores(app.tx.read(backtests.table, result), Path(str(out)), here.currency)
    context.complete(_finish, backtests.summary(result))


def _finish(_: UnitOfWork, summary: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    return {"windows": list(summary)}
