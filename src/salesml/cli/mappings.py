"""`salesml mappings`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from salesml.cli.output import Column, Json, actor, print_json, print_line, print_table
from salesml.core.mappings import SavedMapping, kept
from salesml.services import mappings
from salesml.settings import load_settings
from salesml.wiring import open_app

app = typer.Typer(help="Ways to read your files, kept by `salesml import ... --save-mapping NAME`.")


@app.callback(invoke_without_command=True)
def list_mappings(context: typer.Context, as_json: Annotated[bool, Json] = False) -> None:
    """List saved mappings; a command shows or removes one."""
    if context.invoked_subcommand is not None:
        return
    with open_app(load_settings()) as application:
        found = application.tx.read(mappings.list_mappings)
    if as_json:
        print_json([_document(each) for each in found])
        return
    columns = [Column(title=title) for title in ("name", "kind", "export", "columns", "saved", "by")]
    print_table("Saved mappings", columns, [_row(each) for each in found])


@app.command()
def show(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Print one as JSON."""
    with open_app(load_settings()) as application:
        print_json(_document(application.tx.read(mappings.get, name)))


@app.command()
def remove(name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Forget one; what was imported with it stays."""
    with open_app(load_settings()) as application:
        application.tx.run(mappings.delete, name, actor=actor(), now=datetime.now(UTC))
    print_line(f"removed mapping {name}")


def _document(mapping: SavedMapping) -> Mapping[str, object]:
    return {
        "name": mapping.name,
        "kind": mapping.kind.value,
        "options": kept(mapping.options),
        "created_at": mapping.created_at.isoformat(),
        "created_by": mapping.created_by,
    }


def _row(mapping: SavedMapping) -> list[str]:
    chosen = ", ".join(f"{field}={column}" for field, column in mapping.options.mapping.items())
    profile = mapping.options.profile or ""
    saved = f"{mapping.created_at:%Y-%m-%d}"
    return [mapping.name, mapping.kind.value, profile, chosen, saved, mapping.created_by]
