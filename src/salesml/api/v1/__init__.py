"""Version 1 of the API: one router a noun."""

from fastapi import APIRouter

from salesml.api.v1 import (
    audit,
    auth,
    dashboard,
    imports,
    jobs,
    models,
    predictions,
    schedules,
    scoring_runs,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    users.router,
    predictions.router,
    imports.router,
    scoring_runs.router,
    models.router,
    jobs.router,
    schedules.router,
    dashboard.router,
    audit.router,
)
