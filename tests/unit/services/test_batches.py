"""Many forecasts at once against the same ones asked singly."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesml.core.errors import InvalidValue, NoModel
from salesml.core.inputs import INPUTS, NAMES, Input
from salesml.core.installation import Installation
from salesml.core.models import Folded, Target
from salesml.core.money import Currency
from salesml.services import batches
from salesml.services.batches import Batch
from salesml.services.ports.unit_of_work import Transactions
from salesml.services.serving import Served, Serving, ServingState

HERE = Installation(
    id="1",
    currency=Currency("PLN"),
    timezone="Europe/Warsaw",
    simulated=False,
    threshold=0.7,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
FOLDED = {
    Target.SALES: Folded(
        features=NAMES[Target.SALES],
        coefficients=(812.3, 0.071, 13.1, -2.7, -31.9),
        intercept=1523.7,
        logistic=False,
        imputed={"days_since_last_purchase": ("tenure_months", 30.4375)},
    ),
    Target.PURCHASE: Folded(
        features=("visits_7d", "newsletter_opened", "has_purchased"),
        coefficients=(0.31, 0.17, 1.9),
        intercept=-2.1,
        logistic=True,
    ),
}
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.just([]),
    st.integers(0, 3),
    st.floats(0, 1000),
)


class NoTransactions:
    """Serving asks no database for an answer."""

    def run(self, *_: object, **__: object) -> Any:
        raise AssertionError

    read = run


def serving() -> Serving:
    served = {
        target: Served(
            target=target,
            name=f"{target}-kernel-1",
            horizon_days=30,
            folded=folded,
            intervals=None,
            bounds=None,
            ranking_only=False,
            ignored=tuple(name for name in NAMES[target] if name not in folded.features),
        )
        for target, folded in FOLDED.items()
    }
    made = Serving(cast("Transactions", NoTransactions()))
    made._state = ServingState(here=HERE, revisions={}, served=served, scale=100.0)
    return made


def _usual(rule: Input) -> st.SearchStrategy[object]:
    if rule.flag:
        return st.sampled_from([0, 1, True, False])
    if rule.nullable:
        return st.none() | st.floats(0, 900)
    return st.integers(0, 3) if rule.whole else st.floats(0, 900)


def values_of(target: Target) -> st.SearchStrategy[Mapping[str, object]]:
    """Records that are mostly good, some of whose values are anything."""
    good = {rule.name: _usual(rule) for rule in INPUTS[target]}
    mixed = {name: st.one_of(usual, usual, usual, ANYTHING) for name, usual in good.items()}
    return st.one_of(st.fixed_dictionaries(good), st.fixed_dictionaries(mixed))


def single(target: Target, record: Mapping[str, Any]) -> float | None:
    """The answer to one record; None where it is refused."""
    try:
        if target is Target.SALES:
            return serving().predict_sales(record).predicted_sales
        return serving().predict_purchase(record).probability
    except InvalidValue:
        return None


def answers_of(target: Target, batch: Batch) -> dict[int, float]:
    if target is Target.SALES:
        sales = batches.predict_sales(serving(), batch)
        values = sales.answers.predicted_sales.tolist() if sales.answers else []
        assert {bad.row for bad in sales.rejected}.isdisjoint(sales.rows)
        assert {bad.row for bad in sales.rejected} | set(sales.rows) == set(range(1, batch.rows + 1))
        return dict(zip(sales.rows, values, strict=True))
    purchase = batches.predict_purchase(serving(), batch)
    values = purchase.answers.probability.tolist() if purchase.answers else []
    return dict(zip(purchase.rows, values, strict=True))


@pytest.mark.parametrize("target", list(Target))
def test_a_batch_is_what_single_questions_give_to_the_last_bit(target: Target) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(values_of(target), min_size=1, max_size=8))
    def holds(records: list[Mapping[str, object]]) -> None:
        expected = {row: single(target, record) for row, record in enumerate(records, 1)}
        good = {row: value for row, value in expected.items() if value is not None}
        columns = {name: [record[name] for record in records] for name in NAMES[target]}
        assert answers_of(target, batches.from_records(target, records)) == good
        assert answers_of(target, batches.from_columns(target, columns)) == good

    holds()


def test_inputs_that_the_version_does_not_use_are_named() -> None:
    answer = serving().predict_purchase(dict.fromkeys(NAMES[Target.PURCHASE], 1))
    assert answer.ignored_features == ("ad_clicks", "time_on_site_seconds")


def test_a_forecast_is_rounded_to_the_minor_unit_and_never_negative() -> None:
    never: dict[str, Any] = dict.fromkeys(NAMES[Target.SALES], 0) | {"days_since_last_purchase": None}
    assert serving().predict_sales({**never, "average_basket_value": 10.01}).predicted_sales == 15.95
    assert serving().predict_sales({**never, "tenure_months": 2000}).predicted_sales == 0.0


def test_decisions_begin_at_the_threshold() -> None:
    values: dict[str, Any] = dict.fromkeys(NAMES[Target.PURCHASE], 0) | {"has_purchased": 1}
    columns = {name: np.full(2, float(value)) for name, value in values.items()}
    columns["visits_7d"] = np.array([3.0, 4.0])
    answers = serving().predict_purchase_columns(columns)
    assert (answers.probability >= 0.7).tolist() == [False, True]
    assert answers.decision.tolist() == [0, 1]


def test_without_a_version_nothing_is_answered() -> None:
    empty = Serving(cast("Transactions", NoTransactions()))
    with pytest.raises(NoModel):
        empty.predict_sales(dict.fromkeys(NAMES[Target.SALES], 1))
    empty._state = ServingState(here=HERE, revisions={}, served={}, scale=100.0)
    batch = batches.from_records(Target.SALES, [dict.fromkeys(NAMES[Target.SALES], 1)])
    asked: list[Callable[[], object]] = [
        lambda: empty.predict_sales(dict.fromkeys(NAMES[Target.SALES], 1)),
        lambda: batches.predict_sales(empty, batch),
    ]
    for ask in asked:
        with pytest.raises(NoModel, match="no sales model"):
            ask()
