"""`salesml export`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from salesml.cli.output import Json, print_json, print_line, progress_bar
from salesml.core.clients import DEFAULT_SOURCE, ClientQuery, ExternalId
from salesml.core.days import parse_day
from salesml.core.exports import ExportNoun, ExportQuery
from salesml.core.jobs import Progress
from salesml.services import exports
from salesml.services.erasure import client_called
from salesml.settings import load_settings
from salesml.wiring import App, open_app


def export(
    noun: Annotated[ExportNoun, typer.Argument(help="Which list.")],
    out: Annotated[Path, typer.Option(help="The file to write: .csv, .xlsx or .parquet.")],
    source: Annotated[
        str | None, typer.Option(help="Only clients, orders or activity of this source.")
    ] = None,
    client: Annotated[
        str | None,
        typer.Option(help="Only orders, activity or predictions of the client with this number."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="Orders or activity from this day on, as 2026-01-31.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Orders or activity up to this day.")] = None,
    search: Annotated[
        str, typer.Option(help="Only clients whose name or e-mail begins so, or with this number.")
    ] = "",
    run_id: Annotated[
        int | None, typer.Option("--run", help="Predictions of this scoring run instead of the newest.")
    ] = None,
    import_id: Annotated[
        int | None, typer.Option("--import", help="The import whose rejected rows are wanted.")
    ] = None,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Write a whole list into a file.

    Clients, orders, activity, predictions, scoring-runs, rejected rows of an import, imports, or audit.
    The file appears when it is complete. In CSV, a text that a spreadsheet would take for a formula gets an
    apostrophe before it.
    """
    path = out.expanduser().absolute()
    with open_app(load_settings()) as app:
        as_format = app.export_format(path)
        query = ExportQuery(
            noun=noun,
            clients=ClientQuery(q=search, source=source),
            client_id=None if client is None else _client(app, client, source),
            source=source,
            first_day=None if first is None else parse_day(first),
            last_day=None if last is None else parse_day(last),
            run_id=run_id,
            import_id=import_id,
        )
        with progress_bar(quiet=as_json) as report, app.replacing_file(path) as file:
            rows = app.tx.read(
                exports.write,
                query,
                as_format,
                file,
                app.write_table,
                datetime.now(UTC),
                lambda done: report(Progress(stage="writing", done=done)),
            )
    if as_json:
        print_json({"noun": noun.value, "out": str(out), "rows": rows})
    else:
        print_line(f"{rows:,} rows of {noun.value} written to {out}")


def _client(app: App, number: str, source: str | None) -> int:
    return app.tx.read(client_called, ExternalId(source=source or DEFAULT_SOURCE, external_id=number))
