"""`salesml serve`: the HTTP server, and one worker beside it."""

import os
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from salesml.cli.beside import WorkerBeside
from salesml.cli.output import print_line
from salesml.core.errors import SettingsInvalid
from salesml.http.logs import configure_logs
from salesml.http.state import HttpState
from salesml.server import create_server
from salesml.settings import Settings, load_settings
from salesml.wiring import open_app

GRACE_S = 20
"""How long requests that have begun may go on after the signal to stop."""
_BACKLOG = 2048


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: SALESML_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: SALESML_PORT.")] = None,
) -> None:
    """Serve the API and the pages, and work on the queue. Ctrl-C or SIGTERM ends both in good order."""
    given = {"host": host, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    with listen(settings) as listening:
        run_server(settings, listening)


def run_server(settings: Settings, listening: socket.socket) -> None:
    """Serve until a signal comes. Raises NotMigrated before anything is served."""
    signal.signal(signal.SIGTERM, _stop)
    with open_app(settings) as app:
        configure_logs(settings.log_level)
        made = create_server(app)
        server = _Server(
            made,
            uvicorn.Config(
                made,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=settings.trusted_proxies,
                timeout_graceful_shutdown=GRACE_S,
            ),
        )
        address = listening.getsockname()
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        print_line(f"salesml is at http://{host}:{address[1]}")
        with WorkerBeside(settings), suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells what streams for long to end, since uvicorn waits for it."""

    def __init__(self, made: FastAPI, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._made = made

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        state: HttpState | None = getattr(self._made.state, "salesml", None)
        if state is not None:
            state.closing.set()
        super().handle_exit(sig, frame)


def listen(settings: Settings) -> socket.socket:
    """A socket that is ours before anything is started; what connects already waits.

    Raises SettingsInvalid for an address that cannot be listened on.
    """
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        made = socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number and number > 0 else str(error)
        raise SettingsInvalid(
            f"cannot listen on {settings.host} port {settings.port}: {reason}; choose another port by --port"
        ) from None
    made.set_inheritable(False)
    return made


def _stop(_: int, __: FrameType | None) -> None:
    """uvicorn raises the signal again after it has stopped; then everything else is closed, too."""
    sys.exit(0)
