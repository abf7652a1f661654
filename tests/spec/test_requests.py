"""Asking for long work: one specification, both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.ledgers import DAY, NOW, bring_orders, set_state, take_back
from tests.support.ledgers import begin as begin_import

from salesml.core.errors import InvalidValue, TooLittleData
from salesml.core.files import ReadingOptions
from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportKind
from salesml.core.installation import Installation
from salesml.core.jobs import Job, JobKind
from salesml.core.models import Target
from salesml.core.money import Currency
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.ml.contest import contenders_for
from salesml.ml.estimators import DEFAULT_ESTIMATOR
from salesml.services import import_requests, requests

SHOP = Installation(
    id="5f0c",
    currency=Currency("PLN"),
    timezone="Europe/Warsaw",
    simulated=False,
    threshold=0.7,
    created_at=NOW,
)
FILE = ImportRequest(path=Path("/a/orders.csv"), kind=ImportKind.ORDERS, source="default", sha256="00")


@pytest.fixture
def tx(tx: SqlTransactions) -> SqlTransactions:
    """Orders on days 20,000 and 20,001 (2024-10-04 and 05)."""

    def fill(uow: SqlUnitOfWork) -> None:
        uow.installation.put(SHOP)
        number = begin_import(uow)
        bring_orders(uow, number, [("1", "a", 100), ("2", "b", 200)])
        set_state(uow, number)

    tx.run(fill)
    return tx


def import_file(tx: SqlTransactions, request: ImportRequest) -> Job:
    return tx.run(import_requests.import_file, request, actor="ann", now=NOW)


def test_the_default_date_is_filled_in_when_work_is_asked_for(tx: SqlTransactions) -> None:
    job = tx.run(requests.training, list(Target), actor="ann", now=NOW)
    assert (job.kind, job.created_by) == (JobKind.TRAINING, "ann")
    assert job.args == {"targets": "sales purchase", "as_of_day": DAY + 1, "estimator": None}
    assert tx.run(requests.scoring, actor="ann", now=NOW).args == {"as_of_day": DAY + 1}
    tested = tx.run(requests.backtest, windows=2, actor="ann", now=NOW)
    assert tested.args == {
        "as_of_days": f"{DAY - 59} {DAY - 29}",
        "defaults": {target.value: name for target, name in DEFAULT_ESTIMATOR.items()},
        "estimators": "",
        "out": None,
    }


def test_a_backtest_is_of_named_estimators_or_of_all(tx: SqlTransactions) -> None:
    named = tx.run(requests.backtest, estimators=["kernel", "linear", "kernel"], actor="ann", now=NOW)
    assert named.args["estimators"] == "kernel linear"
    every = tx.run(requests.backtest, estimators=["all"], actor="ann", now=NOW)
    assert {*str(every.args["estimators"]).split()} == {*contenders_for(Target.SALES)} | {
        *contenders_for(Target.PURCHASE)
    }
    dated = tx.run(requests.backtest, days=[DAY + 1, DAY, DAY], actor="ann", now=NOW)
    assert dated.args["as_of_days"] == f"{DAY} {DAY + 1}"


def test_the_last_whole_day_is_that_of_the_business_clock(tx: SqlTransactions) -> None:
    # 00:30 of 2024-10-06 in Warsaw, while UTC still has the day of the last order.
    late = datetime(2024, 10, 5, 22, 30, tzinfo=UTC)
    assert tx.run(requests.scoring, actor="ann", now=late).args == {"as_of_day": DAY + 1}
    early = datetime(2024, 10, 5, 21, 30, tzinfo=UTC)
    assert tx.run(requests.scoring, actor="ann", now=early).args == {"as_of_day": DAY}


def test_asking_twice_is_asking_once(tx: SqlTransactions) -> None:
    first = tx.run(requests.scoring, actor="ann", now=NOW)
    assert tx.run(requests.scoring, as_of_day=DAY + 1, actor="bob", now=NOW) == first
    assert tx.run(requests.scoring, as_of_day=DAY, actor="ann", now=NOW).id != first.id
    assert tx.run(requests.training, [Target.SALES], actor="ann", now=NOW).id != first.id


def test_what_cannot_be_is_refused_before_it_is_queued(tx: SqlTransactions) -> None:
    with pytest.raises(InvalidValue, match="as_of"):
        tx.run(requests.scoring, as_of_day=DAY - 1, actor="ann", now=NOW)
    with pytest.raises(InvalidValue, match="estimator"):
        tx.run(requests.training, [Target.PURCHASE], estimator="linear", actor="ann", now=NOW)
    with pytest.raises(InvalidValue, match="estimator"):
        tx.run(requests.backtest, estimators=["oracle"], actor="ann", now=NOW)
    with pytest.raises(InvalidValue, match="as_of"):
        tx.run(requests.backtest, days=[DAY - 1], actor="ann", now=NOW)
    assert tx.read(lambda uow: [uow.jobs.unfinished(kind) for kind in JobKind]) == [[]] * len(JobKind)


def test_without_orders_there_is_nothing_to_ask_for(tx: SqlTransactions) -> None:
    (only,) = tx.read(lambda uow: uow.imports.page(9))
    tx.run(take_back, only.id)
    with pytest.raises(TooLittleData):
        tx.run(requests.training, list(Target), actor="ann", now=NOW)


def test_an_import_is_the_same_by_content_and_choices(tx: SqlTransactions) -> None:
    first = import_file(tx, FILE)
    assert import_file(tx, FILE) == first
    others = [
        replace(FILE, sha256="01"),
        replace(FILE, source="shop-2"),
        replace(FILE, update=True),
        replace(FILE, path=Path("/b/orders.csv")),
        replace(FILE, options=ReadingOptions(lines=True)),
    ]
    assert len({import_file(tx, each).id for each in [FILE, *others]}) == 6


def test_two_uploads_of_one_content_are_one_request(tx: SqlTransactions) -> None:
    uploads = [replace(FILE, path=Path(f"/uploads/{name}/orders.csv"), spooled=True) for name in "ab"]
    first, second = (import_file(tx, each) for each in uploads)
    assert first == second
    assert first.args["path"] == "/uploads/a/orders.csv"


@pytest.mark.parametrize("source", ["", " shop", "x" * 201])
def test_a_source_has_a_name(source: str) -> None:
    with pytest.raises(InvalidValue, match="source"):
        replace(FILE, source=source)
