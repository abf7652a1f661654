"""Following promotions and the threshold: one specification, both databases."""

from dataclasses import replace
from time import monotonic, sleep
from typing import Any

import pytest
from tests.spec.test_models import VERSION, crown
from tests.support.ledgers import NOW

from salesml.core.errors import DatabaseUnavailable, NoModel
from salesml.core.inputs import NAMES
from salesml.core.installation import Installation
from salesml.core.models import Folded, ModelVersion, Target
from salesml.core.money import Currency
from salesml.db.transactions import SqlTransactions
from salesml.services.serving import Serving, read_state

SHOP = Installation(
    id="5f0c",
    currency=Currency("JPY"),
    timezone="Europe/Warsaw",
    simulated=False,
    threshold=0.7,
    created_at=NOW,
)
INPUTS: dict[str, Any] = dict.fromkeys(NAMES[Target.SALES], 1)


def folded(level: float) -> Folded:
    return Folded(features=("purchases_30d",), coefficients=(0.0,), intercept=level, logistic=False)


def add(tx: SqlTransactions, level: float) -> ModelVersion:
    made = replace(VERSION, features=("purchases_30d",), folded=folded(level), intervals=None)
    return tx.run(lambda uow: uow.models.add(made))


@pytest.fixture
def tx(tx: SqlTransactions) -> SqlTransactions:
    tx.run(lambda uow: uow.installation.put(SHOP))
    return tx


def test_two_processes_answer_a_promotion_within_two_seconds(tx: SqlTransactions) -> None:
    first, second = add(tx, 100.0), add(tx, 200.0)
    tx.run(crown, first, 0)
    with Serving(tx) as here, Serving(tx) as there:
        assert {each.predict_sales(INPUTS).predicted_sales for each in (here, there)} == {100.0}
        tx.run(crown, second, 1)
        begun = monotonic()
        while {each.predict_sales(INPUTS).model_version for each in (here, there)} != {second.name}:
            assert monotonic() - begun < 2.0
            sleep(0.01)
        assert here.predict_sales(INPUTS).predicted_sales == 200.0


def test_answers_name_what_the_version_ignores(tx: SqlTransactions) -> None:
    tx.run(crown, add(tx, 100.0), 0)
    serving = Serving(tx)
    serving.refresh()
    answer = serving.predict_sales(INPUTS)
    assert answer.ignored_features == tuple(name for name in NAMES[Target.SALES] if name != "purchases_30d")
    assert (answer.currency, answer.horizon_days, answer.lower) == ("JPY", 30, None)


def test_a_shop_without_models_serves_none_until_the_first(tx: SqlTransactions) -> None:
    serving = Serving(tx)
    with pytest.raises(NoModel):
        serving.predict_sales(INPUTS)
    serving.refresh()
    with pytest.raises(NoModel, match="no sales model"):
        serving.predict_sales(INPUTS)
    tx.run(crown, add(tx, 100.0), 0)
    serving.refresh()
    assert serving.predict_sales(INPUTS).predicted_sales == 100.0


def test_nothing_is_read_anew_while_nothing_changes(tx: SqlTransactions) -> None:
    tx.run(crown, add(tx, 100.0), 0)
    state = tx.read(read_state)
    assert tx.read(read_state, state) is state
    tx.run(lambda uow: uow.installation.put(replace(SHOP, threshold=0.3)))
    assert tx.read(read_state, state).here.threshold == 0.3


def test_a_database_that_is_away_stops_no_answer(
    tx: SqlTransactions, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = add(tx, 100.0), add(tx, 200.0)
    tx.run(crown, first, 0)

    def away(*_: object) -> object:
        raise DatabaseUnavailable("away")

    with Serving(tx, poll_s=0.02) as serving:
        with monkeypatch.context() as patch:
            patch.setattr(tx, "read", away)
            tx.run(crown, second, 1)
            _wait(lambda: "away" in caplog.text)
            old = serving.age_s
            _wait(lambda: serving.age_s > old + 0.1)
            assert serving.predict_sales(INPUTS).model_version == first.name
        _wait(lambda: serving.predict_sales(INPUTS).model_version == second.name)
        assert serving.age_s < 30


def _wait(good: Any) -> None:
    begun = monotonic()
    while not good():
        assert monotonic() - begun < 30
        sleep(0.01)
