"""The buy-till-you-die model finds the truth in simulated buyers, and stays in bounds where there is none."""

import numpy as np
import pytest
from scipy.special import expit

from salesml.ml.bgnbd import Habits, PurchaseProcess, fit_process, fit_spending
from salesml.ml.buyers import BuyerPurchase, BuyerSales

TRUE = PurchaseProcess(r=0.6, alpha=30.0, a=0.8, b=2.5)
HORIZON = 30


def simulate(count: int, seed: int) -> tuple[Habits, np.ndarray, np.ndarray]:
    """Habits of clients at their age, their purchases in the horizon after it, and whether they live."""
    rng = np.random.default_rng(seed)
    age = rng.integers(30, 500, count).astype(float)
    rate, leaves = rng.gamma(TRUE.r, 1 / TRUE.alpha, count), rng.beta(TRUE.a, TRUE.b, count)
    repeats, span, after = np.zeros(count), np.zeros(count), np.zeros(count)
    alive = np.zeros(count, dtype=bool)
    for client in range(count):
        day, lives = 0.0, rng.random() >= leaves[client]
        while lives:
            day += rng.exponential(1 / rate[client])
            if day > age[client] + HORIZON:
                break
            if day <= age[client]:
                repeats[client], span[client] = repeats[client] + 1, day
            else:
                after[client] += 1
            lives = rng.random() >= leaves[client]
        alive[client] = lives or after[client] > 0
    return Habits(repeats=repeats, span=span, age=age), after, alive


@pytest.fixture(scope="module")
def buyers() -> tuple[Habits, np.ndarray, np.ndarray]:
    return simulate(20_000, 5)


def test_the_formulas_hold_for_simulated_buyers(buyers: tuple[Habits, np.ndarray, np.ndarray]) -> None:
    habits, after, alive = buyers
    assert TRUE.alive(habits).mean() == pytest.approx(alive.mean(), abs=0.01)
    assert TRUE.buys(habits, HORIZON).mean() == pytest.approx((after > 0).mean(), abs=0.006)
    expected = TRUE.expected(habits, HORIZON)
    assert expected.mean() == pytest.approx(after.mean(), rel=0.05)
    often = habits.repeats > 5
    assert expected[often].mean() == pytest.approx(after[often].mean(), rel=0.07)


def test_the_fit_forecasts_as_well_as_the_truth(buyers: tuple[Habits, np.ndarray, np.ndarray]) -> None:
    habits, _, _ = buyers
    fitted = fit_process(habits)
    assert fitted.r == pytest.approx(TRUE.r, rel=0.15)
    assert fitted.expected(habits, HORIZON) == pytest.approx(
        TRUE.expected(habits, HORIZON), rel=0.2, abs=0.02
    )


def test_the_amounts_of_clients_are_pulled_to_the_mean_of_all() -> None:
    rng = np.random.default_rng(2)
    days = rng.integers(1, 8, 5_000).astype(float)
    mean = rng.gamma(6 * days, 1 / (6 * days)) * rng.gamma(6, 1 / 6, 5_000) * 12_000
    spending = fit_spending(days, mean)
    expected = spending.expected(np.array([1.0, 50.0]), np.array([60_000.0, 60_000.0]))
    assert 12_000 < expected[0] < expected[1] < 60_000
    assert expected[1] == pytest.approx(60_000, rel=0.1)


@pytest.mark.parametrize(
    "habits",
    [
        pytest.param(([0.0] * 40, [0.0] * 40, [100.0] * 40), id="nobody came back"),
        pytest.param(([9.0] * 40, [90.0] * 40, [90.0] * 40), id="all came every tenth day"),
        pytest.param(([1e5], [1e5], [1e5]), id="one client, very often"),
        pytest.param(([0.0], [0.0], [0.0]), id="one client, today"),
    ],
)
def test_odd_histories_neither_diverge_nor_leave_the_bounds(habits: tuple[list[float], ...]) -> None:
    repeats, span, age = (np.array(each) for each in habits)
    odd = Habits(repeats=repeats, span=span, age=age)
    fitted = fit_process(odd)
    chance, many = fitted.buys(odd, HORIZON), fitted.expected(odd, HORIZON)
    assert ((chance >= 0) & (chance <= 1)).all()
    assert (many >= chance - 1e-12).all()
    assert np.isfinite(many).all()


@pytest.fixture(scope="module")
def table(buyers: tuple[Habits, np.ndarray, np.ndarray]) -> np.ndarray:
    """Days, recency, first and spend of 2,000 clients, of whom 100 never bought."""
    habits, _, _ = buyers
    amount = np.random.default_rng(3).lognormal(9, 0.5, 2_000)
    days, first, recency = habits.repeats + 1, habits.age, habits.age - habits.span
    matrix = np.column_stack([days, recency, first, np.zeros(20_000)])[:2_000]
    matrix[:, 3] = matrix[:, 0] * amount
    matrix[:100] = [0.0, np.nan, np.nan, 0.0]
    return matrix


def test_contributions_of_buyers_add_up(table: np.ndarray) -> None:
    label = np.arange(2_000) % 7 * 100.0
    sales = BuyerSales().fit(table, label)
    base, parts = sales.explain(table)
    assert base + parts.sum(axis=1) == pytest.approx(sales.predict(table), rel=1e-9, abs=1e-9)
    purchase = BuyerPurchase(horizon_days=14).fit(table, (label > 0).astype(float))
    base, parts = purchase.explain(table)
    assert expit(base + parts.sum(axis=1)) == pytest.approx(purchase.predict_proba(table)[:, 1], rel=1e-9)


def test_clients_who_never_bought_are_forecast_as_their_like(table: np.ndarray) -> None:
    label = np.where(np.arange(2_000) < 100, 50.0, 0.0)
    forecast = BuyerSales().fit(table, label).predict(table)
    assert forecast[:100].tolist() == [50.0] * 100
    assert (forecast[100:] != 50.0).all()
    assert BuyerSales().fit(table[:50], label[:50]).predict(table[:2]).tolist() == [50.0, 50.0]
