from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from salesml.core.days import date_of
from salesml.core.errors import InvalidValue
from salesml.core.models import ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.backtest import PREDICTIONS, Backtest, backtest, default_windows
from salesml.ml.contest import KERNEL, Recipe, contenders_for
from salesml.ml.estimators import DEFAULT_ESTIMATOR, ESTIMATORS, KERNEL_ESTIMATOR
from salesml.ml.features.engine import features
from salesml.ml.history import History
from salesml.ml.league import Table
from salesml.ml.material import prepare
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.training import train

pytestmark = pytest.mark.slow

FIRST_DAY, AS_OF, LAST_DAY = 20_000, 20_240, 20_275
TERMS: dict[str, Any] = {"threshold": 0.5, "currency": Currency("PLN")}
OPTIONS: dict[str, Any] = {**TERMS, "defaults": KERNEL_ESTIMATOR}
"""The recipes of the kernel, which are quick to fit, in the place of those that serve by default."""


@pytest.fixture(scope="module")
def tested(shop: History) -> Backtest:
    return backtest(shop, [LAST_DAY - 20, AS_OF, FIRST_DAY + 50], **OPTIONS)


def test_the_newest_windows_are_those_whose_month_is_over() -> None:
    assert default_windows(1_000) == (970, 940, 910)
    assert default_windows(1_000, 1) == (970,)


def test_every_client_known_at_a_date_is_forecast_by_what_would_have_been_served(
    shop: History, tested: Backtest
) -> None:
    rows = features(shop, [AS_OF])
    forecasts = tested.predictions.filter(pc.field("as_of_day") == AS_OF)
    material = prepare(shop, AS_OF)
    sales = train(material, Target.SALES, ModelRole.CLIENTS, **TERMS, estimator="linear")
    purchase = train(material, Target.PURCHASE, ModelRole.CLIENTS, **TERMS, estimator="logistic")
    assert tested.predictions.schema == PREDICTIONS
    assert forecasts["client_id"].to_pylist() == rows["client_id"].to_pylist()
    expected = predict_sales(sales.pipeline, sales.features, rows)
    assert forecasts["predicted_sales"].to_pylist() == expected.tolist()
    assert sales.intervals is not None
    lower, upper = sales.intervals.bounds(expected.astype(np.float64), rows)
    assert forecasts["lower"].to_pylist() == lower.tolist()
    assert forecasts["upper"].to_pylist() == upper.tolist()
    probability = predict_purchase(purchase.pipeline, purchase.features, rows)
    assert forecasts["purchase_probability"].to_pylist() == probability.tolist()
    assert forecasts["decision"].to_pylist() == (probability >= 0.5).astype(int).tolist()


def test_matured_dates_are_measured_beside_the_baselines(tested: Backtest) -> None:
    (sales,) = tables(tested, AS_OF, Target.SALES)
    baselines = {"repeat_last_30_days", "mean_spend", "average_client"}
    assert {one.contender.name for one in sales.standings} == {"linear"} | baselines
    assert {one.contender.name for one in sales.standings if one.contender.is_baseline} == baselines
    assert all(one.metrics and one.intervals["rmse"] for one in sales.standings)
    assert sales.rows == len(features_at(tested, AS_OF))
    assert [one.reason for one in sales.standings] == [None] * 4


def test_a_label_that_has_not_matured_gives_forecasts_without_metrics(tested: Backtest) -> None:
    day = LAST_DAY - 20
    (sales,), (purchase,) = (tables(tested, day, target) for target in Target)
    (alone,) = sales.standings
    assert alone.metrics is None
    assert alone.reason == f"its label ends on {date_of(day + 30)}, the orders on {date_of(LAST_DAY)}"
    assert all(one.metrics for one in purchase.standings)
    assert tested.predictions.filter(pc.field("as_of_day") == day)["predicted_sales"].null_count == 0


def test_a_date_with_too_little_history_says_so_and_the_others_go_on(tested: Backtest) -> None:
    early = [one for one in tested.windows if one.as_of_days == (FIRST_DAY + 50,)]
    assert [one.target for one in early] == list(Target)
    assert all("training needs 90 days" in str(one.standings[0].reason) for one in early)
    assert FIRST_DAY + 50 not in tested.predictions["as_of_day"].to_pylist()


def test_a_target_that_cannot_be_trained_is_null_beside_the_other(shop: History) -> None:
    quiet = shop.orders.filter((pc.field("day") <= AS_OF - 30) | (pc.field("day") > AS_OF - 16))
    history = History(clients=shop.clients, orders=quiet, activity=shop.activity, coverage=shop.coverage)
    result = backtest(history, [AS_OF], **OPTIONS)
    assert result.predictions["purchase_probability"].null_count == result.predictions.num_rows > 0
    assert result.predictions["decision"].null_count == result.predictions.num_rows
    assert result.predictions["predicted_sales"].null_count == 0
    (purchase,) = (one for one in result.league if one.target is Target.PURCHASE)
    assert ["judging needs 10 clients" in str(one.reason) for one in purchase.standings] == [True]


