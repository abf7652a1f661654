"""Durable background work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from salesml.core.refusals import Refusal, Value


class JobKind(StrEnum):
    """Jobs of one kind run one after the other; jobs of different kinds run beside each other."""

    IMPORT = "import"
    PREVIEW = "preview"
    TRAINING = "training"
    SCORING = "scoring"
    BACKTEST = "backtest"
    REPORT = "report"
    OUTCOMES = "outcomes"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The queue's times in seconds; all processes on one database should keep the same.

    A job is taken over `margin_s` after its lease has ended: clocks of hosts differ a little, and a
    heartbeat that waited `lease_s` for SQLite's write lock must still come first.
    """

    lease_s: float = 30
    margin_s: float = 10
    heartbeat_s: float = 5
    progress_s: float = 1
    poll_s: float = 0.5
    schedules_s: float = 10


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a job ends without success, once that is decided: `status` is FAILED or CANCELLED; `error` says why
    in English, `refusal` by a code where the reason has one."""

    status: JobStatus
    error: str
    refusal: Refusal | None = None

    @staticmethod
    def because(status: JobStatus, code: str, **values: Value) -> "Ending":
        """For one of the reasons that the queue itself has."""
        refusal = Refusal(code=code, values=values)
        return Ending(status=status, error=refusal.words(), refusal=refusal)

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        refusal = None if self.refusal is None else self.refusal.plain()
        return {"status": self.status.value, "error": self.error, "refusal": refusal}

    @staticmethod
    def of(plain: Mapping[str, Any]) -> "Ending":
        """What `plain` answered, read back."""
        told = plain.get("refusal")
        refusal = None if told is None else Refusal.of(told)
        return Ending(status=JobStatus(plain["status"]), error=plain["error"], refusal=refusal)


ENDING = "ending"
"""Where a checkpoint keeps how the job ends."""


MB = 1_000_000
"""Bytes of a megabyte, as people are shown sizes of files."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is: `done` of `total` `unit`s (total 0 while unknown) in the named stage; where it reads
    a file, `bytes` of its `total_bytes` as well, packed as they lie on the disk."""

    stage: str = ""
    done: int = 0
    total: int = 0
    unit: str = "rows"
    bytes: int = 0
    total_bytes: int = 0

    @property
    def share(self) -> float | None:
        """How much of the stage is done, from 0 to 1; None while that is unknown."""
        if self.total_bytes:
            return self.bytes / self.total_bytes
        return self.done / self.total if self.total else None


@dataclass(frozen=True, kw_only=True)
class Job:
    """`token` is the fencing token: it grows with every claim, and only its holder may write.

    `attempts` counts claims, except those that were handed back in good order.
    """

    id: int
    kind: JobKind
    status: JobStatus
    args: Mapping[str, object]
    unique_key: str | None
    owner: str | None
    token: int
    lease_until: datetime | None
    attempts: int
    checkpoint: Mapping[str, object] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    cancel_requested: bool = False
    error: str | None = None
    result: Mapping[str, object] | None = None
    created_at: datetime
    created_by: str
    finished_at: datetime | None = None

    @property
    def ending(self) -> Ending | None:
        """How the job has ended without success, or will."""
        told: Any = self.checkpoint.get(ENDING)
        return Ending.of(told) if told else None

    @property
    def refusal(self) -> Refusal | None:
        """Why it has ended without success, where the reason has a code."""
        return self.ending.refusal if self.ending else None
