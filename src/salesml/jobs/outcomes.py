"""Outcome jobs: every run whose days are over is judged, each in a transaction of its own.

One that was killed leaves whole outcomes, and goes on with the next run.
"""

from collections.abc import Callable, Mapping

from salesml.core.jobs import Progress
from salesml.jobs.context import JobContext, now
from salesml.services import installation, judging, outcomes

_AT_ONCE = 8
"""Runs whose stored forecasts are held in memory together."""


def run(context: JobContext) -> None:
    """Judge what has matured; `again` in the arguments: also what was judged before."""
    app, again = context.app, bool(context.job.args.get("again"))
    currency = app.tx.read(installation.current).currency
    judged, last = (int(str(context.job.checkpoint.get(name, 0))) for name in ("runs", "run_id"))
    at = context.job.created_at
    while found := app.tx.read(outcomes.due, at, again=again, after_run=last if again else 0):
        context.show(Progress(stage="reading orders", unit="forecasts"))
        ledger, served = app.tx.read(outcomes.load, found[:_AT_ONCE])
        for each in served:
            judgement = judging.judge(ledger, each, now(), currency, app.resources)
            judged, last = judged + 1, each.due.run.id
            context.step(
                outcomes.record,
                judgement,
                again,
                checkpoint=_reached(judged, last),
                progress=Progress(stage="judging", done=judged, unit="forecasts"),
            )
    context.complete(outcomes.finish, judged, now())


def _reached(judged: int, run_id: int) -> Callable[[object], Mapping[str, object]]:
    return lambda _: {"runs": judged, "run_id": run_id}
