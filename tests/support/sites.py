"""A real server on a loopback port, in a thread of this process, with users to sign in as."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import make_url
from tests.support.databases import PostgresServer
from tests.support.servers import PASSWORD, password_hash

from salesml.core.users import User, UserRole
from salesml.http.sessions import NAME
from salesml.server import create_server
from salesml.services import auth
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.settings import Settings
from salesml.wiring import App, open_app

START_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Site:
    """`users` by role; their password is `password`."""

    url: str
    app: App
    users: dict[str, User]
    password: str = PASSWORD

    def cookie_of(self, role: str) -> Any:
        """A session of that role, as playwright takes cookies; quicker than the login page."""
        secret = self.app.tx.run(auth.open_session, self.users[role].id, datetime.now(UTC))
        return {"name": NAME, "value": secret, "url": self.url, "httpOnly": True, "sameSite": "Lax"}


@contextmanager
def copied_shop(
    template: tuple[Settings, str], folder: Path, host: PostgresServer | None
) -> Iterator[tuple[Path, str]]:
    """Data folder and URL of a copy of a shop; `host` is where a database of PostgreSQL is."""
    settings, name = template
    shutil.copytree(settings.data_dir, folder / "data", ignore=shutil.ignore_patterns("*.db*"))
    if host is None:
        source = make_url(settings.database_url).database
        shutil.copy(str(source), folder / "shop.db")
        yield folder / "data", f"sqlite:///{folder / 'shop.db'}"
        return
    copy = host.create(name)
    yield folder / "data", host.url_of(copy)
    host.drop(copy)


@contextmanager
def serving(settings: Settings) -> Iterator[Site]:
    """The server on a free port, from start to stop."""
    with open_app(settings) as app, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = _Server(uvicorn.Config(create_server(app), log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            if not server.ready.wait(START_TIMEOUT_S):
                raise RuntimeError("the server did not start")
            users = app.tx.run(_users)
            yield Site(url=f"http://127.0.0.1:{listener.getsockname()[1]}", app=app, users=users)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves the signals of this process alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _users(uow: UnitOfWork) -> dict[str, User]:
    return {
        role.value: uow.users.find(f"{role}@shop.example")
        or uow.users.add(
            email=f"{role}@shop.example", role=role, password_hash=password_hash(), now=datetime.now(UTC)
        )
        for role in UserRole
    }
