"""Company forecasts, alarms and figures for Prometheus over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import create_engine, text
from tests.support.servers import PASSWORD, Login, client_of, running

from salesml.core.forecasts import ForecastOutcome
from salesml.core.jobs import JobKind, JobStatus
from salesml.core.models import Target
from salesml.services import dashboard, jobs, outcomes
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.settings import Settings
from salesml.wiring import App

NOW = datetime.now(UTC)


class TestOfAShop:
    """600 simulated clients, everyone scored from 2026-09-30."""

    @pytest.fixture
    def installation(self, shop: Settings) -> Settings:
        return shop

    async def test_the_forecast_of_the_company_adds_up_to_its_clients_and_the_others(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        found = (await client.get("/api/v1/forecasts/latest", headers=analyst.headers)).json()
        assert (found["as_of"], found["horizon_days"], found["outcome"]) == ("2026-09-30", 30, None)
        parts = found["parts"]
        assert found["total"] == pytest.approx(sum(parts.values()))
        of_clients = _sql(app, "SELECT sum(predicted_sales) / 100.0 FROM sales_predictions")
        assert parts["repeat"] + parts["reactivated"] == pytest.approx(of_clients)
        assert min(parts["repeat"], parts["reactivated"], parts["new"]) > 0
        assert found["lower"] < found["total"] < found["upper"]
        days = "ordered_day > 20726 - 30 AND ordered_day <= 20726"
        assert found["last_days"] == pytest.approx(
            _sql(app, f"SELECT sum(amount) / 100.0 FROM orders WHERE {days}"), rel=0.05
        )
        listed = (await client.get("/api/v1/forecasts", headers=analyst.headers)).json()
        assert (listed["items"], listed["next_cursor"]) == ([found], None)
        summary = (await client.get("/api/v1/dashboard/summary", headers=analyst.headers)).json()
        assert summary["company_forecast"] == found

    async def test_a_shop_in_which_nothing_changes_has_no_alarm_but_its_age(
        self, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        summary = (await client.get("/api/v1/dashboard/summary", headers=analyst.headers)).json()
        (alarm,) = summary["alarms"]
        assert (alarm["code"], alarm["values"]["as_of"]) == ("forecasts_old", "2026-09-30")

    async def test_a_training_that_failed_raises_an_alarm_until_one_succeeds(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        for status, codes in (
            (JobStatus.FAILED, {"training_failed", "forecasts_old"}),
            (JobStatus.CANCELLED, {"training_failed", "forecasts_old"}),
            (JobStatus.SUCCEEDED, {"forecasts_old"}),
        ):
            app.tx.run(_trained, status)
            summary = (await client.get("/api/v1/dashboard/summary", headers=analyst.headers)).json()
            assert {alarm["code"] for alarm in summary["alarms"]} == codes

    async def test_what_came_of_a_forecast_is_told_in_answers_and_on_the_page(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        app.tx.run(_matured)
        found = (await client.get("/api/v1/forecasts/latest", headers=analyst.headers)).json()
        outcome = found["outcome"]
        assert (outcome["actual"], outcome["inside"]) == (40_000.25, False)
        assert outcome["parts"] == {"repeat": 30_000, "reactivated": 0, "new": 10_000.25, "guest": 0}
        assert outcome["error"] == pytest.approx(found["total"] / 40_000.25 - 1)
        (lived,) = (await client.get("/api/v1/models/1/outcomes", headers=analyst.headers)).json()["items"]
        assert (lived["target"], lived["as_of"], lived["metrics"]["rmse"]) == ("sales", "2026-09-30", 1750.5)
        await client.post("/login", data={"email": analyst.user.email, "password": PASSWORD, "next": "/"})
        page = (await client.get("/", headers={"accept-language": "en"})).text
        assert "Forecast against actual" in page
        assert "PLN\N{NO-BREAK SPACE}40,000" in page
        assert "missed" in page
        assert "worse than its evidence: RMSE" in page

    async def test_a_version_without_an_outcome_has_an_empty_list(
        self, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        found = (await client.get("/api/v1/models/1/outcomes", headers=analyst.headers)).json()
        assert found == {"items": [], "next_cursor": None}
        unknown = await client.get("/api/v1/models/999/outcomes", headers=analyst.headers)
        assert unknown.status_code == 404

    @pytest.fixture
    async def counting(self, app: App) -> AsyncIterator[httpx.AsyncClient]:
        async with running(app, new=True) as server, client_of(server) as client:
            yield client

    async def test_prometheus_reads_what_is_prepared(self, app: App, counting: httpx.AsyncClient) -> None:
        app.tx.run(_watched)
        figures = (await counting.get("/metrics")).text
        age = (datetime.now(ZoneInfo("Europe/Warsaw")).date() - date(2026, 9, 30)).days
        assert f"salesml_forecast_age_days {float(age)}" in figures
        assert 'salesml_drift_psi_max{target="sales"} 0.3' in figures
        assert 'salesml_live_rmse{target="sales",version="sales-clients-1"} 17.5' in figures


async def test_before_the_first_scoring_there_is_no_forecast_and_no_alarm(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    latest = await client.get("/api/v1/forecasts/latest", headers=analyst.headers)
    assert (latest.status_code, latest.json()["code"]) == (409, "no_model")
    assert (await client.get("/api/v1/forecasts", headers=analyst.headers)).json()["items"] == []
    summary = (await client.get("/api/v1/dashboard/summary", headers=analyst.headers)).json()
    assert (summary["company_forecast"], summary["alarms"]) == (None, [])
    assert "salesml_" not in (await client.get("/metrics")).text.replace("salesml_drift_psi_max", "")


def _trained(uow: UnitOfWork, status: JobStatus) -> None:
    job = jobs.enqueue(uow, JobKind.TRAINING, {}, unique_key=None, created_by="ann", now=NOW)
    claimed = uow.jobs.claim(job.id, owner="a:1", expected_token=job.token, lease_until=NOW)
    assert claimed is not None
    uow.jobs.finish(job.id, claimed.token, status, now=NOW, error="too little data")


def _matured(uow: UnitOfWork) -> None:
    """The only run is judged: badly."""
    uow.outcomes.put(
        ForecastOutcome(
            run_id=1,
            target=Target.SALES,
            horizon_days=30,
            version_id=1,
            as_of_day=20_726,
            clients=600,
            metrics={"deciding_metric": "rmse", "rmse": 1750.5},
            baselines={},
            computed_at=NOW,
        )
    )
    parts = {"repeat": 3_000_000, "reactivated": 0, "new": 1_000_025, "guest": 0}
    told = {"actual": 4_000_025, "parts": parts, "inside": False, "computed_at": int(NOW.timestamp())}
    uow.forecasts.note_outcome(1, told)
    outcomes.finish(uow, 1, NOW)


def _watched(uow: UnitOfWork) -> None:
    """Figures that no run has."""
    before = dashboard.summary(uow)
    assert before is not None
    value: dict[str, Any] = dict((uow.summaries.get("dashboard") or ({}, NOW))[0])
    live = {Target.SALES.value: {"version": "sales-clients-1", "metrics": {"rmse": 17.5}}}
    gauges = {"psi_max": {Target.SALES.value: 0.3}, "live": live}
    uow.summaries.put("dashboard", {**value, "gauges": gauges}, NOW)


def _sql(app: App, asked: str) -> float:
    engine = create_engine(app.settings.url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            return float(connection.execute(text(asked)).scalar_one())
    finally:
        engine.dispose()
