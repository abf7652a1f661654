"""What this installation is: its id, its currency and its business time zone."""

import uuid
from dataclasses import replace
from datetime import datetime

from salesml.core.errors import InstallationMismatch, NotMigrated
from salesml.core.installation import Installation
from salesml.core.models import DEFAULT_THRESHOLD
from salesml.core.money import Currency
from salesml.services.ports.unit_of_work import UnitOfWork


def initialise(uow: UnitOfWork, *, currency: str, timezone: str, now: datetime) -> Installation:
    """Write the installation at the first migrate; afterwards the same as `verify`."""
    if uow.installation.get() is None:
        uow.installation.put(
            Installation(
                id=str(uuid.uuid4()),
                currency=Currency(currency),
                timezone=timezone,
                simulated=False,
                threshold=DEFAULT_THRESHOLD,
                created_at=now,
            )
        )
    return adopt(uow, currency=currency, timezone=timezone)


def adopt(uow: UnitOfWork, *, currency: str, timezone: str) -> Installation:
    """Take over a changed currency or time zone while there are no orders; refuse it afterwards."""
    installation = current(uow)
    if (installation.currency.code, installation.timezone) == (currency, timezone):
        return installation
    verify(uow, currency=currency, timezone=timezone)
    changed = replace(installation, currency=Currency(currency), timezone=timezone)
    uow.installation.put(changed)
    return changed


def verify(uow: UnitOfWork, *, currency: str, timezone: str) -> Installation:
    """The installation. Raises InstallationMismatch where settings contradict orders that were stored."""
    installation = current(uow)
    for name, stored, given in (
        ("SALESML_CURRENCY", installation.currency.code, currency),
        ("SALESML_TIMEZONE", installation.timezone, timezone),
    ):
        if stored != given and uow.orders.span() is not None:
            raise InstallationMismatch(
                f"{name} is {given}, but the orders in this database are in {stored}; "
                f"set {name}={stored}, or use another database"
            )
    return installation


def current(uow: UnitOfWork) -> Installation:
    """Raises NotMigrated while there is none."""
    installation = uow.installation.get()
    if installation is None:
        raise NotMigrated("the database is empty; run: salesml migrate")
    return installation


def mark_simulated(uow: UnitOfWork) -> None:
    """Label every figure of this installation as simulated, for good."""
    uow.installation.put(replace(current(uow), simulated=True))
