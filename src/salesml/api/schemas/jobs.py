"""Background work."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from salesml.api.schemas.previews import PreviewOut
from salesml.api.schemas.problems import RefusalOut, refusal_out
from salesml.core.days import date_of
from salesml.core.jobs import Job, JobKind, JobStatus
from salesml.http.schemas.base import Out


class ProgressOut(Out):
    """`done` of `total` units; `total` is 0 while it is unknown."""

    stage: str
    done: int
    total: int
    unit: str
    bytes: int = Field(description="of a file that is being read, as far as it is read; else 0")
    total_bytes: int = Field(description="size of a file that is being read, still compressed; else 0")


class JobOut(Out):
    id: str
    kind: JobKind
    status: JobStatus
    progress: ProgressOut
    error: str | None = Field(description="why it failed")
    refusal: RefusalOut | None = Field(description="why it failed, by a code; null where the reason has none")
    result: dict[str, Any] | None = Field(description="what a job that succeeded has made, by kind")
    attempts: int
    cancel_requested: bool
    created_at: datetime
    created_by: str
    finished_at: datetime | None

    @staticmethod
    def of(job: Job) -> "JobOut":
        return JobOut(
            id=str(job.id),
            kind=job.kind,
            status=job.status,
            progress=ProgressOut.model_validate(job.progress),
            error=job.error,
            refusal=refusal_out(job.refusal),
            result=None if job.result is None else _RESULTS[job.kind](job.result),
            attempts=job.attempts,
            cancel_requested=job.cancel_requested,
            created_at=job.created_at,
            created_by=job.created_by,
            finished_at=job.finished_at,
        )


class JobPage(Out):
    items: list[JobOut]
    next_cursor: str | None


def _import(result: Mapping[str, Any]) -> dict[str, Any]:
    """Without the net sum, which is in minor units; `imports/{id}` tells it."""
    plain = {name: value for name, value in result.items() if name != "net"}
    made = result["import_id"]
    return {**plain, "import_id": None if made is None else str(made)}


def _training(result: Mapping[str, Any]) -> dict[str, Any]:
    versions = [{**each, "id": str(each["id"])} for each in result["versions"]]
    return {**result, "versions": versions}


def _scoring(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run_id": str(result["run_id"]),
        "as_of": date_of(result["as_of_day"]).isoformat(),
        "clients": result["clients"],
    }


def _backtest(result: Mapping[str, Any]) -> dict[str, Any]:
    return {"backtest_id": str(result["backtest_id"])}


def _preview(result: Mapping[str, Any]) -> dict[str, Any]:
    return PreviewOut.of_result(result).model_dump(mode="json")


_RESULTS: Mapping[JobKind, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    JobKind.IMPORT: _import,
    JobKind.PREVIEW: _preview,
    JobKind.TRAINING: _training,
    JobKind.SCORING: _scoring,
    JobKind.BACKTEST: _backtest,
    JobKind.REPORT: dict,
    JobKind.OUTCOMES: dict,
}
