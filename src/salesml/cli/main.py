"""The `salesml` command."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from salesml.cli.lazy import LazyGroup
from salesml.cli.output import print_error
from salesml.core.errors import SalesmlError

app = typer.Typer(
    name="salesml",
    cls=LazyGroup,
    help="Forecast what each client will buy, from your own orders. Settings are SALESML_* variables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


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
