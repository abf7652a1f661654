"""`salesml serve` as a process: it listens, keeps a worker beside it, and both end in good order."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.commands import Salesml

PATIENCE_S = 90
EMAIL = "admin@shop.example"
MIB = 1024**2


@dataclass
class Served:
    """A server that has told its address; its log lies in a file."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def events(self) -> list[dict[str, Any]]:
        """Whole lines of JSON that the server and its worker have logged."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines if line.endswith("}")]

    def workers(self) -> list[int]:
        """Of every worker that was started, the newest last."""
        return [event["pid"] for event in self.events() if event["event"] == "a worker began"]

    def is_ready_for_jobs(self) -> bool:
        return any(event["event"] == "ready for jobs" for event in self.events())

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def served(salesml: Salesml, tmp_path: Path) -> Iterator[Served]:
    """On a free port, with a worker that is ready."""
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "salesml", "serve", "--port", "0"],
            env={**os.environ, **salesml.environment, "SALESML_LOG_LEVEL": "info"},
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().decode().strip()
        assert said.startswith("salesml is at http://127.0.0.1:"), (said, log.read_text())
        server = Served(process, said.removeprefix("salesml is at "), log)
        wait(server.is_ready_for_jobs)
        yield server
    finally:
        process.kill()
        process.communicate()
        if log.exists():
            wait(lambda: not any(is_alive(pid) for pid in Served(process, "", log).workers()))


def wait(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def is_alive(pid: int) -> bool:
    """A zombie, which nobody has asked for its status yet, is not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return not stat.parent.parent.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def bearer(salesml: Salesml, served: Served) -> dict[str, str]:
    """A new administrator, logged in as a script does."""
    said = salesml.good("users", "create", EMAIL, "--role", "admin").out
    form = {"username": EMAIL, "password": said.rpartition(": ")[2].strip()}
    answer = httpx.post(f"{served.url}/api/v1/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_it_answers_logs_one_line_a_request_and_ends_its_worker_with_it(
    salesml: Salesml, served: Served
) -> None:
    headers = bearer(salesml, served)
    assert httpx.get(f"{served.url}/api/v1/auth/me", headers=headers).json()["email"] == EMAIL
    forged = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    ready = httpx.get(f"{served.url}/readyz", headers=forged)
    assert ready.json() == {"status": "ready"}
    assert "strict-transport-security" not in ready.headers, "a proxy that nobody trusts was believed"
    assert "server" not in ready.headers

    def requests() -> list[tuple[str, int]]:
        told = [event for event in served.events() if event["event"] == "request"]
        return [(event["route"], event["status"]) for event in told]

    wait(lambda: len(requests()) == 3)  # the line is written when the answer is already there
    assert requests() == [
        ("/api/v1/auth/token", 200),
        ("/api/v1/auth/me", 200),
        ("/readyz", 200),
    ]
    (worker,) = served.workers()
    assert is_alive(worker)
    assert served.stop() == 0
    assert not is_alive(worker)


def test_a_worker_that_dies_is_started_again_and_ctrl_c_ends_both(served: Served) -> None:
    (first,) = served.workers()
    os.kill(first, signal.SIGKILL)
    wait(lambda: len(served.workers()) == 2)
    assert not is_alive(first)
    assert is_alive(served.workers()[1])
    assert httpx.get(f"{served.url}/healthz").status_code == 200
    assert served.stop(signal.SIGINT) == 0
    assert not is_alive(served.workers()[1])


def test_a_server_that_is_killed_leaves_no_worker_behind(served: Served) -> None:
    (worker,) = served.workers()
    served.stop(signal.SIGKILL)
    wait(lambda: not is_alive(worker))


def test_an_upload_over_the_limit_is_refused_without_being_read_whole(
    salesml: Salesml, served: Served
) -> None:
    headers = bearer(salesml, served) | {"Content-Type": "multipart/form-data; boundary=x"}
    sent = 0

    def upload() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="orders.csv"\r\n\r\n'
        while sent < 200 * MIB:
            sent += MIB
            yield b"x" * MIB

    answer = httpx.post(f"{served.url}/api/v1/imports", content=upload(), headers=headers, timeout=PATIENCE_S)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert sent < 100 * MIB
    assert httpx.get(f"{served.url}/healthz").status_code == 200


def test_a_port_that_is_taken_is_told_in_one_line(salesml: Salesml) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = salesml("serve", "--port", port)
    assert ended.status == 1
    assert ended.err.startswith(f"salesml: cannot listen on 127.0.0.1 port {port}: ")
    assert ended.err.count("\n") == 1


def test_a_database_that_was_not_migrated_is_not_served(salesml: Salesml, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    with salesml.monkeypatch.context() as patch:
        patch.setitem(salesml.environment, "SALESML_DATABASE_URL", url)
        ended = salesml("serve", "--port", "0")
    assert (ended.status, ended.out) == (1, "")
    assert "run: salesml migrate" in ended.err
