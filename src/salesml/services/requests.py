"""Asking for long work: one job a request, with everything in its arguments that it will need.

Asking for the same again while it is unfinished answers the same job.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from salesml.core.clients import ExternalId
from salesml.core.days import day_of
from salesml.core.errors import NotFound
from salesml.core.files import ReadingOptions
from salesml.core.imports import ImportKind
from salesml.core.jobs import Job, JobKind
from salesml.core.models import Target
from salesml.core.sources import Position
from salesml.ml.estimators import find_estimator
from salesml.services import backtests, history, imports, installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.sources import SourceRequest


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """A file to import; `sha256` is that of its content now. A `spooled` file lies alone in a folder of
    its own, which goes when the job ends."""

    path: Path
    kind: ImportKind
    source: str
    sha256: str
    options: ReadingOptions = field(default_factory=ReadingOptions)
    update: bool = False
    spooled: bool = False
    position: Position | None = None
    """Of rows that were read from a foreign database: how far that is."""

    def __post_init__(self) -> None:
        ExternalId(source=self.source, external_id="any")

    @property
    def args(self) -> Mapping[str, object]:
        """The arguments of the job."""
        return {
            "path": str(self.path),
            "kind": self.kind.value,
            "source": self.source,
            "update": self.update,
            "options": asdict(self.options),
            "sha256": self.sha256,
            "spooled": self.spooled,
            **({"position": asdict(self.position)} if self.position else {}),
        }

    @staticmethod
    def of(args: Mapping[str, Any]) -> "ImportRequest":
        """What arguments of a job say."""
        told = {name: args[name] for name in ("source", "sha256", "update", "spooled")}
        path, kind, options = Path(args["path"]), ImportKind(args["kind"]), ReadingOptions(**args["options"])
        position = Position(**args["position"]) if "position" in args else None
        return ImportRequest(path=path, kind=kind, options=options, position=position, **told)

    @property
    def digest(self) -> str:
        """Two uploads of one content are one request; two files of one content on this machine are two."""
        told = {name: value for name, value in self.args.items() if name != "path" or not self.spooled}
        return _digest(told)


def import_file(uow: UnitOfWork, request: ImportRequest, *, actor: str, now: datetime) -> Job:
    """Import a file that was found readable."""
    return _enqueue_file(uow, JobKind.IMPORT, request, actor, now)


def preview_file(uow: UnitOfWork, request: ImportRequest, *, actor: str, now: datetime) -> Job:
    """Count what importing a file that was found readable would do."""
    return _enqueue_file(uow, JobKind.PREVIEW, request, actor, now)


def import_previewed(uow: UnitOfWork, job_id: int, *, actor: str, now: datetime) -> Job:
    """Import the file of a preview, as the preview read it. Raises NotFound."""
    return import_file(uow, previewed(uow, job_id), actor=actor, now=now)


def previewed(uow: UnitOfWork, job_id: int) -> ImportRequest:
    """What a preview was asked for. Raises NotFound for another job."""
    job = jobs.get(uow, job_id)
    if job.kind is not JobKind.PREVIEW:
        raise NotFound(f"there is no preview {job_id}")
    return ImportRequest.of(job.args)


def import_rows(uow: UnitOfWork, request: SourceRequest, *, actor: str, now: datetime) -> Job:
    """Import the answer of a foreign database."""
    return _enqueue(uow, JobKind.IMPORT, request.args, actor, now)


def undo_import(uow: UnitOfWork, import_id: int, *, actor: str, now: datetime) -> Job:
    """Take a published import back, with all that only it brought. Raises NotFound, InvalidValue for one
    that was never visible."""
    imports.check_undo(uow, import_id)
    args = {"undo": import_id}
    return jobs.enqueue(uow, JobKind.IMPORT, args, unique_key=f"undo:{import_id}", created_by=actor, now=now)


def training(
    uow: UnitOfWork,
    targets: Sequence[Target],
    *,
    as_of_day: int | None = None,
    estimator: str | None = None,
    actor: str,
    now: datetime,
) -> Job:
    """Train the targets in both roles. Raises TooLittleData without orders, InvalidValue for a date or
    an estimator that cannot be."""
    if estimator is not None:
        for target in targets:
            find_estimator(estimator, target)
    args = {
        "targets": " ".join(targets),
        "as_of_day": as_of(uow, as_of_day, now),
        "estimator": estimator,
    }
    return _enqueue(uow, JobKind.TRAINING, args, actor, now)


def scoring(uow: UnitOfWork, *, as_of_day: int | None = None, actor: str, now: datetime) -> Job:
    """Score every client. Raises TooLittleData without orders, InvalidValue for a date that cannot be."""
    return _enqueue(uow, JobKind.SCORING, {"as_of_day": as_of(uow, as_of_day, now)}, actor, now)


def backtest(
    uow: UnitOfWork,
    *,
    days: Sequence[int] = (),
    windows: int = 3,
    out: Path | None = None,
    actor: str,
    now: datetime,
) -> Job:
    """Backtest the given as-of dates, or the newest `windows` of them, into the file `out`."""
    chosen = sorted(set(days)) or backtests.windows(as_of(uow, None, now), windows)
    args = {"as_of_days": " ".join(map(str, chosen)), "out": None if out is None else str(out)}
    return _enqueue(uow, JobKind.BACKTEST, args, actor, now)


def _enqueue_file(uow: UnitOfWork, kind: JobKind, request: ImportRequest, actor: str, now: datetime) -> Job:
    key = f"{kind.value}:{request.digest}"
    return jobs.enqueue(uow, kind, request.args, unique_key=key, created_by=actor, now=now)


def as_of(uow: UnitOfWork, asked: int | None, now: datetime) -> int:
    """The as-of date of a request, the default filled in."""
    return history.as_of_day(uow, today=day_of(now, installation.current(uow).zone), asked=asked)


def _enqueue(uow: UnitOfWork, kind: JobKind, args: Mapping[str, object], actor: str, now: datetime) -> Job:
    key = f"{kind.value}:{_digest(args)}"
    return jobs.enqueue(uow, kind, args, unique_key=key, created_by=actor, now=now)


def _digest(args: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(args, sort_keys=True).encode()).hexdigest()
