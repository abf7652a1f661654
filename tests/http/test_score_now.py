"""Scoring one client within the request, on a simulated shop with trained models."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from tests.support.servers import Login
from tests.support.shops import LAST_DAY

from salesml.core.clients import ClientQuery, ClientSort
from salesml.core.days import date_of
from salesml.core.models import Artifact, ModelRole, Target
from salesml.core.predictions import Explanation
from salesml.ml.features.engine import features
from salesml.ml.prediction import predict_purchase, predict_sales
from salesml.services import client_scores, clients, history, models
from salesml.services.client_scores import ScoreNow
from salesml.services.pipelines import Pipelines
from salesml.services.ports.models import ModelStore
from salesml.services.predictions import needed_features
from salesml.settings import Settings
from salesml.wiring import App

EVENING = datetime(2026, 9, 30, 18, tzinfo=UTC)
"""Of the last day of the shop."""
NO_COEFFICIENTS = "UPDATE model_versions SET folded = NULL"
_DOUBT = '{"calibration": {"error": 0.2, "bins": [], "reason": "off", "values": {}}}'
ONLY_RANKS = {
    "sqlite": f"UPDATE model_versions SET evidence = '{_DOUBT}'".replace(":", r"\:"),
    "postgresql": f"UPDATE model_versions SET evidence = CAST('{_DOUBT}' AS jsonb)".replace(":", r"\:"),
}


@pytest.fixture
def installation(shop: Settings) -> Settings:
    return shop


def best_ids(app: App, count: int) -> list[int]:
    query = ClientQuery(sort=ClientSort.PREDICTED_SALES, descending=True, limit=count)
    return [line.client.id for line in app.tx.read(clients.page, query, EVENING).items]


def score(app: App, client_id: int, now: datetime = EVENING, pipelines: Pipelines | None = None) -> ScoreNow:
    return app.tx.read(client_scores.score_now, client_id, pipelines or Pipelines(app.models), now)


def _engine(app: App) -> Engine:
    url = app.settings.url.replace("postgresql://", "postgresql+psycopg://")
    return create_engine(url, poolclass=NullPool)


def test_a_client_is_scored_as_a_run_of_that_day_would(app: App) -> None:
    versions = {each: app.tx.read(models.champion, each, ModelRole.CLIENTS) for each in Target}
    wanted = needed_features(*versions.values())
    everybody = features(app.tx.read(history.load), [LAST_DAY], wanted=wanted)
    sales, purchase = versions[Target.SALES], versions[Target.PURCHASE]
    forecasts = predict_sales(app.models.load(sales.artifact), sales.features, everybody)
    chances = predict_purchase(app.models.load(purchase.artifact), purchase.features, everybody)
    places = {one: place for place, one in enumerate(everybody["client_id"].to_pylist())}
    for client_id in best_ids(app, 3):
        found = score(app, client_id)
        assert (found.as_of_day, found.partial_day) == (LAST_DAY, True)
        assert found.sales.predicted_sales == forecasts[places[client_id]] / 100 > 0
        assert found.purchase.probability == pytest.approx(chances[places[client_id]], abs=1e-9)
        assert found.sales.model_version == sales.name
        assert found.purchase.model_version == purchase.name
        assert _sum(found.sales_reasons) == found.sales.predicted_sales * 100
        assert _sum(found.purchase_reasons) == pytest.approx(found.purchase.probability, abs=1e-4)


def _sum(why: Explanation) -> float:
    return why.base + sum(part.amount for part in why.parts) + why.others + why.floor


def test_a_version_without_coefficients_answers_from_its_file_which_is_opened_once(app: App) -> None:
    (client_id,) = best_ids(app, 1)
    folded = score(app, client_id)
    with _engine(app).begin() as connection:
        connection.execute(text(NO_COEFFICIENTS))
    pipelines = Pipelines(app.models)
    opened = score(app, client_id, pipelines=pipelines)
    assert opened.sales == folded.sales
    assert opened.purchase.probability == pytest.approx(folded.purchase.probability, abs=1e-9)
    for file in (app.settings.data_dir / "models").iterdir():
        file.unlink()
    assert score(app, client_id, pipelines=pipelines) == opened


def test_the_last_two_days_count_as_far_as_they_have_come(app: App) -> None:
    (client_id,) = best_ids(app, 1)
    later = score(app, client_id, EVENING + timedelta(days=2))
    assert later.as_of_day == LAST_DAY + 2
    assert later.sales.ignored_features == score(app, client_id).sales.ignored_features


def test_features_of_days_that_have_not_come_are_left_out_and_named(app: App) -> None:
    (client_id,) = best_ids(app, 1)
    later = score(app, client_id, EVENING + timedelta(days=3))
    assert "visits_30d" in later.sales.ignored_features
    assert {"visits_7d", "newsletter_opened"} <= set(later.purchase.ignored_features)


async def now_of(client: httpx.AsyncClient, login: Login, client_id: str) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/clients/{client_id}/predictions", headers=login.headers)
    assert answer.status_code == 200
    found = answer.json()
    assert isinstance(found, dict)
    return found


async def test_a_new_client_without_any_order_is_scored_and_an_order_raises_its_forecast(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    body = {"external_id": "new"}
    added = (await client.post("/api/v1/clients", json=body, headers=analyst.headers)).json()
    before = await now_of(client, analyst, added["id"])
    today = datetime.now(UTC)
    assert set(before) == {"client_id", "as_of", "partial_day", "sales", "purchase", "reasons"}
    assert (before["client_id"], before["partial_day"]) == (added["id"], True)
    assert abs(datetime.fromisoformat(before["as_of"]).date() - today.date()) <= timedelta(days=1)
    assert before["sales"]["predicted_sales"] >= 0
    assert before["purchase"]["decision"] == int(before["purchase"]["probability"] >= 0.7)
    orders = [
        {"order_id": f"n{days}", "client_id": "new", "ordered_at": at, "amount": 500}
        for days, at in ((days, (today - timedelta(days=days)).isoformat()) for days in range(3))
    ]
    await client.post("/api/v1/orders", json=orders, headers=analyst.headers)
    after = await now_of(client, analyst, added["id"])
    assert after["sales"]["predicted_sales"] > before["sales"]["predicted_sales"]
    assert after["sales"]["upper"] > before["sales"]["upper"]
    moved = {name: after["sales"][name] for name in ("predicted_sales", "lower", "upper")}
    assert after["sales"] == before["sales"] | moved


async def test_an_order_dated_tomorrow_does_not_keep_a_client_from_being_scored(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(hours=20)).isoformat()
    order = {"order_id": "n", "client_id": "new", "ordered_at": tomorrow, "amount": 500}
    await client.post("/api/v1/orders", json=[order], headers=analyst.headers)
    query = {"external_id": "new"}
    found = (await client.get("/api/v1/clients", params=query, headers=analyst.headers)).json()
    assert (await now_of(client, analyst, found["items"][0]["id"]))["sales"]["predicted_sales"] >= 0


async def test_past_forecasts_are_those_of_the_runs(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    (client_id,) = best_ids(app, 1)
    path = f"/api/v1/clients/{client_id}"
    line = (await client.get(path, headers=analyst.headers)).json()
    (past,) = (await client.get(f"{path}/predictions", headers=analyst.headers)).json()["items"]
    assert past["as_of"] == line["as_of"] == date_of(LAST_DAY).isoformat()
    assert past["sales"]["predicted_sales"] == line["predicted_sales"]
    assert past["purchase"]["probability"] == line["purchase_probability"]
    assert past["purchase"]["threshold"] == 0.7
    assert past["purchase"]["ranking_only"] is False


async def test_forecasts_by_probabilities_that_only_rank_say_so(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    (client_id,) = best_ids(app, 1)
    with _engine(app).begin() as connection:
        connection.execute(text(ONLY_RANKS[connection.dialect.name]))
    past = (await client.get(f"/api/v1/clients/{client_id}/predictions", headers=analyst.headers)).json()
    assert past["items"][0]["purchase"]["ranking_only"] is True
    assert score(app, client_id).purchase.ranking_only is True


async def test_lists_are_filtered_in_major_units_and_by_the_current_threshold(
    app: App, client: httpx.AsyncClient, analyst: Login, admin: Login
) -> None:
    async def listed(**query: Any) -> Any:
        found = await client.get("/api/v1/clients", params=query, headers=analyst.headers)
        return found.json()

    best = (await listed(sort="-predicted_sales", limit=2))["items"]
    least = best[1]["predicted_sales"]
    assert (await listed(min_predicted_sales=least))["total"] == 2
    assert (await listed(max_predicted_sales=least))["total"] == (await listed())["total"] - 1
    chance = sorted(one["purchase_probability"] for one in (await listed(limit=200))["items"])[100]
    body = {"threshold": chance}
    answer = await client.put("/api/v1/models/threshold", json=body, headers=admin.headers)
    assert answer.status_code == 200
    buyers = await listed(decision=1, sort="purchase_probability", limit=1)
    assert buyers["items"][0]["purchase_probability"] >= chance
    assert buyers["items"][0]["decision"] == 1
    others = await listed(decision=0, sort="-purchase_probability", limit=1)
    assert others["items"][0]["purchase_probability"] < chance
    assert buyers["total"] + others["total"] == (await listed())["total"]


class NoFiles:
    """Opens whatever it is asked for."""

    def load(self, artifact: Artifact) -> str:
        return artifact.sha256


def test_few_opened_files_are_kept(app: App) -> None:
    version = app.tx.read(models.champion, Target.SALES, ModelRole.CLIENTS)
    pipelines = Pipelines(cast("ModelStore", NoFiles()))
    for number in range(9):
        artifact = replace(version.artifact, sha256=str(number))
        assert pipelines.of(replace(version, artifact=artifact)) == str(number)
    assert list(pipelines._opened) == ["5", "6", "7", "8"]
