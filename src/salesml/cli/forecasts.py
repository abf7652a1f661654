"""`salesml forecast` and `salesml outcomes`."""

from typing import Annotated

import typer

from salesml.api.schemas.forecasts import CompanyForecastOut
from salesml.cli.output import Column, Json, print_json, print_line, print_table
from salesml.cli.work import run_job
from salesml.core.days import date_of
from salesml.core.forecasts import CompanyForecast
from salesml.core.money import Currency
from salesml.services import forecasts, outcomes
from salesml.settings import load_settings
from salesml.wiring import open_app

_SHOWN = 12
_PARTS = {
    "repeat": "clients who bought in the last 90 days",
    "reactivated": "other clients",
    "new": "clients not known yet",
    "guest": "guests",
}


def forecast(as_json: Annotated[bool, Json] = False) -> None:
    """Show what the whole company will sell in the next 30 days, by the newest scoring, and what it adds up
    from.

    The JSON document is the one that `GET /api/v1/forecasts/latest` answers.
    """
    with open_app(load_settings()) as app:
        found, currency = app.tx.read(forecasts.latest)
    if as_json:
        print_json(CompanyForecastOut.of(found, currency).model_dump(mode="json"))
    else:
        _show(found, currency)


def judge_outcomes(
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Also judge anew what was judged before, as after an import of old orders."
        ),
    ] = False,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Compare forecasts whose days are over with what happened. It happens by itself after imports and
    scorings; this command waits for it."""
    with open_app(load_settings()) as app:
        result = run_job(app, outcomes.enqueue, again=again, quiet=as_json)
        known, currency = app.tx.read(forecasts.matured, _SHOWN)
    if as_json:
        told = [CompanyForecastOut.of(each, currency).model_dump(mode="json") for each in known]
        print_json({**result, "items": told})
        return
    print_line(f"judged now: {int(result['runs']):,}")
    columns = [Column(title="forecast from")]
    columns += [
        Column(title=name, numeric=True) for name in ("forecast", "actual", "80 % interval", "off by")
    ]
    print_table(
        f"Forecasts against actual, {currency.code}", columns, [_row(each, currency) for each in known]
    )


def _show(found: CompanyForecast, currency: Currency) -> None:
    def major(amount: int | None) -> str:
        return "-" if amount is None else f"{currency.to_major(amount):,}"

    rows = [[text, major(found.parts[name])] for name, text in _PARTS.items()]
    rows.append(["total", major(found.total)])
    title = f"Next {found.horizon_days} days from {date_of(found.as_of_day)}"
    print_table(title, [Column(title="from"), Column(title=currency.code, numeric=True)], rows)
    print_line(f"80 % interval: {major(found.lower)} to {major(found.upper)}")
    print_line(f"last {found.horizon_days} days: {major(found.last_period)}")


def _row(each: CompanyForecast, currency: Currency) -> list[str]:
    happened = each.outcome or {}
    actual = int(happened["actual"])
    off = f"{each.total / actual - 1:+.1%}" if actual > 0 else "-"
    held = {None: "-", True: "held", False: "missed"}[happened["inside"]]
    told, came = (f"{currency.to_major(amount):,}" for amount in (each.total, actual))
    return [date_of(each.as_of_day).isoformat(), told, came, held, off]
