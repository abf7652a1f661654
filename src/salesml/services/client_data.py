"""All that is known of one client, for whoever asks what is stored of them (GDPR, article 15)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from salesml.core.clients import CONSENTS
from salesml.core.days import date_of
from salesml.core.money import Currency
from salesml.services import installation
from salesml.services.ports.unit_of_work import UnitOfWork

_MONEY = ("amount", "predicted_sales", "lower", "upper")
_DAYS = ("day", "as_of_day", "ordered_day", "registered_day")
_IDS = ("id", "run_id", "version_id", "merged_client_id")


def everything(uow: UnitOfWork, client_id: int, now: datetime) -> Mapping[str, object]:
    """The client's rows of every table: times and days as texts, money in major units. Raises NotFound."""
    client = uow.clients.get(client_id)
    currency = installation.current(uow).currency
    found: dict[str, Any] = {
        name: [_told(row, currency) for row in rows]
        for name, rows in uow.clients.everything(client_id).items()
    }
    profile = found.pop("client")[0]
    profile = {name: value for name, value in profile.items() if not name.startswith(CONSENTS)}
    return {
        "made_at": _text(now),
        "currency": currency.code,
        "client": profile,
        "consents": {
            name: {"granted": told.granted, "at": told.at and _text(told.at)}
            for name, told in client.consents.items()
        },
        **found,
        "not_the_same_as": [str(row["id"]) for row in found["not_the_same_as"]],
    }


def _told(row: Mapping[str, Any], currency: Currency) -> dict[str, Any]:
    return {name: _value(name, value, currency) for name, value in row.items()}


def _value(name: str, value: Any, currency: Currency) -> Any:
    if isinstance(value, dict):
        return _told(value, currency)
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if name in _MONEY:
        return float(currency.to_major(value))
    if name in _DAYS:
        return date_of(value).isoformat()
    if name in _IDS:
        return str(value)
    is_instant = name == "at" or name.endswith("_at")
    return _text(datetime.fromtimestamp(value, UTC)) if is_instant else value


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
