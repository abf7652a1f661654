"""Handlers of pages, one file a noun."""

from salesml.web.pages import account, clients, dashboard, imports, jobs, language, login, models, users

ROUTERS = (
    login.router,
    language.router,
    account.router,
    users.router,
    dashboard.router,
    clients.router,
    models.router,
    imports.router,
    jobs.router,
)
