"""Version 1 of the API: one router a noun."""

from fastapi import APIRouter

from salesml.api.v1 import auth

ROUTERS: tuple[APIRouter, ...] = (auth.router,)
