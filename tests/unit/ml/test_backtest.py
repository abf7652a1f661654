from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from salesml.core.days import date_of
from salesml.core.models import ModelRole, Target
from salesml.core.money import Currency
from salesml.ml.backtest import PREDICTIONS, Backtest, backtest, default_windows
from salesml.ml.features.engine import features
from salesml.ml.history import History
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.ml.training import prepare, train

FIRST_DAY, AS_OF, LAST_DAY = 20_000, 20_240, 20_275
OPTIONS: dict[str, Any] = {"threshold": 0.5, "currency": Currency("PLN")}


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
    sales = train(material, Target.SALES, ModelRole.CLIENTS, **OPTIONS)
    purchase = train(material, Target.PURCHASE, ModelRole.CLIENTS, **OPTIONS)
    assert tested.predictions.schema == PREDICTIONS
    assert forecasts["client_id"].to_pylist() == rows["client_id"].to_pylist()
    expected = predict_sales(sales.pipeline, sales.features, rows)
    assert forecasts["predicted_sales"].to_pylist() == expected.tolist()
    probability = predict_purchase(purchase.pipeline, purchase.features, rows)
    assert forecasts["purchase_probability"].to_pylist() == probability.tolist()
    assert forecasts["decision"].to_pylist() == (probability >= 0.5).astype(int).tolist()


def test_matured_dates_are_measured_beside_the_baselines(tested: Backtest) -> None:
    measured = {(one.as_of_day, one.target): one for one in tested.judgements}
    sales = measured[AS_OF, Target.SALES]
    assert sales.metrics is not None
    assert sales.baselines is not None
    assert sales.trained is not None
    assert set(sales.baselines) == {"repeat_last_30_days", "mean_spend", "average_client"}
    assert sales.metrics != sales.trained.metrics
    assert sales.reason is None


def test_a_label_that_has_not_matured_gives_forecasts_without_metrics(tested: Backtest) -> None:
    day = LAST_DAY - 20
    measured = {one.target: one for one in tested.judgements if one.as_of_day == day}
    assert measured[Target.SALES].metrics is None
    assert measured[Target.SALES].reason == (
        f"its label ends on {date_of(day + 30)}, the orders on {date_of(LAST_DAY)}"
    )
    assert measured[Target.PURCHASE].metrics is not None
    assert tested.predictions.filter(pc.field("as_of_day") == day)["predicted_sales"].null_count == 0


def test_a_date_with_too_little_history_says_so_and_the_others_go_on(tested: Backtest) -> None:
    early = [one for one in tested.judgements if one.as_of_day == FIRST_DAY + 50]
    assert [one.target for one in early] == list(Target)
    assert all("training needs 90 days" in str(one.reason) for one in early)
    assert FIRST_DAY + 50 not in tested.predictions["as_of_day"].to_pylist()


def test_a_target_that_cannot_be_trained_is_null_beside_the_other(shop: History) -> None:
    quiet = shop.orders.filter((pc.field("day") <= AS_OF - 30) | (pc.field("day") > AS_OF - 16))
    history = History(clients=shop.clients, orders=quiet, activity=shop.activity, coverage=shop.coverage)
    result = backtest(history, [AS_OF], **OPTIONS)
    assert result.predictions["purchase_probability"].null_count == result.predictions.num_rows > 0
    assert result.predictions["decision"].null_count == result.predictions.num_rows
    assert result.predictions["predicted_sales"].null_count == 0
    reasons = {one.target: one.reason for one in result.judgements}
    assert "judging needs 10 clients" in str(reasons[Target.PURCHASE])


def test_no_forecast_knows_what_came_later(shop: History, tested: Backtest) -> None:
    cut = History(
        clients=shop.clients,
        orders=shop.orders.filter(pc.field("day") <= AS_OF),
        activity=shop.activity.filter(pc.field("day") <= AS_OF),
        coverage=shop.coverage,
    )
    alone = backtest(cut, [AS_OF], **OPTIONS)
    assert alone.predictions.equals(_at(tested.predictions, AS_OF))
    assert all(one.metrics is None for one in alone.judgements)


def test_progress_is_reported_by_date(shop: History) -> None:
    seen: list[tuple[str, int, int]] = []
    backtest(shop, [AS_OF], **OPTIONS, report=lambda *step: seen.append(step))
    assert seen == [("features", 0, 1), (f"backtest at {date_of(AS_OF)}", 0, 1), ("backtest", 1, 1)]


def _at(table: pa.Table, day: int) -> pa.Table:
    return table.filter(pc.field("as_of_day") == day).combine_chunks()
