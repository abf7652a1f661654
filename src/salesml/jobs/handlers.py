"""What is done for each kind of job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pkgutil import resolve_name

from salesml.core.jobs import JobKind
from salesml.jobs.context import JobContext

Handler = Callable[[JobContext], None]


@dataclass(frozen=True, kw_only=True)
class Work:
    """`run` goes on from the job's checkpoint; `clean_up` takes back what a job wrote that ends without
    success.

    Both are handlers by name, as `module:function`: a process loads the libraries of its own job only,
    and scikit-learn alone takes a second.
    """

    run: str
    clean_up: str | None = None

    def handler(self) -> Handler:
        """What `run` names."""
        return _handler(self.run)

    def cleaner(self) -> Handler | None:
        """What `clean_up` names, if anything."""
        return None if self.clean_up is None else _handler(self.clean_up)


WORKS: Mapping[JobKind, Work] = {
    JobKind.IMPORT: Work(run="salesml.jobs.imports:run", clean_up="salesml.jobs.imports:clean_up"),
    JobKind.PREVIEW: Work(run="salesml.jobs.previews:run"),
    JobKind.TRAINING: Work(run="salesml.jobs.training:run"),
    JobKind.SCORING: Work(run="salesml.jobs.scoring:run"),
    JobKind.BACKTEST: Work(run="salesml.jobs.backtests:run"),
    JobKind.REPORT: Work(run="salesml.jobs.reports:run"),
    JobKind.OUTCOMES: Work(run="salesml.jobs.outcomes:run"),
}


def _handler(name: str) -> Handler:
    found: Handler = resolve_name(name)
    return found
