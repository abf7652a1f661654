"""Files that the server received: kept until their import's job has ended, those only looked at for a day."""

import shutil
import time
from pathlib import Path

from salesml.core.jobs import Job, JobKind
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

FOLDER = "uploads"
NAMELESS_S = 86_400
"""How long a folder may wait for its import: until somebody has seen the preview and made up their mind."""
REMEMBERED = 1_000


def sweep(app: App) -> None:
    """Remove the folders of uploads whose import has ended, and those that never came to one."""
    root = app.settings.data_dir / FOLDER
    folders = list(root.iterdir()) if root.is_dir() else []
    if not folders:
        return
    needed, ended = app.tx.read(_folders)
    for folder in folders:
        if folder.name not in needed and (folder.name in ended or _is_old(folder)):
            shutil.rmtree(folder, ignore_errors=True)


def folder_name(job_id: int) -> str:
    """The folder of a job that makes its file itself."""
    return f"import-{job_id}"


def _folders(uow: UnitOfWork) -> tuple[frozenset[str], frozenset[str]]:
    recent = uow.jobs.page(kind=JobKind.IMPORT, status=None, before=None, limit=REMEMBERED)
    unfinished = [*uow.jobs.unfinished(JobKind.IMPORT), *uow.jobs.unfinished(JobKind.PREVIEW)]
    needed = frozenset(map(folder_of, unfinished))
    return needed, frozenset(folder_of(job) for job in recent if job.finished_at is not None)


def folder_of(job: Job) -> str:
    """The folder of a job's file; empty for a file that lies elsewhere."""
    if "from" in job.args:
        return folder_name(job.id)
    return Path(str(job.args["path"])).parent.name if job.args.get("spooled") else ""


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > NAMELESS_S
    except FileNotFoundError:  # another process was faster
        return False
