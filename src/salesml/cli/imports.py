"""`salesml import`."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from salesml.cli.output import Column, Json, counted, print_json, print_line, print_table
from salesml.cli.work import run_job
from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.errors import InvalidValue
from salesml.core.files import FileReading, ReadingOptions
from salesml.core.imports import ImportKind, RejectedRow
from salesml.jobs.imports import file_sha256
from salesml.services import imports, installation, orders, requests
from salesml.services.requests import ImportRequest
from salesml.settings import load_settings
from salesml.wiring import App, open_app

_MIB = 1024**2
_SHOWN = 5


def import_file(
    kind: Annotated[ImportKind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="CSV (plain or gzip) or Parquet.")],
    source: Annotated[
        str, typer.Option(help="The shop or system that ids and order numbers belong to.")
    ] = DEFAULT_SOURCE,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help='Which column holds a field, as client_id="Customer ID"; may repeat.'),
    ] = None,
    lines: Annotated[
        bool | None, typer.Option("--lines/--no-lines", help="Rows are line items, to be summed into orders.")
    ] = None,
    dates: Annotated[
        str | None, typer.Option(help="How dates are written: iso, ymd, dmy, mdy or compact.")
    ] = None,
    separator: Annotated[
        str | None, typer.Option(help="Column separator, instead of the detected one.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Text encoding, instead of the detected one.")] = None,
    update: Annotated[bool, typer.Option("--update", help="Replace stored orders that differ.")] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show how the file is understood, and import nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Import what was detected without asking.")] = False,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Import orders, clients or daily activity from a file.

    Good rows are kept and bad ones set aside with row number, field and reason. Importing a file
    twice is the same as once; an import that was killed goes on when the command is repeated.
    """
    settings = load_settings()
    path = file.expanduser().absolute()
    options = ReadingOptions(
        mapping=_mapping(mapping or []),
        lines=lines,
        date_format=dates,
        separator=separator,
        encoding=encoding,
        max_bytes=settings.max_file_mb * _MIB,
    )
    with open_app(settings) as app:
        reading = app.reader.inspect(path, kind, options)
        if preview:
            _show_preview(reading, as_json=as_json)
            return
        if not as_json:
            _show_reading(reading)
        if sys.stdin.isatty() and not yes and not as_json:
            typer.confirm("Import it like this?", default=True, abort=True)
        request = ImportRequest(
            path=path, kind=kind, source=source, sha256=file_sha256(path), options=options, update=update
        )
        result = run_job(app, requests.import_file, request, quiet=as_json)
        _show_result(app, path, result, as_json=as_json)


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise InvalidValue("--map", f"{pair!r} is not FIELD=COLUMN")
        mapping[field.strip()] = column
    return mapping


def _show_reading(reading: FileReading) -> None:
    for note in reading.notes:
        print_line(note)


def _show_preview(reading: FileReading, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(reading))
        return
    _show_reading(reading)
    columns = [Column(title=name) for name in reading.columns]
    rows = [[cell or "" for cell in row] for row in reading.sample[:_SHOWN]]
    print_table("First rows", columns, rows)


def _show_result(app: App, path: Path, result: Mapping[str, Any], *, as_json: bool) -> None:
    here = app.tx.read(installation.current)
    count, clients, net = app.tx.read(orders.totals)
    stored = {"orders": count, "clients": clients, "net": float(here.currency.to_major(net))}
    if as_json:
        print_json({**result, "stored": stored})
        return
    print_line(f"{path.name}: {result['rows']:,} rows read, {_outcome(result)}")
    if result["rejected"]:
        print_line(f"set aside: {result['rejected']:,} rows ({counted(result['reasons'])})")
        for row in app.tx.read(imports.rejected, int(result["import_id"]), _SHOWN):
            print_line(f"  {_rejected(row)}")
    print_line(
        f"stored now: {count:,} orders of {clients:,} clients, "
        f"net {here.currency.to_major(net):,} {here.currency.code}"
    )


def _outcome(result: Mapping[str, Any]) -> str:
    said = {
        "accepted": "added",
        "changed": "changed",
        "repeated": "already there",
        "guests": "of guests",
        "erased": "of erased clients skipped",
        "new_clients": "new clients",
    }
    return ", ".join(
        f"{result[key]:,} {words}" for key, words in said.items() if result[key] or key == "accepted"
    )


def _rejected(row: RejectedRow) -> str:
    return f"row {row.row}, {row.field}: {row.reason}"
