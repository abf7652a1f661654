"""Commands that go on running, as processes: started, spoken to over HTTP, stopped or killed."""

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from time import monotonic

import httpx
import pytest
from tests.support.commands import SECRET, Salesml

from salesml.settings import Settings

PATIENCE_S = 300
_ADDRESS = re.compile(r"http://\S+")


@dataclass
class Running:
    """A command that runs; `printed` is what it has said on standard output so far."""

    process: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list)
    _lines: Queue[str] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def until(self, text: str) -> str:
        """Wait for a line of standard output with that text; answers the line."""
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            try:
                line = self._lines.get(timeout=0.2)
            except Empty:
                assert self.process.poll() is None, ("it has ended", self.process.returncode, self.printed)
                continue
            self.printed.append(line)
            if text in line:
                return line
        raise AssertionError((f"it never said {text!r}", self.printed))

    def url(self) -> str:
        """Where a server listens, as it says itself."""
        found = _ADDRESS.search(self.until("salesml is at "))
        assert found
        return found[0]

    def stop(self) -> int:
        """End it as Ctrl-C does; answers the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))


@pytest.fixture
def shop_salesml(
    shop: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Salesml:
    """Commands on the installation of `shop`."""
    environment = {
        "SALESML_DATA_DIR": str(shop.data_dir),
        "SALESML_DATABASE_URL": shop.database_url,
        "SALESML_SECRET_KEY": SECRET,
    }
    return Salesml(tmp_path, environment, monkeypatch, capsys)


@contextmanager
def running(salesml: Salesml, *arguments: object, log: Path) -> Iterator[Running]:
    """A command of this installation; what it writes on stderr goes to a file. It is gone at the end."""
    with log.open("a") as errors:
        process = salesml.start(*arguments, stderr=errors)
        try:
            yield Running(process)
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def token_of(url: str, email: str, password: str) -> dict[str, str]:
    """Headers of a user who logs in over HTTP."""
    answer = httpx.post(f"{url}/api/v1/auth/token", data={"username": email, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
