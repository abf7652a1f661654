"""The installation's own row: one specification, both databases."""

from dataclasses import replace
from datetime import UTC, datetime

from salesml.core.installation import Installation
from salesml.core.money import Currency
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

SHOP = Installation(
    id="5f0c",
    currency=Currency("PLN"),
    timezone="Europe/Warsaw",
    simulated=False,
    threshold=0.7,
    created_at=datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
)


def test_a_new_database_has_no_installation_yet(tx: SqlTransactions) -> None:
    assert tx.read(lambda uow: uow.installation.get()) is None


def test_an_installation_is_read_as_it_was_put(tx: SqlTransactions) -> None:
    tx.run(lambda uow: uow.installation.put(SHOP))
    assert tx.read(lambda uow: uow.installation.get()) == SHOP


def test_a_second_put_changes_the_one_row(tx: SqlTransactions) -> None:
    changed = replace(SHOP, currency=Currency("GBP"), timezone="Europe/London", threshold=0.4, simulated=True)
    tx.run(lambda uow: uow.installation.put(SHOP))
    tx.run(lambda uow: uow.installation.put(changed))
    assert tx.read(lambda uow: uow.installation.get()) == changed


def test_a_put_is_seen_inside_its_own_transaction(tx: SqlTransactions) -> None:
    def put_and_get(uow: SqlUnitOfWork) -> Installation | None:
        uow.installation.put(SHOP)
        return uow.installation.get()

    assert tx.run(put_and_get) == SHOP
