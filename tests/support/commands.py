"""Running the `salesml` command as a user does: in this process where it is quick, or as a real one."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from salesml.cli import main

RUN = "from salesml.cli.main import run; run()"
SECRET = "a secret of the tests, long enough to be one"


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Salesml:
    """An installation of its own for one test."""

    folder: Path
    environment: Mapping[str, str]
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Ended:
        """Run a command in this process."""
        with self.monkeypatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["salesml", *map(str, arguments)])
            self.capsys.readouterr()
            try:
                main.run()
                status = 0
            except SystemExit as ended:
                status = int(ended.code or 0)
        out, err = self.capsys.readouterr()
        return Ended(status, out, err)

    def good(self, *arguments: object) -> Ended:
        """Run a command that must succeed."""
        ended = self(*arguments)
        assert ended.status == 0, ended
        return ended

    def start(
        self, *arguments: object, stderr: IO[str] | int = subprocess.PIPE, code: str = RUN
    ) -> subprocess.Popen[str]:
        """Start a command as a process, to be killed; `code` runs it."""
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database for the command line; SQLite unless a test asks for more by parametrising."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'data' / 'salesml.db'}"


@pytest.fixture
def salesml(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Salesml:
    """A migrated installation with amounts in PLN."""
    environment = {
        "SALESML_DATA_DIR": str(tmp_path / "data"),
        "SALESML_DATABASE_URL": database,
        "SALESML_SECRET_KEY": SECRET,
        "SALESML_CURRENCY": "PLN",
        "COLUMNS": "200",
    }
    command = Salesml(tmp_path, environment, monkeypatch, capsys)
    command.good("migrate")
    return command
