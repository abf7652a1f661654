"""Version 1 of the API: one router a noun."""

from fastapi import APIRouter

from salesml.api.v1 import (
    activity,
    audit,
    auth,
    backtests,
    clients,
    dashboard,
    exports,
    forecasts,
    imports,
    jobs,
    mappings,
    merges,
    models,
    orders,
    predictions,
    rates,
    reports,
    schedules,
    scoring_runs,
    sources,
    users,
    webhooks,
)

# Routes are tried in this order, at some cost for each: the one that is asked most comes first.
ROUTERS: tuple[APIRouter, ...] = (
    predictions.router,
    auth.router,
    users.router,
    clients.router,
    merges.router,
    orders.router,
    activity.router,
    webhooks.router,
    imports.router,
    exports.router,
    scoring_runs.router,
    forecasts.router,
    models.router,
    backtests.router,
    jobs.router,
    schedules.router,
    sources.router,
    mappings.router,
    rates.router,
    dashboard.router,
    reports.router,
    audit.router,
)
