"""`salesml models`: trained versions, which of them answers, and their model cards."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from salesml.api.schemas.models import ModelOut
from salesml.cli.models import show_version
from salesml.cli.output import Column, Json, actor, print_json, print_line, print_table
from salesml.core.days import date_of
from salesml.core.errors import NotFound
from salesml.core.models import ModelRole, ModelVersion, Promotion, Target
from salesml.services import gating, model_cards, models, promotions
from salesml.services.model_evidence import data_span, decision_of
from salesml.services.models import ModelEntry
from salesml.settings import load_settings
from salesml.wiring import App, open_app

app = typer.Typer(help="Show trained versions, and choose which of them answers.", no_args_is_help=True)
Model = Annotated[str, typer.Argument(help="The version's number or name, as `salesml models list` shows.")]
Note = Annotated[str, typer.Option(help="Why; kept with the promotion.")]
_COLUMNS = ("number", "version", "estimator", "data up to", "trained", "state", "why")
_CHANGES = 5


@app.command("list")
def list_models(
    target: Annotated[Target | None, typer.Option(help="Only versions of this target.")] = None,
    role: Annotated[ModelRole | None, typer.Option(help="Only versions of this role.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """List trained versions, the newest first, and who answered when and why."""
    with open_app(load_settings()) as opened:
        page = opened.tx.read(models.page, target=target, role=role, limit=limit)
        changes = opened.tx.read(promotions.page, target=target, role=role, limit=_CHANGES).items
    if as_json:
        print_json([_document(entry) for entry in page.items])
        return
    columns = [Column(title=title, numeric=title == "number") for title in _COLUMNS]
    print_table("Versions", columns, [_row(entry) for entry in page.items])
    for change in changes:
        print_line(_change(change))


@app.command()
def show(model: Model, as_json: Annotated[bool, Json] = False) -> None:
    """Show a version's metrics beside the baselines, and what the gate said of it."""
    with open_app(load_settings()) as opened:
        entry = opened.tx.read(models.entry, _found(opened, model).id)
    if as_json:
        print_json(_document(entry))
        return
    show_version(entry.version, _state(entry))
    if (span := data_span(entry.version)) is not None:
        print_line(f"learned from {span.rows:,} rows, {span.first_date} to {span.last_date}")
    if (decision := decision_of(entry.version)) is not None:
        print_line(f"gate: {gating.note(decision)}")


@app.command()
def promote(model: Model, note: Note = "", as_json: Annotated[bool, Json] = False) -> None:
    """Put a version in use. What the gate left a candidate needs a --note that says why."""
    with open_app(load_settings()) as opened:
        version = _found(opened, model)
        models.check_usable(version, opened.models)
        entry = opened.tx.run(promotions.promote, version.id, note=note, actor=actor(), now=datetime.now(UTC))
    _answer(entry, as_json=as_json)


@app.command()
def roll_back(
    target: Annotated[Target, typer.Argument(help="Which model.")],
    role: Annotated[
        ModelRole, typer.Option(help="clients scores stored clients, kernel answers single forecasts.")
    ] = ModelRole.CLIENTS,
    note: Note = "",
    yes: Annotated[bool, typer.Option("--yes", help="Roll back without asking.")] = False,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Undo the last promotion: the version that answered before answers again."""
    with open_app(load_settings()) as opened:
        found = opened.tx.read(promotions.way_back, target, role)
        models.check_usable(found.version, opened.models)
        if sys.stdin.isatty() and not yes and not as_json:
            typer.confirm(f"Put {found.version.name} in use instead of {found.champion.name}?", abort=True)
        entry = opened.tx.run(
            promotions.roll_back,
            target,
            role,
            note=note,
            expected_revision=found.revision,
            actor=actor(),
            now=datetime.now(UTC),
        )
    _answer(entry, as_json=as_json)


@app.command()
def card(
    model: Model,
    out: Annotated[Path | None, typer.Option(help="Write it to this file instead of the screen.")] = None,
) -> None:
    """Print a version's model card: what it is for, its data, evidence, limits and origin, in Markdown."""
    with open_app(load_settings()) as opened:
        name, text = opened.tx.read(model_cards.card, _found(opened, model).id)
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    print_line(f"{name}: {out}")


def _found(opened: App, model: str) -> ModelVersion:
    """The version of a number or a name. Raises NotFound."""
    number = model.rpartition("-")[2]
    if number.isdecimal():
        version = opened.tx.read(models.get, int(number))
        if model in (number, version.name):
            return version
    raise NotFound(f"there is no model version {model}; see: salesml models list")


def _answer(entry: ModelEntry, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(entry))
    else:
        print_line(f"{entry.version.name}: {_state(entry)}")


def _document(entry: ModelEntry) -> dict[str, object]:
    return ModelOut.of(entry).model_dump(mode="json")


def _row(entry: ModelEntry) -> list[str]:
    version, decision = entry.version, decision_of(entry.version)
    return [
        str(version.id),
        version.name,
        version.estimator,
        date_of(version.as_of_day).isoformat(),
        f"{version.created_at:%Y-%m-%d %H:%M}",
        "candidate" if entry.champion is None else "in use",
        entry.champion.note if entry.champion else gating.note(decision) if decision else "",
    ]


def _state(entry: ModelEntry) -> str:
    if entry.champion is None:
        return "candidate"
    return f"in use since {entry.champion.since:%Y-%m-%d %H:%M} UTC: {entry.champion.note}"


def _change(change: Promotion) -> str:
    before = f" instead of {change.previous}" if change.previous else ""
    return f"{change.at:%Y-%m-%d %H:%M} UTC: {change.name}{before}, by {change.actor}: {change.note}"
