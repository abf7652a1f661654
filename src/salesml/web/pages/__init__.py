"""Handlers of pages, one file a noun."""

from salesml.web.pages import account, language, login, users

ROUTERS = (login.router, language.router, account.router, users.router)
