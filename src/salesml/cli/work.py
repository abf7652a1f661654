"""Running long work: enqueue a job, work on it here, show its progress.

If this process is killed, any worker, or the same command again, finishes the job.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import typer

from salesml.cli.output import actor, print_error, progress_bar
from salesml.core.jobs import Job
from salesml.jobs.runner import run_in_foreground
from salesml.wiring import App

INTERRUPTED = 130
"""The exit status of a command that Ctrl-C ended, as shells count it: 128 and the signal's number."""


def run_job(
    app: App, request: Callable[..., Job], *args: Any, quiet: bool, **kwargs: Any
) -> Mapping[str, Any]:
    """Ask for work by a use case of `services.requests`, do it and answer its result.

    Raises JobFailed with the reason.
    """
    job = app.tx.run(request, *args, actor=actor(), now=datetime.now(UTC), **kwargs)
    return finish_job(app, job, quiet=quiet)


def finish_job(app: App, job: Job, *, quiet: bool) -> Mapping[str, object]:
    """Work on a queued job, or follow the worker that has it; answers its result.

    An interrupt cancels the job. Raises JobFailed with the reason.
    """
    try:
        with progress_bar(quiet=quiet) as report:
            return run_in_foreground(app, job, report).result or {}
    except KeyboardInterrupt:
        print_error("cancelled; nothing of it is kept")
        raise typer.Exit(INTERRUPTED) from None
