"""The `salesml` command."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from salesml.cli import (
    clients,
    demo,
    exports,
    imports,
    installation,
    mappings,
    models,
    past_imports,
    predictions,
    rates,
    reports,
    serve,
    users,
    worker,
)
from salesml.cli.output import print_error
from salesml.core.errors import SalesmlError

app = typer.Typer(
    name="salesml",
    help="Forecast what each client will buy, from your own orders. Settings are SALESML_* variables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("migrate")(installation.migrate)
app.add_typer(users.app, name="users")
app.command("import")(imports.import_file)
app.command("export")(exports.export)
app.add_typer(clients.app, name="clients")
app.add_typer(past_imports.app, name="imports")
app.add_typer(mappings.app, name="mappings")
app.add_typer(rates.app, name="rates")
app.command("report")(reports.report)
app.command("train")(models.train)
app.command("score")(predictions.score)
app.command("backtest")(models.backtest)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)


@app.callback(invoke_without_command=True)
def main(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if show_version:
        typer.echo(version("salesml"))
        raise typer.Exit


def run() -> None:
    """Entry point: an error of ours is one line on stderr and exit status 1."""
    try:
        app()
    except SalesmlError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader of our output, such as `head`, has enough; Python would complain at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))


def _fail(line: str) -> None:
    print_error(line)
    sys.exit(1)
