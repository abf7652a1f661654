"""`salesml jobs`: background work, and stopping it."""

import sys
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Annotated

import typer

from salesml.api.schemas.jobs import JobOut
from salesml.cli.output import Column, Json, actor, amount_of, print_json, print_line, print_table
from salesml.core.jobs import UNFINISHED, Job, JobKind, JobStatus
from salesml.services import jobs
from salesml.settings import load_settings
from salesml.wiring import open_app

app = typer.Typer(help="Show background work, and stop it.", no_args_is_help=True)
JobId = Annotated[int, typer.Argument(min=1, help="The job's number, as `salesml jobs list` shows.")]
_COLUMNS = ("job", "state", "kind", "about", "progress", "asked by", "reason")


@app.command("list")
def list_jobs(
    kind: Annotated[JobKind | None, typer.Option(help="Only jobs of this kind.")] = None,
    status: Annotated[JobStatus | None, typer.Option(help="Only jobs in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """List background work, the newest first."""
    with open_app(load_settings()) as opened:
        page = opened.tx.read(jobs.page, kind=kind, status=status, limit=limit)
    if as_json:
        print_json([_document(job) for job in page.items])
        return
    columns = [Column(title=title, numeric=title == "job") for title in _COLUMNS]
    print_table("Jobs", columns, [_row(job) for job in page.items])


@app.command()
def show(job_id: JobId, as_json: Annotated[bool, Json] = False) -> None:
    """Show how far a job is, and what came of it."""
    with open_app(load_settings()) as opened:
        job = opened.tx.read(jobs.get, job_id)
    if as_json:
        print_json(_document(job))
        return
    print_line(f"{_title(job)}: {job.status}, asked by {job.created_by}")
    if job.status in UNFINISHED and job.progress.stage:
        print_line(_progress(job))
    if job.cancel_requested and job.status in UNFINISHED:
        print_line("asked to stop")
    if job.error:
        print_line(job.error)


@app.command()
def cancel(
    job_id: JobId,
    yes: Annotated[bool, typer.Option("--yes", help="Cancel it without asking.")] = False,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Ask a job to stop. What it wrote is taken back; one that has ended stays as it is."""
    with open_app(load_settings()) as opened:
        job = opened.tx.read(jobs.get, job_id)
        is_open = job.status in UNFINISHED
        if is_open and sys.stdin.isatty() and not yes and not as_json:
            typer.confirm(f"Cancel {_title(job)}? What it wrote is taken back.", abort=True)
        job = opened.tx.run(jobs.cancel, job_id, actor=actor(), now=datetime.now(UTC))
    if as_json:
        print_json(_document(job))
    elif not is_open:
        print_line(f"{_title(job)} has ended already: {job.status}")
    elif job.status in UNFINISHED:
        print_line(f"{_title(job)} is asked to stop; whoever runs it takes back what it wrote")
    else:
        print_line(f"{_title(job)} is cancelled")


def _document(job: Job) -> dict[str, object]:
    return JobOut.of(job).model_dump(mode="json")


def _row(job: Job) -> list[str]:
    state = "stopping" if job.cancel_requested and job.status in UNFINISHED else job.status
    progress = _progress(job) if job.status in UNFINISHED else ""
    return [str(job.id), state, job.kind, _about(job), progress, job.created_by, job.error or ""]


def _title(job: Job) -> str:
    return " of ".join(filter(None, (f"job {job.id}, {job.kind}", _about(job))))


def _about(job: Job) -> str:
    """What a job reads, or undoes; empty where its kind says all."""
    if "undo" in job.args:
        return f"import {job.args['undo']}, undoing"
    return PurePath(str(job.args.get("path") or job.args.get("from") or "")).name


def _progress(job: Job) -> str:
    progress = job.progress
    return f"{progress.stage}: {amount_of(progress)}" if progress.stage else ""
