"""Report jobs: count all that is stored, and test what models need, where there is too much to wait for.

Nothing reaches the database but the report; one that was killed begins anew.
"""

from collections.abc import Mapping

from salesml.core.jobs import Progress
from salesml.core.reports import DataReport
from salesml.jobs.context import JobContext, now
from salesml.services import data_reports
from salesml.services.ports.unit_of_work import UnitOfWork


def run(context: JobContext) -> None:
    """Handle one report job."""
    at = now()
    context.show(Progress(stage="counting", total=2, unit="steps"))
    material = context.app.tx.read(data_reports.material, at)
    context.show(Progress(stage="testing models", done=1, total=2, unit="steps"))
    context.complete(_finish, data_reports.computed(material, context.app.resources, at))


def _finish(uow: UnitOfWork, report: DataReport) -> Mapping[str, object]:
    data_reports.keep(uow, report)
    return {"computed_at": report.computed_at.isoformat()}
