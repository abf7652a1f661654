"""Prepared figures: one specification, both databases."""

from datetime import timedelta

from tests.support.ledgers import NOW

from salesml.db.transactions import SqlTransactions


def test_nothing_is_prepared_at_first(tx: SqlTransactions) -> None:
    assert tx.read(lambda uow: uow.summaries.get("dashboard")) is None


def test_a_figure_is_read_as_it_was_put_and_replaced_by_the_next(tx: SqlTransactions) -> None:
    tx.run(lambda uow: uow.summaries.put("dashboard", {"clients": 1, "scored": None}, NOW))
    later = NOW + timedelta(hours=1)
    tx.run(lambda uow: uow.summaries.put("dashboard", {"clients": 2, "sum": 0.1}, later))
    assert tx.read(lambda uow: uow.summaries.get("dashboard")) == ({"clients": 2, "sum": 0.1}, later)
    assert tx.read(lambda uow: uow.summaries.get("sales_trend")) is None
