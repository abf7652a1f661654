"""What runs forecast of the company, as it is stored and read."""

from collections.abc import Sequence
from dataclasses import replace

from salesml.core.errors import NoModel
from salesml.core.forecasts import ACTIVE_DAYS, CompanyForecast, within
from salesml.core.money import Currency
from salesml.core.pages import DEFAULT_LIMIT, Page
from salesml.services import installation
from salesml.services.paging import newest_first
from salesml.services.ports.unit_of_work import UnitOfWork


def store(uow: UnitOfWork, forecast: CompanyForecast) -> CompanyForecast:
    """Add up what the run stored of its clients, to the minor unit, and keep the forecast with its sums.

    The interval goes as far from the total as the evidence says.
    """
    repeat, others = uow.forecasts.client_sales(forecast.run_id, ACTIVE_DAYS)
    summed = replace(forecast, repeat_sales=repeat, reactivated_sales=others)
    reach = forecast.evidence["reach"]
    lower, upper = (None, None) if reach is None else within(summed.total, reach)
    stored = replace(summed, lower=lower, upper=upper)
    if stored != uow.forecasts.get(forecast.run_id):
        uow.forecasts.put(stored)
    return stored


def recount(uow: UnitOfWork, run_id: int) -> CompanyForecast | None:
    """Add up the forecasts of the newest run anew, as clients came to be others or fewer."""
    stored = uow.forecasts.get(run_id)
    return None if stored is None else store(uow, stored)


def page(
    uow: UnitOfWork, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> tuple[Page[CompanyForecast], Currency]:
    """Forecasts of published runs, the newest first, and what their money is in. Raises InvalidValue,
    InvalidCursor."""
    found = newest_first(
        "forecasts", uow.forecasts.list, lambda each: each.run_id, limit=limit, cursor=cursor
    )
    return found, installation.current(uow).currency


def latest(uow: UnitOfWork) -> tuple[CompanyForecast, Currency]:
    """That of the newest run, which pages show. Raises NoModel while nothing was scored."""
    run = uow.predictions.latest_run()
    found = None if run is None else uow.forecasts.get(run.id)
    if found is None:
        raise NoModel("nothing is forecast yet; run: salesml score")
    return found, installation.current(uow).currency


def matured(uow: UnitOfWork, limit: int) -> tuple[Sequence[CompanyForecast], Currency]:
    """Past forecasts of which is known what happened, the newest first, and what their money is in."""
    return uow.forecasts.matured(limit), installation.current(uow).currency
