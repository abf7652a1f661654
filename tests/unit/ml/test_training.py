from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_info

from salesml.core.days import date_of
from salesml.core.errors import InvalidValue, TooLittleData
from salesml.core.models import ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.estimators import find_estimator
from salesml.ml.examples import matrix
from salesml.ml.features.definitions import CLIENT_FEATURES, DEFINED
from salesml.ml.history import History
from salesml.ml.material import Material, prepare, training_days
from salesml.ml.training import Trained, train

pytestmark = pytest.mark.slow

AS_OF, LAST_DAY = 20_240, 20_275
PLN = Currency("PLN")
BOTH = [(target, role) for target in Target for role in ModelRole]


def _train(material: Material, target: Target, role: ModelRole, **options: Any) -> Trained:
    return train(material, target, role, **{"threshold": 0.7, "currency": PLN, **options})


def _forecasts(trained: Trained, material: Material) -> list[float]:
    """What the served pipeline says of every client at the as-of date."""
    rows = matrix(material.examples.features[AS_OF], trained.features)
    target = trained.pipeline
    score = target.predict if trained.target is Target.SALES else target.decision_function
    values: list[float] = score(rows).tolist()
    return values


def test_the_judge_is_the_newest_matured_month_and_training_ends_a_month_earlier() -> None:
    days = training_days(first_day=0, as_of_day=1_000)
    assert days.judge == 970
    assert days.fit == tuple(range(940, 600, -30))
    assert days.served == tuple(range(970, 630, -30))
    assert len(days.fit) == len(days.served) == 12


def test_every_training_date_has_thirty_days_of_history() -> None:
    assert training_days(first_day=10, as_of_day=130).fit == (70, 40)
    assert training_days(first_day=11, as_of_day=130).fit == (70,)
    assert training_days(first_day=10, as_of_day=100).fit == (40,)
    assert training_days(first_day=11, as_of_day=100).fit == ()


@pytest.mark.parametrize(("target", "role"), BOTH)
def test_metrics_come_from_the_judged_fit_and_the_served_version_is_refitted(
    material: Material, target: Target, role: ModelRole
) -> None:
    trained = _train(material, target, role)
    judged, served = trained.training["judged_fit"], trained.training["served_fit"]
    assert isinstance(judged, dict)
    assert isinstance(served, dict)
    assert trained.training["judge_date"] == date_of(AS_OF - 30).isoformat()
    assert judged["dates"][0] == date_of(AS_OF - 60).isoformat()
    assert served["dates"] == [trained.training["judge_date"], *judged["dates"]]
    assert judged["sha256"] != served["sha256"]
    assert trained.metrics["n"] == trained.training["judge_rows"]
    assert not trained.ignored or role is ModelRole.CLIENTS
    kernel = role is ModelRole.KERNEL
    assert (None if trained.folded is None else trained.folded.features) == (
        trained.features if kernel else None
    )


def test_kernel_models_use_their_five_inputs(material: Material) -> None:
    sales = _train(material, Target.SALES, ModelRole.KERNEL)
    assert sales.features[0] == "purchases_30d"
    assert len(sales.features) == 5
    assert len(_train(material, Target.PURCHASE, ModelRole.KERNEL).features) == 5
    asked = _train(material, Target.PURCHASE, ModelRole.KERNEL, estimator="boosting")
    assert asked.estimator == "logistic"


def test_stored_clients_are_described_by_all_features_and_regressions_by_the_ten(material: Material) -> None:
    blend = _train(material, Target.PURCHASE, ModelRole.CLIENTS)
    assert blend.estimator == "blend"
    assert {*CLIENT_FEATURES, "spend_90d", "visits_14d"} <= {*blend.features}
    logistic = _train(material, Target.PURCHASE, ModelRole.CLIENTS, estimator="logistic")
    assert logistic.features == CLIENT_FEATURES
    assert logistic.folded is not None


@pytest.mark.parametrize("target", list(Target))
def test_on_a_shop_with_real_patterns_the_models_beat_the_baselines(
    material: Material, target: Target
) -> None:
    trained = _train(material, target, ModelRole.CLIENTS)
    assert trained.verdict is None
    if target is Target.PURCHASE:
        assert float(str(trained.metrics["roc_auc"])) > 0.7


