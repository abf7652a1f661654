"""The figures of the main page over HTTP, against what SQL says of the same shop."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import create_engine, text
from tests.support.servers import Login

from salesml.jobs.runner import run_in_foreground
from salesml.services import dashboard, installation, jobs
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.settings import Settings
from salesml.wiring import App

SUMMARY, TREND = "/api/v1/dashboard/summary", "/api/v1/dashboard/sales-trend"


class TestOfAShop:
    """600 simulated clients, everyone scored from 2026-09-30."""

    @pytest.fixture
    def installation(self, shop: Settings) -> Settings:
        return shop

    async def test_the_summary_is_what_sql_says(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        found = (await client.get(SUMMARY, headers=analyst.headers)).json()
        asked = (
            "SELECT (SELECT count(*) FROM clients), count(*), sum(s.predicted_sales) / 100.0, "
            "sum(CASE WHEN p.purchase_probability >= 0.7 THEN 1 ELSE 0 END), "
            "sum(CASE WHEN p.purchase_probability >= 0.7 THEN p.purchase_probability ELSE 0 END) "
            "FROM sales_predictions s JOIN purchase_predictions p "
            "ON p.run_id = s.run_id AND p.client_id = s.client_id"
        )
        clients, scored, total, selected, buyers = _sql(app, asked)
        assert (found["clients"], found["scored_clients"]) == (clients, scored)
        assert found["next_30_days_total"] == pytest.approx(float(total))
        assert found["average_forecast"] == pytest.approx(float(total) / scored, abs=0.005)
        assert found["clients_at_threshold"] == selected
        assert found["share_at_threshold"] == pytest.approx(selected / scored)
        assert found["expected_buyers"] == pytest.approx(float(buyers))
        assert (found["as_of"], found["currency"], found["threshold"]) == ("2026-09-30", "PLN", 0.7)
        assert found["model_versions"].keys() == {"sales", "purchase"}
        assert found["warning"]["code"] == "as_of_is_old"
        assert found["simulated"] is False

    async def test_the_trend_adds_up_to_the_ledger_and_the_forecast_follows(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        found = (await client.get(TREND, headers=analyst.headers)).json()
        count, net = _sql(app, "SELECT count(*), sum(amount) / 100.0 FROM orders")
        assert sum(month["orders"] for month in found["months"]) == count
        assert sum(month["net_sales"] for month in found["months"]) == pytest.approx(float(net))
        names = [month["month"] for month in found["months"]]
        assert names == sorted(names)
        assert names[-1] == "2026-09"
        summary = (await client.get(SUMMARY, headers=analyst.headers)).json()
        assert found["forecast"] == {
            "first_day": "2026-10-01",
            "last_day": "2026-10-30",
            "total": summary["company_forecast"]["total"],
            "as_of": "2026-09-30",
        }

    async def test_scoring_again_brings_the_summary_up_to_date(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        before = (await client.get("/api/v1/scoring-runs/latest", headers=analyst.headers)).json()
        asked = await client.post(
            "/api/v1/scoring-runs", json={"as_of": "2026-09-30"}, headers=analyst.headers
        )
        assert asked.status_code == 202
        run_in_foreground(app, app.tx.read(jobs.get, int(asked.json()["id"])), lambda _: None)
        done = (await client.get(asked.headers["location"], headers=analyst.headers)).json()
        runs = (await client.get("/api/v1/scoring-runs", headers=analyst.headers)).json()["items"]
        assert [(run["id"], run["state"]) for run in runs] == [
            (done["result"]["run_id"], "published"),
            (before["id"], "superseded"),
        ]
        assert runs[0]["model_versions"] == before["model_versions"]
        summary = (await client.get(SUMMARY, headers=analyst.headers)).json()
        assert summary["scored_at"] == runs[0]["published_at"]

    async def test_a_recent_as_of_date_is_not_warned_of(self, app: App) -> None:
        now = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
        assert app.tx.read(dashboard.figures, now).is_old is False
        assert app.tx.read(dashboard.figures, now + timedelta(days=1)).is_old is True


async def test_before_the_first_scoring_there_are_no_forecasts(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    found = (await client.get(SUMMARY, headers=analyst.headers)).json()
    assert (found["clients"], found["scored_clients"], found["as_of"]) == (0, 0, None)
    assert {found[name] for name in ("average_forecast", "share_at_threshold", "warning")} == {None}
    trend = (await client.get(TREND, headers=analyst.headers)).json()
    assert (trend["months"], trend["forecast"]) == ([], None)
    latest = await client.get("/api/v1/scoring-runs/latest", headers=analyst.headers)
    assert (latest.status_code, latest.json()["code"]) == (409, "no_model")


async def test_scoring_without_orders_says_what_is_missing(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await client.post("/api/v1/scoring-runs", headers=analyst.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_little_data")


async def test_simulated_data_is_said_to_be(app: App, client: httpx.AsyncClient, analyst: Login) -> None:
    app.tx.run(installation.mark_simulated)
    for path in (SUMMARY, TREND):
        assert (await client.get(path, headers=analyst.headers)).json()["simulated"] is True


async def test_a_request_computes_no_figure(app: App, client: httpx.AsyncClient, analyst: Login) -> None:
    def put(uow: UnitOfWork) -> None:
        uow.summaries.put("dashboard", {"clients": 77, "scored": None}, datetime.now(UTC))

    app.tx.run(put)
    assert (await client.get(SUMMARY, headers=analyst.headers)).json()["clients"] == 77


def _sql(app: App, asked: str) -> tuple[float, ...]:
    engine = create_engine(app.settings.url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            return tuple(connection.execute(text(asked)).one())
    finally:
        engine.dispose()
