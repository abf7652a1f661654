"""Commands are loaded one by one."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from salesml.cli.lazy import COMMANDS
from salesml.cli.main import app


@pytest.mark.slow
def test_every_command_tells_what_it_does() -> None:
    overview = CliRunner().invoke(app, ["--help"]).output
    for name in COMMANDS:
        assert f"│ {name} " in overview
        told = CliRunner().invoke(app, [name, "--help"])
        assert (told.exit_code, "Usage: " in told.output) == (0, True), name


def test_a_command_does_not_load_the_libraries_of_others() -> None:
    code = "import sys, salesml.cli.main, salesml.cli.imports; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"sklearn", "scipy", "fastapi"} & set(loaded.split())
