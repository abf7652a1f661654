"""`salesml rates`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from salesml.cli.output import Column, Json, actor, counted, print_json, print_line, print_table
from salesml.core.days import date_of
from salesml.core.pages import MAX_LIMIT
from salesml.services import rates
from salesml.settings import load_settings
from salesml.wiring import open_app

app = typer.Typer(help="Exchange rates by day, for orders in other currencies.", no_args_is_help=True)


@app.command()
def load(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with currency, day and rate, or a table A of the National Bank of Poland."),
    ],
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Store the rates of a file: what one unit of a currency costs in yours, from that day on.

    An order takes the latest rate not after its day and at most seven days old; rates of the same
    currency and day are replaced. Orders that are stored already keep what they were converted to.
    """
    path = file.expanduser().absolute()
    with open_app(load_settings()) as application:
        found = application.read_rates(path)
        application.tx.run(rates.put, found, actor=actor(), now=datetime.now(UTC))
    counts: dict[str, int] = {}
    for rate in found:
        counts[rate.currency] = counts.get(rate.currency, 0) + 1
    if as_json:
        print_json({"rates": len(found), "currencies": counts})
        return
    print_line(f"{path.name}: {len(found):,} rates stored ({counted(counts)})")


@app.command("list")
def list_rates(as_json: Annotated[bool, Json] = False) -> None:
    """List rates by currency and day."""
    with open_app(load_settings()) as application:
        page = application.tx.read(rates.page, limit=MAX_LIMIT)
        found = list(page.items)
        while page.next_cursor is not None:
            page = application.tx.read(rates.page, limit=MAX_LIMIT, cursor=page.next_cursor)
            found += page.items
    rows = [[rate.currency, f"{date_of(rate.day)}", format(rate.rate, "f")] for rate in found]
    if as_json:
        print_json([dict(zip(("currency", "day", "rate"), row, strict=True)) for row in rows])
        return
    columns = [Column(title="currency"), Column(title="day"), Column(title="rate", numeric=True)]
    print_table("Exchange rates", columns, rows)


@app.command()
def remove(currency: Annotated[str, typer.Argument(help="Its code, such as EUR.")]) -> None:
    """Forget every rate of a currency."""
    with open_app(load_settings()) as application:
        count = application.tx.run(rates.remove, currency.upper(), actor=actor(), now=datetime.now(UTC))
    print_line(f"removed {count:,} rates of {currency.upper()}")
