"""A server in this process, on a database of the test's own, and users who are logged in.

`client` speaks to a server on an empty installation. A module that needs a shop, trained and scored,
overrides one fixture:

    @pytest.fixture
    def installation(shop: Settings) -> Settings:
        return shop
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from tests.support.commands import SECRET
from tests.support.databases import PostgresServer
from tests.support.shops import small_shop

from salesml import wiring
from salesml.cli.main import app as command_line
from salesml.core.users import User, UserRole
from salesml.http.state import open_state
from salesml.server import create_server
from salesml.services import auth
from salesml.services.passwords import hash_password
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.settings import Settings
from salesml.wiring import App, open_app

PASSWORD = "correct horse battery staple"
_idle: dict[tuple[object, ...], list[FastAPI]] = {}


@dataclass(frozen=True)
class Login:
    """A user with an access token."""

    user: User
    headers: dict[str, str]


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Settings:
    """An installation without data; once on each engine."""
    settings = settings_of(tmp_path / "data", database_url)
    wiring.migrate(settings)
    return settings


@pytest.fixture
def app(installation: Settings) -> Iterator[App]:
    with open_app(installation) as opened:
        yield opened


@pytest.fixture
async def server(app: App) -> AsyncIterator[FastAPI]:
    """The server, started."""
    async with running(app) as started:
        yield started


@pytest.fixture
async def client(server: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the server as nobody in particular."""
    async with client_of(server) as speaking:
        yield speaking


@pytest.fixture
def admin(app: App) -> Login:
    return log_in(app, UserRole.ADMIN)


@pytest.fixture
def analyst(app: App) -> Login:
    return log_in(app, UserRole.ANALYST)


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An installation of 600 simulated clients, both models trained, everyone scored; the test's own."""
    template: tuple[Settings, str] = request.getfixturevalue(f"{request.param}_shop")
    settings, url = template[0], request.getfixturevalue(f"{request.param}_shop_url")
    shutil.copytree(settings.data_dir, tmp_path / "data", ignore=shutil.ignore_patterns("*.db*"))
    return settings_of(tmp_path / "data", url)


@pytest.fixture(scope="session")
def sqlite_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    folder = tmp_path_factory.mktemp("sqlite_shop")
    settings = settings_of(folder / "data", f"sqlite:///{folder / 'shop.db'}")
    fill(settings, folder / "files")
    return settings, ""


@pytest.fixture
def sqlite_shop_url(sqlite_shop: tuple[Settings, str], tmp_path: Path) -> str:
    shutil.copy(sqlite_shop[0].database_url.removeprefix("sqlite:///"), tmp_path / "shop.db")
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture(scope="session")
def postgres_shop(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, str]]:
    folder, name = tmp_path_factory.mktemp("postgres_shop"), postgres_server.create()
    settings = settings_of(folder / "data", postgres_server.url_of(name))
    fill(settings, folder / "files")
    yield settings, name
    postgres_server.drop(name)


@pytest.fixture
def postgres_shop_url(postgres_server: PostgresServer, postgres_shop: tuple[Settings, str]) -> Iterator[str]:
    name = postgres_server.create(postgres_shop[1])
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


def settings_of(data_dir: Path, url: str) -> Settings:
    """Settings of an installation of tests, whatever the environment says."""
    return Settings(
        data_dir=data_dir,
        database_url=url,
        currency="PLN",
        timezone="Europe/Warsaw",
        secret_key=SecretStr(SECRET),
    )


@asynccontextmanager
async def running(app: App, *, new: bool = False) -> AsyncIterator[FastAPI]:
    """A server between start and stop. One that no test has changed serves other tests again, since its first
    request builds all routes; what is counted for /metrics goes on, unless it shall be `new`."""
    kept = [] if new else _idle.setdefault(_kind(app), [])
    made = kept.pop() if kept else create_server(app)
    shape = _shape(made)
    async with open_state(app) as state:
        made.state.salesml = state
        yield made
    if _shape(made) == shape:
        kept.append(made)


def _kind(app: App) -> tuple[object, ...]:
    """What a server is made of, beside its state."""
    here = app.settings
    return here.docs_enabled, here.max_upload_mb, here.allowed_hosts, here.metrics_enabled


def _shape(made: FastAPI) -> tuple[object, ...]:
    """What tests add to."""
    parts = (made.router.routes, made.user_middleware, made.exception_handlers, made.dependency_overrides)
    return tuple(tuple(part) for part in parts)


def client_of(server: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://127.0.0.1")


def log_in(app: App, role: UserRole, email: str | None = None) -> Login:
    """A new user of that role, whose password is PASSWORD, logged in."""
    return app.tx.run(_log_in, app, role, email or f"{role}@shop.example")


def _log_in(uow: UnitOfWork, app: App, role: UserRole, email: str) -> Login:
    now = datetime.now(UTC)
    user = uow.users.add(email=email, role=role, password_hash=password_hash(), now=now)
    issued = auth.open_family(uow, user.id, now)
    token = app.access_tokens.issue(user, issued.family, now)
    return Login(user=user, headers={"Authorization": f"Bearer {token}"})


@cache
def password_hash() -> str:
    """Of PASSWORD; hashing is slow on purpose, so once a run."""
    return hash_password(PASSWORD)


def fill(settings: Settings, files: Path) -> None:
    """By the command line, the steadiest of all our interfaces."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SALESML_")]:
            patch.delenv(name)
        patch.setenv("SALESML_DATA_DIR", str(settings.data_dir))
        patch.setenv("SALESML_DATABASE_URL", settings.database_url)
        patch.setenv("SALESML_SECRET_KEY", SECRET)
        command_line(["migrate"], standalone_mode=False)
        for kind, path in small_shop(files).items():
            command_line(["import", kind, str(path), "--yes", "--json"], standalone_mode=False)
        command_line(["train", "--json"], standalone_mode=False)
        command_line(["score", "--json"], standalone_mode=False)
