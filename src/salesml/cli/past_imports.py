"""`salesml imports`: what was imported, and undoing it."""

import sys
from typing import Annotated

import typer

from salesml.api.schemas.imports import ImportDetailOut, ImportOut
from salesml.cli.output import Column, Json, counted, print_json, print_line, print_table
from salesml.cli.reports import ledger_lines, refused_lines
from salesml.cli.work import run_job
from salesml.core.imports import Import
from salesml.core.money import Currency
from salesml.services import import_requests, imports
from salesml.settings import load_settings
from salesml.wiring import open_app

app = typer.Typer(help="Show imports, and undo them.", no_args_is_help=True)
ImportId = Annotated[int, typer.Argument(min=1, help="The import's number, as `salesml imports list` shows.")]


@app.command("list")
def list_imports(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """List imports, the newest first."""
    with open_app(load_settings()) as opened:
        page, currency = opened.tx.read(imports.page_here, limit=limit)
    if as_json:
        shown = [ImportOut.model_validate(ImportOut.fields_of(each, currency)) for each in page.items]
        print_json([each.model_dump(mode="json") for each in shown])
        return
    titles = ("import", "state", "kind", "file", "source", "rows", "new", "set aside", "net")
    columns = [Column(title=title, numeric=title in ("rows", "new", "set aside", "net")) for title in titles]
    print_table("Imports", columns, [_row(each, currency) for each in page.items])


@app.command()
def show(import_id: ImportId, as_json: Annotated[bool, Json] = False) -> None:
    """Show what became of an import's rows, and what its file is like."""
    with open_app(load_settings()) as opened:
        found = opened.tx.read(imports.detail, import_id)
    one, currency = found.importing, found.currency
    if as_json:
        print_json(ImportDetailOut.of(found).model_dump(mode="json"))
        return
    print_line(f"import {one.id} of {one.file_name}: {one.state}, {one.kind} of source {one.source}")
    print_line(", ".join(f"{name} {value:,}" for name, value in vars(one.counts).items() if name != "net"))
    if found.reasons:
        print_line(f"set aside: {counted(found.reasons)}")
    if found.report and found.report.file.ledger:
        for line in ledger_lines(found.report.file.ledger, currency):
            print_line(line)
        for line in refused_lines(found.report.file, currency):
            print_line(line)


@app.command()
def undo(
    import_id: ImportId,
    yes: Annotated[bool, typer.Option("--yes", help="Undo it without asking.")] = False,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Take a whole import back.

    What only it brought goes; what another import also brought stays; values that it changed, and nothing
    has changed since, go back to what they were. An undoing that was killed goes on when the command is
    repeated.
    """
    with open_app(load_settings()) as opened:
        one = opened.tx.read(imports.check_undo, import_id)
        if sys.stdin.isatty() and not yes and not as_json:
            typer.confirm(f"Undo import {one.id} of {one.file_name}?", abort=True)
        result = run_job(opened, import_requests.undo_import, import_id, quiet=as_json)
    if as_json:
        print_json({"import_id": result["import_id"], "undone": True})
    else:
        print_line(f"import {one.id} of {one.file_name} is undone")


def _row(one: Import, currency: Currency) -> list[str]:
    counts = one.counts
    figures = [f"{each:,}" for each in (counts.rows, counts.accepted, counts.rejected)]
    net = f"{currency.to_major(counts.net):,}"
    return [str(one.id), one.state, one.kind, one.file_name, one.source, *figures, net]
