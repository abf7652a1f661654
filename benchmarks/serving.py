"""CPU of one authenticated prediction, beside an endpoint that does nothing.

The yardstick is a route of the same server, behind the same middleware and the same check of the token,
that answers the body as it was parsed. A second one has neither: an application of FastAPI's own, with
nothing but the signature of the token checked, to show what everything around a prediction costs.
Requests go straight into the ASGI application, on the event loop that the server uses: no network, no
client. The log is written as always, to nowhere.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import uvloop
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.security import OAuth2PasswordBearer
from pydantic import SecretStr
from starlette.types import ASGIApp, Message

from benchmarks.measure import interleaved
from salesml import wiring
from salesml.api.dependencies import any_user
from salesml.core.models import Artifact, Folded, ModelRole, ModelVersion, Target
from salesml.core.users import UserRole
from salesml.http.logs import configure_logs
from salesml.http.schemas.predictions import SALES_EXAMPLE
from salesml.server import create_server
from salesml.services import auth, users
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.settings import Settings
from salesml.wiring import App, open_app

ROUNDS, REQUESTS = 60, 300
PREDICTION, ECHO = "/api/v1/predictions/sales", "/api/v1/echo"
LIMIT = 1.2
BODY = orjson.dumps(SALES_EXAMPLE)
NAMES = tuple(SALES_EXAMPLE)


def run() -> None:
    with tempfile.TemporaryDirectory() as name, _app(Path(name)) as app, _quiet():
        token = app.tx.run(_prepare, app)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, _served(app, runner) as server:
            yardsticks = {
                "echo of the parsed body, behind the same middleware and check": server,
                "bare FastAPI, only the token checked": _bare(app),
            }
            measured = {name: _pair(runner, server, each, token) for name, each in yardsticks.items()}
    for name, (ours, theirs) in measured.items():
        print(f"prediction: {ours:.0f} us of CPU; {name}: {theirs:.0f} us; ratio {ours / theirs:.2f}")
    print(f"the first ratio may be {LIMIT}")


def _pair(runner: asyncio.Runner, server: ASGIApp, yardstick: ASGIApp, token: str) -> tuple[float, float]:
    """Microseconds of CPU of one prediction and of one echo of the yardstick."""
    ours, theirs = interleaved(
        lambda: runner.run(_ask(server, PREDICTION, token, REQUESTS)),
        lambda: runner.run(_ask(yardstick, ECHO, token, REQUESTS)),
        ROUNDS,
        clock=time.process_time,
    )
    return ours / REQUESTS * 1e6, theirs / REQUESTS * 1e6


@contextmanager
def _served(app: App, runner: asyncio.Runner) -> Iterator[FastAPI]:
    """The server, started, with an echo that is tried even before the route of the prediction."""
    server = create_server(app)
    server.include_router(_echo(), prefix="/api/v1", dependencies=[Depends(any_user)])
    routes = server.router.routes
    routes.insert(2, routes.pop())
    lifespan = server.router.lifespan_context(server)
    runner.run(lifespan.__aenter__())
    yield server
    runner.run(lifespan.__aexit__(None, None, None))


async def _ask(target: ASGIApp, path: str, token: str, times: int) -> None:
    headers = [
        (b"host", b"127.0.0.1:8000"),
        (b"accept", b"*/*"),
        (b"user-agent", b"python-httpx/0.28"),
        (b"authorization", f"Bearer {token}".encode()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(BODY)).encode()),
    ]
    for _ in range(times):
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }
        answer = _Answer()
        await target(scope, answer.receive, answer.send)
        assert answer.status == 200, (answer.status, answer.body)


@dataclass
class _Answer:
    status: int = 0
    body: bytes = b""

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")


def _echo() -> APIRouter:
    router = APIRouter()

    @router.post("/echo")
    async def echo(body: dict[str, Any]) -> Response:
        # As little as the route of a prediction does with its answer.
        return Response(orjson.dumps(body), media_type="application/json")

    return router


def _bare(app: App) -> FastAPI:
    bare = FastAPI()
    bearer = OAuth2PasswordBearer(tokenUrl="token")

    async def checked(token: Annotated[str, Depends(bearer)]) -> None:
        app.access_tokens.read(token)

    @bare.post(ECHO, dependencies=[Depends(checked)])
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    return bare


@contextmanager
def _app(folder: Path) -> Iterator[App]:
    settings = Settings(data_dir=folder, database_url="", secret_key=SecretStr("b" * 40))
    wiring.migrate(settings)
    with open_app(settings) as app:
        yield app


@contextmanager
def _quiet() -> Iterator[None]:
    """Logs are made and written, but to nowhere."""
    shown = sys.stderr
    with Path(os.devnull).open("w") as nowhere:
        sys.stderr = nowhere
        try:
            configure_logs("info")
            yield
        finally:
            sys.stderr = shown


def _prepare(uow: UnitOfWork, app: App) -> str:
    """A model with all five features and intervals that answers, and the token of an analyst."""
    now = datetime.now(UTC)
    version = uow.models.add(
        ModelVersion(
            id=0,
            target=Target.SALES,
            role=ModelRole.KERNEL,
            estimator="linear",
            as_of_day=20_000,
            horizon_days=30,
            features=NAMES,
            ignored={},
            metrics={},
            baselines={},
            training={},
            folded=Folded(
                features=NAMES,
                coefficients=(900.0, 0.1, 20.0, -2.0, -1.0),
                intercept=5_000.0,
                logistic=False,
                imputed={"days_since_last_purchase": ("tenure_months", 30.4375)},
            ),
            intervals={
                "buys": {"intercept": -1.0, "coefficients": [0.3, 0.01, -0.1, -0.4, 0.1, 0.2]},
                "amount": {"intercept": 1.0, "coefficients": [0.1, 0.01, 0.7, -0.1, 0.1, 0.1]},
                "residuals": [-2 + number / 50 for number in range(201)],
                "edges": [5_000.0, 10_000.0, 20_000.0, 40_000.0],
                "levels": [0.9, 0.91, 0.92, 0.91, 0.9],
                "least": [0.0] * 6,
                "most": [14.0, 196.0, 14.0, 8.0, 8.0, 4.0],
            },
            artifact=Artifact(file_name="none", sha256="", signature="", libraries={}),
            verdict=None,
            created_at=now,
            created_by="benchmark",
        )
    )
    uow.models.crown(
        Target.SALES,
        ModelRole.KERNEL,
        version.id,
        expected_revision=0,
        actor="benchmark",
        note="",
        now=now,
    )
    user = users.add_user(
        uow, email="a@shop.example", role=UserRole.ANALYST, password_hash="-", actor="benchmark", now=now
    )
    return app.access_tokens.issue(user, auth.open_family(uow, user.id, now).family, now)
