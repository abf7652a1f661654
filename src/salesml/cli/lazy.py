"""Commands that are loaded when they are called: the libraries of all of them take seconds."""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS: Mapping[str, str] = {
    "demo": "demo:demo",
    "migrate": "installation:migrate",
    "users": "users:app",
    "import": "imports:import_file",
    "export": "exports:export",
    "clients": "clients:app",
    "imports": "past_imports:app",
    "jobs": "jobs:app",
    "mappings": "mappings:app",
    "rates": "rates:app",
    "report": "reports:report",
    "train": "models:train",
    "models": "registry:app",
    "score": "predictions:score",
    "why": "why:why",
    "forecast": "forecasts:forecast",
    "outcomes": "forecasts:judge_outcomes",
    "backtest": "backtests:backtest",
    "serve": "serve:serve",
    "worker": "worker:worker",
}
"""In the order of the help: a function or a group of commands, as `module:name` of this package."""


class LazyGroup(TyperGroup):
    """The commands of COMMANDS (click's documentation, "Lazily Loading Subcommands")."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found = resolve_name(f"salesml.cli.{COMMANDS[cmd_name]}")
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command
