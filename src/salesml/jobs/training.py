"""Training jobs. Nothing is visible before the one transaction that records every version."""

from salesml.core.jobs import Progress
from salesml.core.models import Target
from salesml.jobs.context import JobContext, now
from salesml.services import gating, history, installation, models
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.training import train_targets


def run(context: JobContext) -> None:
    """Train what the job asks for; a file that an earlier, killed attempt left behind is removed."""
    app, job = context.app, context.job

    def tidy(uow: UnitOfWork) -> int:
        return app.models.remove_all_but(models.needed_files(uow))

    # In a fenced step: who lost the lease must not remove what the next attempt is writing.
    reading = Progress(stage="reading orders", unit="models")
    context.step(tidy, checkpoint=lambda _: job.checkpoint, progress=reading)
    estimator = job.args.get("estimator")
    outcome = train_targets(
        app.tx.read(history.load),
        as_of_day=context.as_of_day(),
        targets=[Target(each) for each in str(job.args["targets"]).split()],
        estimator=None if estimator is None else str(estimator),
        here=app.tx.read(installation.current),
        champions=app.tx.read(gating.champions),
        store=app.models,
        label=f"job{job.id}-{job.token}",
        report=lambda stage, done, total: context.show(
            Progress(stage=stage, done=done, total=total, unit="models")
        ),
        resources=app.resources,
    )
    context.complete(models.record, outcome.trained, outcome.refused, job.created_by, now())
