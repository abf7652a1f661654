"""`salesml why`: the newest stored forecasts of a client, and what moved them."""

from typing import Annotated

import typer

from salesml.api.schemas.client_scores import PastPredictionOut
from salesml.cli.output import Column, Json, print_json, print_line, print_table
from salesml.core.clients import DEFAULT_SOURCE, ExternalId
from salesml.core.days import date_of
from salesml.core.errors import NotFound
from salesml.core.money import Currency
from salesml.core.predictions import PastPrediction
from salesml.services import client_scores, erasure, installation
from salesml.settings import load_settings
from salesml.web.i18n import language
from salesml.web.why import Why, of_past
from salesml.wiring import App, open_app

_COLUMNS = (Column(title="reason"), Column(title="amount", numeric=True))


def why(
    client: Annotated[str, typer.Argument(help="The client's number, as its source knows it.")],
    source: Annotated[
        str, typer.Option(help="The shop or system that the number belongs to.")
    ] = DEFAULT_SOURCE,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Tell why a client's newest forecasts are what they are, reason by reason, adding up to them."""
    with open_app(load_settings()) as app:
        past = _newest(app, client, source)
        currency = app.tx.read(installation.current).currency
    if as_json:
        told = PastPredictionOut.of(past, currency).model_dump(mode="json")
        print_json({"client_id": client, "source": source, **told})
    else:
        _show(past, currency)


def _newest(app: App, client: str, source: str) -> PastPrediction:
    """Raises NotFound."""
    client_id = app.tx.read(erasure.client_called, ExternalId(source=source, external_id=client))
    found = app.tx.read(client_scores.past, client_id, limit=1).items
    if not found:
        raise NotFound(f"no forecast of client {client} is stored; first run: salesml score")
    return found[0]


def _show(past: PastPrediction, currency: Currency) -> None:
    english = language("en")
    told = of_past(english, currency, past)
    sales = english.money(currency.to_major(past.predicted_sales), currency.code)
    print_line(f"Forecast from {date_of(past.as_of_day)}")
    _table(f"Net sales in {past.sales_horizon_days} days: {sales} ({past.sales_version})", told.sales)
    if told.interval is not None:
        print_line(told.interval)
    chance = english.percent(past.purchase_probability, 1)
    _table(
        f"Buys within {past.purchase_horizon_days} days: {chance} ({past.purchase_version})", told.purchase
    )
    if past.ranking_only:
        print_line("Past data does not support this probability; use it to put clients in order.")


def _table(title: str, told: Why | None) -> None:
    if told is None:
        print_line(f"{title}; its reasons were not kept")
        return
    rows = [["where everybody starts", told.base], *([line.text, line.amount] for line in told.lines)]
    print_table(title, _COLUMNS, [*rows, ["the forecast", told.total]])
