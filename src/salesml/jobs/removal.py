"""Taking imports back: those whose job ended without success, and published ones that somebody undoes.

Nothing but the database says how far that is: what a chunk has handled is gone, so a killed job goes on
where the last committed chunk ended.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from salesml.core.jobs import Ending, JobStatus, Progress
from salesml.jobs.context import JobContext, now
from salesml.services import imports, jobs
from salesml.services.ports.unit_of_work import UnitOfWork

CHUNK = 5_000
"""Rows of one transaction: well under a second of write lock on SQLite."""
T = TypeVar("T")


def undo(context: JobContext) -> None:
    """Undo the published import that the job's arguments name; one that is undone stays so."""
    import_id = int(str(context.job.args["undo"]))
    begun = Progress(stage="taking back")
    if context.step(
        imports.begin_undo, import_id, now(), checkpoint=lambda _: {"import_id": import_id}, progress=begun
    ):
        _remove(context, import_id)
    context.complete(_undone, import_id, context.job.created_by, now())


def take_back(context: JobContext, import_id: int) -> None:
    """Remove whatever an import wrote, and close it."""
    # Without one the rows were left by a job that was given up.
    ending = jobs.fate_of(context.job) or Ending.because(JobStatus.FAILED, "taken_back")
    _step(context, imports.begin_removal, import_id, now())
    _remove(context, import_id)
    _step(context, imports.close, import_id, ending.error, now(), ending.refusal)
    remove_staged(context, import_id)


def staging_folder(context: JobContext, import_id: int) -> Path:
    """Where this claim of a job stages an import.

    Of this claim alone: a process that slept past its lease may wake up and go on writing its files.
    """
    return _staging(context) / f"import-{import_id}-{context.job.token}"


def remove_staged(context: JobContext, import_id: int) -> None:
    """Remove what any claim has staged of an import."""
    for folder in _staging(context).glob(f"import-{import_id}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _staging(context: JobContext) -> Path:
    return context.app.settings.data_dir / "staging"


def _remove(context: JobContext, import_id: int) -> None:
    while _step(context, imports.take_back, import_id, CHUNK):
        pass


def _step(context: JobContext, use_case: Callable[..., T], *args: Any) -> T:
    job, progress = context.job, Progress(stage="taking back")
    return context.step(use_case, *args, checkpoint=lambda _: job.checkpoint, progress=progress)


def _undone(uow: UnitOfWork, import_id: int, actor: str, at: datetime) -> Mapping[str, object]:
    importing = imports.undone(uow, import_id, actor=actor, now=at)
    return {"import_id": import_id, "kind": importing.kind, "undone": True, **asdict(importing.counts)}