@pytest.mark.parametrize(("target", "role"), BOTH)
def test_the_same_data_gives_the_same_model_to_the_last_bit(
    shop: History, material: Material, target: Target, role: ModelRole
) -> None:
    first, second = _train(material, target, role), _train(prepare(_shuffled(shop), AS_OF), target, role)
    assert first.folded == second.folded
    assert _forecasts(first, material) == _forecasts(second, material)
    assert first.metrics == second.metrics
    assert first.training == second.training


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), kept=st.floats(0, 1), factor=st.integers(-5, 50))
def test_what_happens_after_the_as_of_date_changes_neither_model_nor_metrics(
    shop: History, material: Material, seed: int, kept: float, factor: int
) -> None:
    changed = prepare(_future_changed(shop, seed, kept, factor), AS_OF)
    for target in Target:
        before = _train(material, target, ModelRole.CLIENTS)
        after = _train(changed, target, ModelRole.CLIENTS)
        assert _forecasts(after, material) == _forecasts(before, material)
        assert after.metrics == before.metrics
        assert after.baselines == before.baselines
        assert after.training == before.training


def test_what_happens_on_the_as_of_date_does_change_the_model(shop: History, material: Material) -> None:
    without = _without_days(shop, lambda days: pc.equal(days, AS_OF))
    changed = _train(prepare(without, AS_OF), Target.SALES, ModelRole.KERNEL)
    assert changed.folded != _train(material, Target.SALES, ModelRole.KERNEL).folded


def test_features_without_activity_are_ignored_with_the_reason(orders_alone: History) -> None:
    trained = _train(prepare(orders_alone, AS_OF), Target.SALES, ModelRole.CLIENTS)
    assert not [name for name in trained.features if DEFINED[name].metric]
    assert trained.ignored["spend_last_year"].endswith("it needs 395 days of orders before")
    assert trained.ignored["visits_90d"] == trained.ignored["visits_30d"]
    assert trained.ignored["visits_30d"] == f"unknown at {date_of(AS_OF)}: the data has no visits"
    assert trained.ignored["has_purchased"] == "constant in the training data"


def test_a_purchase_kernel_from_orders_alone_asks_for_activity(orders_alone: History) -> None:
    line = "kernel purchase model: none of its features.*needs at least one of visits.*import activity"
    with pytest.raises(TooLittleData, match=line):
        _train(prepare(orders_alone, AS_OF), Target.PURCHASE, ModelRole.KERNEL)


def test_training_on_three_orders_says_in_one_line_what_is_missing(
    history_of: Callable[..., History],
) -> None:
    history = history_of({"client_id": [1, 1, 2], "day": [AS_OF - 40, AS_OF - 9, AS_OF], "amount": [5, 5, 5]})
    with pytest.raises(TooLittleData) as error:
        prepare(history, AS_OF)
    assert str(error.value) == (
        "training needs 90 days between the first order and the as-of date, there are 40 "
        f"({date_of(AS_OF - 40)} to {date_of(AS_OF)}; 3 orders of 2 clients)"
    )


@pytest.mark.parametrize("day", [[], [AS_OF + 1]])
def test_without_orders_up_to_the_date_there_is_nothing_to_learn(
    history_of: Callable[..., History], day: list[int]
) -> None:
    with pytest.raises(TooLittleData, match=f"no orders up to {date_of(AS_OF)}: training needs 90 days"):
        prepare(history_of({"client_id": [1] * len(day), "day": day, "amount": [5] * len(day)}), AS_OF)


@pytest.mark.parametrize(
    ("target", "event"), [(Target.SALES, "sales above 0"), (Target.PURCHASE, "a purchase")]
)
def test_too_few_buyers_are_counted(history_of: Callable[..., History], target: Target, event: str) -> None:
    days = [AS_OF - 150 + 10 * number for number in range(15)]
    history = history_of({"client_id": [1, 2, 3] * 5, "day": days, "amount": list(range(100, 115))})
    line = f"clients {target} model: training needs 50 rows with {event} in the .* there are [0-9]+ among"
    with pytest.raises(TooLittleData, match=line):
        _train(prepare(history, AS_OF), target, ModelRole.CLIENTS)


def test_ten_events_are_needed_for_each_feature(material: Material, orders_alone: History) -> None:
    few = _without_days(orders_alone, lambda days: pc.less(pc.bit_wise_and(days, 7), 7))
    with pytest.raises(TooLittleData, match="training needs 50 rows"):
        _train(prepare(few, AS_OF), Target.PURCHASE, ModelRole.CLIENTS)
    thin = Material(
        days=training_days(AS_OF - 95, AS_OF), examples=material.examples, coverage=material.coverage
    )
    with pytest.raises(TooLittleData, match=r"needs 100 rows .*\(10 for each of 10 features\)"):
        _train(thin, Target.PURCHASE, ModelRole.CLIENTS)


