"""Backtests and which recipes they begin with: one specification, both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.spec.test_models import VERSION, add, crown

from salesml.core.errors import InvalidCursor, NotFound
from salesml.core.models import ModelRole, Target
from salesml.db.transactions import SqlTransactions
from salesml.ml.estimators import DEFAULT_ESTIMATOR
from salesml.services import backtests

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
RESULT: dict[str, Any] = {
    "as_of": ["2026-01-01"],
    "league": [{"target": "sales", "standings": [{"name": "linear", "metrics": {"rmse": 1.5, "r2": None}}]}],
}


def record(tx: SqlTransactions, number: int = 0) -> int:
    document = {**RESULT, "number": number}
    told = tx.run(backtests.record, document, actor="ann", now=NOW + timedelta(days=number))
    return int(str(told["backtest_id"]))


def test_a_backtest_is_read_as_it_was_stored(tx: SqlTransactions) -> None:
    found = tx.read(backtests.get, record(tx, 1))
    assert found.result == {**RESULT, "number": 1}
    assert (found.created_by, found.created_at) == ("ann", NOW + timedelta(days=1))
    with pytest.raises(NotFound, match="no backtest 999"):
        tx.read(backtests.get, 999)


def test_the_newest_comes_first_page_by_page(tx: SqlTransactions) -> None:
    assert tx.read(backtests.latest) is None
    ids = [record(tx, number) for number in range(3)]
    newest = tx.read(backtests.latest)
    assert newest is not None
    assert newest.id == ids[-1]
    first = tx.read(backtests.page, limit=2)
    rest = tx.read(backtests.page, limit=2, cursor=first.next_cursor)
    assert [each.id for each in (*first.items, *rest.items)] == ids[::-1]
    assert rest.next_cursor is None
    with pytest.raises(InvalidCursor):
        tx.read(backtests.page, cursor="MQ")


def test_the_recipes_that_serve_are_the_ones_to_beat(tx: SqlTransactions) -> None:
    assert tx.read(backtests.defaults) == DEFAULT_ESTIMATOR
    for estimator in ("linear", "of an older program"):
        version = add(tx, replace(VERSION, role=ModelRole.CLIENTS, estimator=estimator))
        tx.run(crown, version, 1 if estimator != "linear" else 0)
        expected = "linear" if estimator == "linear" else DEFAULT_ESTIMATOR[Target.SALES]
        assert tx.read(backtests.defaults)[Target.SALES] == expected