def test_the_league_takes_the_judged_dates_together(tested: Backtest) -> None:
    sales, purchase = tested.league
    assert (sales.as_of_days, purchase.as_of_days) == ((AS_OF,), (AS_OF, LAST_DAY - 20))
    by_date = [tables(tested, day, Target.PURCHASE)[0] for day in purchase.as_of_days]
    assert purchase.rows == sum(one.rows for one in by_date)
    losses = [standing(one, "logistic").metrics["log_loss"] for one in (*by_date, purchase)]
    assert min(losses[:2]) < losses[2] < max(losses[:2])


@pytest.mark.slow
def test_every_estimator_and_the_five_inputs_are_compared_with_the_default(
    shop: History, tested: Backtest
) -> None:
    asked = {target: contenders_for(target) for target in Target}
    result = backtest(shop, [AS_OF], **OPTIONS, estimators=asked)
    for found in result.league:
        models = [one for one in found.standings if not one.contender.is_baseline]
        assert {one.contender.name for one in models} == {*asked[found.target]}
        assert [one.reason for one in models] == [None] * len(models)
        alone = [one.contender.name for one in models if one.difference is None]
        assert alone == [KERNEL_ESTIMATOR[found.target]]
    assert result.predictions.equals(_at(tested.predictions, AS_OF))


def test_a_recipe_is_compared_as_it_would_have_served(shop: History, tested: Backtest) -> None:
    usual = KERNEL_ESTIMATOR[Target.SALES]
    other = next(name for name in contenders_for(Target.SALES) if name not in (usual, KERNEL))
    swapped = backtest(
        shop,
        [AS_OF],
        **TERMS,
        defaults={**KERNEL_ESTIMATOR, Target.SALES: other},
        estimators={Target.SALES: [usual]},
    )
    (sales,) = tables(swapped, AS_OF, Target.SALES)
    assert standing(sales, usual).metrics == standing(tables(tested, AS_OF, Target.SALES)[0], usual).metrics
    assert standing(sales, other).difference is None
    assert standing(sales, usual).difference is not None


def test_an_estimator_that_fails_is_a_reason_in_its_row(
    shop: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(_: object) -> NoReturn:
        raise ArithmeticError("no convergence")

    known = ESTIMATORS[Target.SALES]
    broken = {"broken": replace(known["linear"], name="broken", build=explode)}
    monkeypatch.setattr("salesml.ml.estimators.ESTIMATORS", {**ESTIMATORS, Target.SALES: {**known, **broken}})
    result = backtest(shop, [AS_OF], **OPTIONS, estimators={Target.SALES: ("broken",)})
    (sales,) = tables(result, AS_OF, Target.SALES)
    assert standing(sales, "broken").reason == "failed: ArithmeticError: no convergence"
    assert sales.standings[-1].contender.name == "broken"
    assert standing(sales, "linear").metrics is not None


def test_a_forecast_that_is_no_probability_is_not_served(
    shop: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesml.ml.contest.predict_purchase", lambda *_: np.array([0.5, np.nan]))
    result = backtest(shop, [AS_OF], **OPTIONS)
    (purchase,) = tables(result, AS_OF, Target.PURCHASE)
    assert [one.reason for one in purchase.standings] == ["failed: ValueError: a forecast is no probability"]
    assert result.predictions["purchase_probability"].null_count == result.predictions.num_rows > 0


def test_unless_told_otherwise_the_default_recipes_are_what_serves() -> None:
    recipe = Recipe(threshold=0.5, currency=Currency("PLN"), last_day=LAST_DAY)
    assert {target: recipe.names(target) for target in Target} == {
        target: (name,) for target, name in DEFAULT_ESTIMATOR.items()
    }


def test_an_unknown_estimator_is_refused(shop: History) -> None:
    with pytest.raises(InvalidValue, match=r"'oracle' is none of: .*linear.*kernel"):
        backtest(shop, [AS_OF], **OPTIONS, estimators={Target.SALES: ["oracle"]})


def test_no_forecast_knows_what_came_later(shop: History, tested: Backtest) -> None:
    cut = History(
        clients=shop.clients,
        orders=shop.orders.filter(pc.field("day") <= AS_OF),
        activity=shop.activity.filter(pc.field("day") <= AS_OF),
        coverage=shop.coverage,
    )
    alone = backtest(cut, [AS_OF], **OPTIONS)
    assert alone.predictions.equals(_at(tested.predictions, AS_OF))
    assert all(one.metrics is None for found in alone.windows for one in found.standings)


def test_progress_is_reported_by_date(shop: History) -> None:
    seen: list[tuple[str, int, int]] = []
    backtest(shop, [AS_OF], **OPTIONS, report=lambda *step: seen.append(step))
    assert seen == [
        ("computing features", 0, 1),
        ("forecasting from past dates", 0, 2),
        ("forecasting from past dates", 1, 2),
        ("comparing the models", 0, 2),
        ("comparing the models", 1, 2),
        ("comparing the models", 2, 2),
    ]


def _at(table: pa.Table, day: int) -> pa.Table:
    return table.filter(pc.field("as_of_day") == day).combine_chunks()


def tables(result: Backtest, day: int, target: Target) -> list[Table]:
    return [one for one in result.windows if (one.as_of_days, one.target) == ((day,), target)]


def standing(found: Table, name: str) -> Any:
    (one,) = (one for one in found.standings if one.contender.name == name)
    return one


def features_at(result: Backtest, day: int) -> pa.Table:
    return result.predictions.filter(pc.field("as_of_day") == day)