def test_a_judge_date_without_buyers_cannot_judge(shop: History) -> None:
    quiet = prepare(_without_days(shop, lambda days: _between(days, AS_OF - 29, AS_OF - 16)), AS_OF)
    line = f"judging needs 10 clients with a purchase in the 14 days after {date_of(AS_OF - 30)}, there are 0"
    with pytest.raises(TooLittleData, match=line):
        _train(quiet, Target.PURCHASE, ModelRole.CLIENTS)
    assert _train(quiet, Target.SALES, ModelRole.CLIENTS).metrics["r2"] is not None


def test_a_judge_date_where_everybody_bought_cannot_judge(material: Material) -> None:
    labels = material.examples.labels
    eager = labels[AS_OF - 30].set_column(3, "bought", pa.array([1] * labels[AS_OF - 30].num_rows, pa.int8()))
    examples = replace(material.examples, labels={**labels, AS_OF - 30: eager})
    with pytest.raises(
        TooLittleData, match=r"all [0-9]+ clients bought within 14 days .* at least 1 who did not"
    ):
        _train(replace(material, examples=examples), Target.PURCHASE, ModelRole.CLIENTS)


def test_a_month_without_any_order_cannot_judge(shop: History) -> None:
    silent = _without_days(shop, lambda days: _between(days, AS_OF - 29, LAST_DAY))
    line = f"no orders in the 30 days up to {date_of(AS_OF)}: the last one is of {date_of(AS_OF - 30)}"
    with pytest.raises(TooLittleData, match=line):
        prepare(silent, AS_OF)


def test_training_runs_in_one_thread(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    class Counting(LinearRegression):  # type: ignore[misc]
        def fit(self, rows: Any, label: Any) -> Any:
            threads.extend(pool["num_threads"] for pool in threadpool_info())
            return super().fit(rows, label)

    linear = find_estimator("linear", Target.SALES)
    counting = replace(linear, build=lambda names: linear.build(names).set_params(model=Counting()))
    monkeypatch.setattr("salesml.ml.estimators.ESTIMATORS", {Target.SALES: {"linear": counting}})
    _train(material, Target.SALES, ModelRole.KERNEL)
    assert threads
    assert set(threads) == {1}


def test_an_unknown_estimator_is_refused(material: Material) -> None:
    with pytest.raises(InvalidValue, match="'forest' does not learn sales"):
        _train(material, Target.SALES, ModelRole.KERNEL, estimator="forest")


def _without_days(history: History, gone: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> History:
    kept = history.orders.filter(pc.invert(gone(history.orders["day"])))
    return History(clients=history.clients, orders=kept, activity=history.activity, coverage=history.coverage)


def _between(days: pa.ChunkedArray, first: int, last: int) -> pa.ChunkedArray:
    return pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last))


def _shuffled(history: History) -> History:
    def mixed(table: pa.Table) -> pa.Table:
        return table.take(np.random.default_rng(1).permutation(table.num_rows))

    return History(
        clients=mixed(history.clients),
        orders=mixed(history.orders),
        activity=mixed(history.activity),
        coverage=history.coverage,
    )


def _future_changed(history: History, seed: int, kept: float, factor: int) -> History:
    rng = np.random.default_rng(seed)

    def future(table: pa.Table, columns: tuple[str, ...]) -> pa.Table:
        past = table.filter(pc.field("day") <= AS_OF)
        later = table.filter(pc.field("day") > AS_OF)
        later = later.filter(pa.array(rng.random(later.num_rows) < kept))
        for name in columns:
            changed = pc.multiply(later[name], pa.scalar(factor, pa.int64()))
            later = later.set_column(later.schema.get_field_index(name), name, changed)
        return pa.concat_tables([past, later])

    return History(
        clients=history.clients,
        orders=future(history.orders, ("amount",)),
        activity=future(history.activity, ()),
        coverage=history.coverage,
    )


@pytest.mark.parametrize("target", list(Target))
def test_the_evidence_tells_which_features_move_forecasts_most(material: Material, target: Target) -> None:
    importance = _train(material, target, ModelRole.CLIENTS).evidence["importance"]
    assert isinstance(importance, dict)
    sizes = list(importance.values())
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    assert "tenure_months" in importance
