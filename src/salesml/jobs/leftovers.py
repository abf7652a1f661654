"""Files that may hold rows of an erased client: removed as soon as no unfinished job needs them."""

import re
import shutil
from pathlib import Path

from salesml.core.jobs import JobKind
from salesml.jobs.spool import FOLDER as UPLOADS
from salesml.services import imports
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

STAGING = "staging"


def remove(app: App) -> None:
    """Remove uploads, staged files and half-written exports, but for those of unfinished jobs, which go
    when these end.

    A preview that waits for its confirmation is lost: its file has to be uploaded again.
    """
    needed = app.tx.read(_needed)
    for root in (UPLOADS, STAGING):
        for folder in _folders(app.settings.data_dir / root):
            if folder.name not in needed and _owner(folder.name) not in needed:
                shutil.rmtree(folder, ignore_errors=True)
    app.sweep_exports()


def _folders(root: Path) -> list[Path]:
    return list(root.iterdir()) if root.is_dir() else []


def _owner(name: str) -> str:
    """`import-5` of the folder `import-5-2`, which the second claim of a job made."""
    found = re.match(r"[a-z]+-\d+", name)
    return found[0] if found else name


def _needed(uow: UnitOfWork) -> frozenset[str]:
    unfinished = [job for kind in JobKind for job in uow.jobs.unfinished(kind)]
    uploads = {Path(str(job.args["path"])).parent.name for job in unfinished if job.args.get("spooled")}
    staged = {f"import-{one.id}" for one in imports.unfinished(uow)}
    return frozenset(uploads | staged | {f"{job.kind}-{job.id}" for job in unfinished})
