"""Handlers of pages, one file a noun."""

from salesml.web.pages import (
    account,
    backtests,
    clients,
    dashboard,
    erasure,
    exports,
    imports,
    jobs,
    language,
    login,
    mappings,
    merges,
    models,
    previews,
    reports,
    users,
)

ROUTERS = (
    login.router,
    language.router,
    account.router,
    users.router,
    dashboard.router,
    merges.router,
    erasure.router,
    clients.router,
    exports.router,
    # Before the models, whose pages have the number of a version in the place of "league".
    backtests.router,
    models.router,
    previews.router,
    mappings.router,
    imports.router,
    reports.router,
    jobs.router,
)
