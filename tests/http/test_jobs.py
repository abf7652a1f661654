"""Background work over HTTP: list, one, cancel, and what happens as it happens."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic, sleep

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from tests.support.servers import Login

from salesml.core.jobs import Job, JobKind, JobStatus, Progress
from salesml.core.models import Target
from salesml.server import create_server
from salesml.services import jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.wiring import App

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _enqueued(app: App, kind: JobKind = JobKind.SCORING, key: str | None = None) -> Job:
    args = {"as_of_day": 1, "targets": " ".join(Target)}
    return app.tx.run(jobs.enqueue, kind, args, unique_key=key, created_by="cli:ann", now=NOW)


def _claimed(app: App, job: Job) -> Job:
    def claim(uow: UnitOfWork) -> Job | None:
        lease_until = datetime(2100, 1, 1, tzinfo=UTC)
        return uow.jobs.claim(job.id, owner="here:1", expected_token=job.token, lease_until=lease_until)

    claimed = app.tx.run(claim)
    assert claimed is not None
    return claimed


async def test_jobs_are_listed_newest_first_and_by_kind(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    made = [_enqueued(app, kind) for kind in (JobKind.SCORING, JobKind.TRAINING, JobKind.SCORING)]
    page = (await client.get("/api/v1/jobs?limit=2", headers=analyst.headers)).json()
    assert [job["id"] for job in page["items"]] == [str(made[2].id), str(made[1].id)]
    query = {"limit": 2, "cursor": page["next_cursor"]}
    rest = (await client.get("/api/v1/jobs", params=query, headers=analyst.headers)).json()
    assert ([job["id"] for job in rest["items"]], rest["next_cursor"]) == ([str(made[0].id)], None)
    trainings = (await client.get("/api/v1/jobs?kind=training", headers=analyst.headers)).json()
    assert [job["id"] for job in trainings["items"]] == [str(made[1].id)]


async def test_a_job_tells_how_it_stands(app: App, client: httpx.AsyncClient, analyst: Login) -> None:
    job = _enqueued(app)
    assert (await client.get(f"/api/v1/jobs/{job.id}", headers=analyst.headers)).json() == {
        "id": str(job.id),
        "kind": "scoring",
        "status": "queued",
        "progress": {"stage": "", "done": 0, "total": 0, "unit": "rows", "bytes": 0, "total_bytes": 0},
        "error": None,
        "refusal": None,
        "result": None,
        "attempts": 0,
        "cancel_requested": False,
        "created_at": "2026-11-22T12:00:00Z",
        "created_by": "cli:ann",
        "finished_at": None,
    }


@pytest.mark.parametrize("path", ["jobs/77", "jobs/77/events", f"jobs/{2**63 - 1}"])
async def test_an_unknown_job_is_not_found(client: httpx.AsyncClient, analyst: Login, path: str) -> None:
    answer = await client.get(f"/api/v1/{path}", headers=analyst.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["jobs/0", "jobs/x", f"jobs/{2**63}", "jobs?status=lost", "jobs?limit=0"])
async def test_what_is_no_job_is_refused(client: httpx.AsyncClient, analyst: Login, path: str) -> None:
    assert (await client.get(f"/api/v1/{path}", headers=analyst.headers)).status_code == 422


async def test_a_queued_job_is_cancelled_at_once(app: App, client: httpx.AsyncClient, analyst: Login) -> None:
    job = _enqueued(app)
    answer = await client.post(f"/api/v1/jobs/{job.id}/cancel", headers=analyst.headers)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["refusal"] == {"code": "cancelled", "values": {}}


async def test_an_analyst_cannot_cancel_a_training(
    app: App, client: httpx.AsyncClient, analyst: Login, admin: Login
) -> None:
    job = _enqueued(app, JobKind.TRAINING)
    assert (await client.post(f"/api/v1/jobs/{job.id}/cancel", headers=analyst.headers)).status_code == 403
    assert app.tx.read(jobs.get, job.id).status is JobStatus.QUEUED
    assert (await client.post(f"/api/v1/jobs/{job.id}/cancel", headers=admin.headers)).status_code == 200


@contextmanager
def _served(app: App) -> Iterator[str]:
    """A real server on a free port of this machine; its address."""
    config = uvicorn.Config(create_server(app), port=0, log_level="error", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        begun = monotonic()
        while not server.started:
            assert monotonic() - begun < 30
            sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


async def test_events_follow_a_job_to_its_end(app: App, analyst: Login) -> None:
    job = _claimed(app, _enqueued(app))
    seen: list[tuple[str, dict[str, object]]] = []
    with _served(app) as address:
        async with httpx.AsyncClient(base_url=address, headers=analyst.headers, timeout=30) as client:
            async with client.stream("GET", f"/api/v1/jobs/{job.id}/events") as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                event = ""
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(": ")
                    event = value if name == "event" else event
                    if name == "data":
                        seen.append((event, json.loads(value)))
                        await asyncio.to_thread(_moved_on, app, job, len(seen))
            assert (await client.get("/healthz")).status_code == 200
    assert [event for event, _ in seen] == ["progress", "progress", "end"]
    assert [shown["status"] for _, shown in seen] == ["running", "running", "succeeded"]
    told = {"stage": "reading", "done": 5, "total": 0, "unit": "rows", "bytes": 310, "total_bytes": 800}
    assert seen[1][1]["progress"] == told
    assert seen[2][1]["result"] == {"run_id": "3", "as_of": "2024-10-04", "clients": 9}


def _moved_on(app: App, job: Job, shown: int) -> None:
    """The next thing to happen, once the one before was shown."""

    def report(uow: UnitOfWork) -> None:
        progress = Progress(stage="reading", done=5, bytes=310, total_bytes=800)
        uow.jobs.checkpoint(job.id, job.token, {"run_id": 3}, progress)

    def end(uow: UnitOfWork) -> None:
        result = {"run_id": 3, "as_of_day": 20_000, "clients": 9}
        uow.jobs.finish(job.id, job.token, JobStatus.SUCCEEDED, now=NOW, result=result)

    steps = [report, end]
    if shown <= len(steps):
        app.tx.run(steps[shown - 1])


async def test_a_reader_who_leaves_costs_nothing_more(app: App, analyst: Login) -> None:
    job = _claimed(app, _enqueued(app))
    with _served(app) as address:
        async with (
            httpx.AsyncClient(base_url=address, headers=analyst.headers, timeout=30) as client,
            client.stream("GET", f"/api/v1/jobs/{job.id}/events") as answer,
        ):
            await anext(answer.aiter_lines())
        begun = monotonic()
    # The server stops at once: it does not wait for a stream that nobody reads.
    assert monotonic() - begun < 4


async def test_a_stream_ends_when_the_server_is_told_to_stop(
    app: App, server: FastAPI, client: httpx.AsyncClient, analyst: Login
) -> None:
    job = _claimed(app, _enqueued(app))
    server.state.salesml.closing.set()
    answer = await asyncio.wait_for(client.get(f"/api/v1/jobs/{job.id}/events", headers=analyst.headers), 30)
    assert answer.text.count("event: progress") == 1
    assert "event: end" not in answer.text
