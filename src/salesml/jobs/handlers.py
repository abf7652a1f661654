"""What is done for each kind of job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from salesml.core.jobs import JobKind
from salesml.jobs import backtests, imports, scoring, training
from salesml.jobs.context import JobContext


@dataclass(frozen=True, kw_only=True)
class Work:
    """`run` goes on from the job's checkpoint; `clean_up` takes back what a job wrote that ends without
    success. Both are functions of a module, so that a spawned process finds them."""

    run: Callable[[JobContext], None]
    clean_up: Callable[[JobContext], None] | None = None


WORKS: Mapping[JobKind, Work] = {
    JobKind.IMPORT: Work(run=imports.run, clean_up=imports.clean_up),
    JobKind.TRAINING: Work(run=training.run),
    JobKind.SCORING: Work(run=scoring.run),
    JobKind.BACKTEST: Work(run=backtests.run),
}
