"""`salesml clients`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from salesml.cli.output import Json, actor, print_json, print_line
from salesml.core.clients import DEFAULT_SOURCE, ExternalId
from salesml.core.errors import InvalidValue
from salesml.jobs import leftovers
from salesml.services import client_data, erasure
from salesml.settings import load_settings
from salesml.wiring import App, open_app

app = typer.Typer(help="What is stored of one client, and erasing it.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The client's number, as its source knows it.")]
Source = Annotated[str, typer.Option(help="The shop or system that the number belongs to.")]


@app.command()
def data(
    client: Number,
    source: Source = DEFAULT_SOURCE,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of the terminal.")] = None,
) -> None:
    """Everything that is known of a client, as one JSON document."""
    with open_app(load_settings()) as application:
        client_id = _found(application, client, source)
        found = application.tx.read(client_data.everything, client_id, datetime.now(UTC))
        if out is None:
            print_json(found)
            return
        with application.replacing_file(out.expanduser().absolute()) as file:
            file.write(json.dumps(found, ensure_ascii=False, indent=2).encode())
    print_line(f"everything known of {client} written to {out}")


@app.command()
def erase(
    client: Number,
    source: Source = DEFAULT_SOURCE,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Erase a client from every table and file of this installation, for good.

    Imports skip the client from then on. Backups, and files that lie elsewhere, are yours to clear.
    """
    with open_app(load_settings()) as application:
        client_id = _found(application, client, source)
        if not yes:
            typed = typer.prompt(f"This cannot be undone. Type {client} to erase the client")
            if typed.strip() != client:
                raise InvalidValue("client", "is not what was typed; nothing was erased")
        removed = application.tx.run(erasure.erase, client_id, actor=actor(), now=datetime.now(UTC))
        leftovers.remove(application)
        application.tx.scrub(deeply=True)
    _show(removed, as_json=as_json)


def _found(application: App, number: str, source: str) -> int:
    return application.tx.read(erasure.client_called, ExternalId(source=source, external_id=number))


def _show(removed: Mapping[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json(dict(removed))
        return
    told = ", ".join(f"{table} {count:,}" for table, count in removed.items() if count)
    print_line(f"erased: {told}")
