"""Files that may hold rows of an erased client: removed as soon as no unfinished job needs them."""

import re
import shutil
import time
from pathlib import Path

from salesml.core.jobs import JobKind
from salesml.jobs import spool
from salesml.services import imports
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

STAGING = "staging"
ARRIVING_S = 60
"""How long a received file may lie there before its job is queued."""


def remove(app: App) -> None:
    """Remove uploads, staged files and half-written exports, but for those of unfinished jobs, which go
    when these end.

    A preview that waits for its confirmation is lost: its file has to be uploaded again.
    """
    needed, known = app.tx.read(_uploads)
    for folder in _folders(app.settings.data_dir / spool.FOLDER):
        if folder.name not in needed and (folder.name in known or not _is_arriving(folder)):
            shutil.rmtree(folder, ignore_errors=True)
    staging = app.tx.read(_staging)
    for folder in _folders(app.settings.data_dir / STAGING):
        if _owner(folder.name) not in staging:
            shutil.rmtree(folder, ignore_errors=True)
    app.sweep_exports()


def _folders(root: Path) -> list[Path]:
    return list(root.iterdir()) if root.is_dir() else []


def _uploads(uow: UnitOfWork) -> tuple[frozenset[str], frozenset[str]]:
    """Folders of uploads that unfinished jobs need, and those of which any job is known."""
    kinds = (JobKind.IMPORT, JobKind.PREVIEW)
    needed = [job for kind in kinds for job in uow.jobs.unfinished(kind)]
    known = [
        job
        for kind in kinds
        for job in uow.jobs.page(kind=kind, status=None, before=None, limit=spool.REMEMBERED)
    ]
    return frozenset(map(spool.folder_of, needed)), frozenset(map(spool.folder_of, known))


def _staging(uow: UnitOfWork) -> frozenset[str]:
    previews = {f"preview-{job.id}" for job in uow.jobs.unfinished(JobKind.PREVIEW)}
    return frozenset(previews | {f"import-{one.id}" for one in imports.unfinished(uow)})


def _owner(name: str) -> str:
    """`import-5` of the folder `import-5-2`, which the second claim of a job made."""
    found = re.match(r"[a-z]+-\d+", name)
    return found[0] if found else name


def _is_arriving(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime < ARRIVING_S
    except FileNotFoundError:  # another process was faster
        return False
