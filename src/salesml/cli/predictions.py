"""`salesml score`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from salesml.cli.output import Column, Json, print_json, print_line, print_table
from salesml.cli.work import run_job
from salesml.core.days import date_of, parse_day
from salesml.core.money import Currency
from salesml.core.predictions import ClientScore
from salesml.services import installation, predictions, requests
from salesml.settings import load_settings
from salesml.wiring import App, open_app

TOP = 20


def score(
    as_of: Annotated[
        str | None,
        typer.Option(help="Forecast from the end of this day; default: the last whole day with orders."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Also write every client to this .csv or .parquet file.")
    ] = None,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Forecast every client: sales of the next 30 days, probability of a purchase within 14."""
    with open_app(load_settings()) as app:
        if out is not None:
            app.check_export(out.expanduser().absolute())
        result = run_scoring(app, as_of=as_of, quiet=as_json)
        run_id = int(result["run_id"])
        if out is not None:
            _write(app, run_id, out.expanduser().absolute())
        if as_json:
            print_json({**_summary(app, run_id), "out": None if out is None else str(out)})
        else:
            show_top(app, run_id)
    if out is not None and not as_json:
        print_line(f"every client written to {out}")


def run_scoring(app: App, *, as_of: str | None, quiet: bool) -> Mapping[str, Any]:
    """Score by a job; answers {"run_id", "as_of_day", "clients"}."""
    asked = None if as_of is None else parse_day(as_of)
    return run_job(app, requests.scoring, as_of_day=asked, quiet=quiet)


def show_top(app: App, run_id: int) -> None:
    """The clients with the highest forecast."""
    run, rows = app.tx.read(predictions.top, run_id, TOP)
    currency = app.tx.read(installation.current).currency
    columns = [
        Column(title="client"),
        Column(title=f"next 30 days, {currency.code}", numeric=True),
        Column(title="buys within 14 days", numeric=True),
        Column(title=f"at least {run.threshold:.0%}"),
    ]
    cells = [
        [
            row.external_id,
            f"{currency.to_major(row.predicted_sales):,}",
            f"{row.purchase_probability:.1%}",
            "yes" if row.decision else "no",
        ]
        for row in rows
    ]
    print_table(
        f"Top {len(cells)} of {run.clients:,} clients, forecast from {date_of(run.as_of_day)}", columns, cells
    )


def _write(app: App, run_id: int, out: Path) -> None:
    currency = app.tx.read(installation.current).currency
    app.write_scores(app.tx.read(predictions.scores, run_id), out, currency)


def _summary(app: App, run_id: int) -> Mapping[str, object]:
    run, rows = app.tx.read(predictions.top, run_id, TOP)
    currency = app.tx.read(installation.current).currency
    return {
        "run_id": str(run.id),
        "as_of": date_of(run.as_of_day).isoformat(),
        "clients": run.clients,
        "threshold": run.threshold,
        "currency": currency.code,
        "top": [_row(row, currency) for row in rows],
    }


def _row(row: ClientScore, currency: Currency) -> Mapping[str, object]:
    return {
        "client_id": row.external_id,
        "source": row.source,
        "predicted_sales": float(currency.to_major(row.predicted_sales)),
        "purchase_probability": row.purchase_probability,
        "decision": row.decision,
    }
