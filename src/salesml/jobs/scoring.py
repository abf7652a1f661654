"""Scoring jobs: compute everything, write it in chunks, show it by one flip.

A run that was killed stays invisible, is swept away later, and its job starts a new one.
"""

from salesml.core.jobs import Progress
from salesml.jobs.context import JobContext, now
from salesml.services import company, predictions
from salesml.services.pipelines import Pipelines

CHUNK = 2_500
"""Clients of one transaction: well under a second of write lock on SQLite."""


def run(context: JobContext) -> None:
    """Score every client known at the job's as-of date."""
    app, as_of_day = context.app, context.as_of_day()
    context.show(Progress(stage="computing features", unit="clients"))
    by = app.tx.read(predictions.scorers)
    material = app.tx.read(company.load, as_of_day, by.sales)
    rows = predictions.score(material.history, as_of_day, by, app.models, app.resources)
    outside = company.outside(material, by.sales, app.resources)
    run_id = context.step(
        predictions.begin,
        as_of_day,
        by,
        predictions.drift(by, rows),
        now(),
        checkpoint=lambda run: {"run_id": run.id},
        progress=Progress(stage="storing", total=rows.num_rows, unit="clients"),
    ).id
    opened = Pipelines(app.models)
    for start in range(0, rows.num_rows, CHUNK):
        context.step(
            predictions.write,
            run_id,
            predictions.explained(rows.slice(start, CHUNK), by, opened),
            checkpoint=lambda _: {"run_id": run_id},
            progress=Progress(
                stage="storing", done=min(start + CHUNK, rows.num_rows), total=rows.num_rows, unit="clients"
            ),
        )
    context.complete(predictions.publish, run_id, outside, now())
    while app.tx.run(predictions.sweep, CHUNK):
        context.report(Progress(stage="tidying", unit="clients"))
