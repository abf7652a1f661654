"""What models learn from and score on, pulled in one snapshot."""

from salesml.core.errors import InvalidValue, TooLittleData
from salesml.ml.history import History
from salesml.services.ports.unit_of_work import UnitOfWork


def load(uow: UnitOfWork) -> History:
    """Every published order, client and activity row."""
    return History(
        clients=uow.clients.roster(),
        orders=uow.orders.ledger(),
        activity=uow.activity.daily(),
        coverage=uow.activity.coverage(),
    )


def load_client(uow: UnitOfWork, client_id: int) -> History:
    """The same of one client, the coverage of all, and the day on which the orders of all begin."""
    span = uow.orders.span()
    return History(
        clients=uow.clients.roster(client_id),
        orders=uow.orders.ledger(client_id),
        activity=uow.activity.daily(client_id),
        coverage=uow.activity.coverage(),
        orders_from=None if span is None else span[0],
    )


def as_of_day(uow: UnitOfWork, *, today: int, asked: int | None = None) -> int:
    """The as-of date as an epoch day: the earlier of yesterday and the last day with orders, unless asked.

    Raises TooLittleData without orders, InvalidValue for a date before the first order or after today.
    """
    span = uow.orders.span()
    if span is None:
        raise TooLittleData("there are no orders; import some first: salesml import orders FILE")
    if asked is None:
        return min(today - 1, span[1])
    if not span[0] <= asked <= today:
        raise InvalidValue("as_of", "must lie between the first order and today")
    return asked
