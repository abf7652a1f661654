"""Evidence, model cards, overruling the gate and the way back, over HTTP."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pyarrow as pa
import pytest
from tests.support.servers import Login
from tests.support.shops import LAST_DAY

from salesml.core.inputs import NAMES
from salesml.core.models import ModelRole, Target
from salesml.jobs.runner import run_in_foreground
from salesml.ml.evaluation import DECIDING_METRIC
from salesml.services import jobs, models, predictions, requests
from salesml.services.model_evidence import data_span
from salesml.settings import Settings
from salesml.wiring import App

OLDER = "2026-08-31"


@pytest.fixture
def installation(shop: Settings) -> Settings:
    return shop


def champion_id(app: App, target: Target, role: ModelRole = ModelRole.CLIENTS) -> int:
    return app.tx.read(models.champion, target, role).id


async def candidate(app: App, client: httpx.AsyncClient, admin: Login, role: str) -> dict[str, Any]:
    """A version with older data, which the gate leaves a candidate."""
    asked = await client.post(
        "/api/v1/models/sales/training-runs", json={"as_of": OLDER}, headers=admin.headers
    )
    run_in_foreground(app, app.tx.read(jobs.get, int(asked.json()["id"])), lambda _: None)
    query = {"target": "sales", "role": role, "limit": "1"}
    listed = (await client.get("/api/v1/models", params=query, headers=admin.headers)).json()
    found: dict[str, Any] = listed["items"][0]
    return found


def scores(app: App) -> pa.Table:
    """Score everybody at the last day of the shop, and read what was stored."""
    job = app.tx.run(requests.scoring, as_of_day=LAST_DAY, actor="test", now=datetime.now(UTC))
    run_in_foreground(app, job, lambda _: None)
    return app.tx.read(predictions.scores, app.tx.read(predictions.latest).id)


async def test_a_version_tells_where_its_evidence_comes_from(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    listed = (await client.get("/api/v1/models", headers=analyst.headers)).json()["items"]
    found = {(each["target"], each["role"]): each for each in listed}
    sales, purchase = found["sales", "clients"], found["purchase", "clients"]
    for version in (sales, purchase):
        first, *older = version["evidence"]["windows"]
        assert first["metrics"] == version["metrics"]
        assert first["as_of"] == version["training"]["judge_date"]
        assert [each["as_of"] for each in older] == sorted((each["as_of"] for each in older), reverse=True)
        assert older
        served = version["training"]["served_fit"]
        assert version["data"] == {
            "first_date": min(served["dates"]),
            "last_date": max(served["dates"]),
            "rows": served["rows"],
            "sha256": served["sha256"],
        }
        assert version["code_version"] == version["libraries"]["salesml"]
        assert "scikit-learn" in version["libraries"]
        gate = version["evidence"]["gate"]
        assert (gate["promoted"], gate["code"]) == (True, "first")
        assert gate["sentence"] in version["champion"]["note"]
        assert version["evidence"]["suspicion"] is None
    assert (sales["has_intervals"], sales["evidence"]["calibration"]) == (True, None)
    assert 0 < sales["evidence"]["intervals"]["coverage"] <= 1
    assert (purchase["has_intervals"], purchase["evidence"]["intervals"]) == (False, None)
    bins = purchase["evidence"]["calibration"]["bins"]
    assert sum(each["clients"] for each in bins) == sum(
        each["clients"] for each in purchase["evidence"]["windows"]
    )
    assert purchase["ranking_only"] is (purchase["evidence"]["calibration"]["reason"] is not None)


async def test_overruling_the_gate_needs_a_note_that_is_kept(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    left = await candidate(app, client, admin, "clients")
    assert left["evidence"]["gate"]["code"] == "older_data"
    path = f"/api/v1/models/{left['id']}/promote"
    for body in ({}, {"note": "  "}):
        refused = await client.post(path, json=body, headers=admin.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")
        (error,) = refused.json()["errors"]
        assert error["field"] == "note"
        assert "knows data up to" in error["reason"]
    good = await client.post(path, json={"note": "September was odd"}, headers=admin.headers)
    assert good.json()["champion"]["note"] == "September was odd"
    query = {"target": "sales", "role": "clients"}
    listed = (await client.get("/api/v1/models/promotions", params=query, headers=admin.headers)).json()
    newest, first = listed["items"]
    assert (newest["version"], newest["previous"]) == (left["name"], first["version"])
    assert (newest["note"], newest["actor"]) == ("September was odd", admin.user.email)
    assert first["previous"] is None


async def test_after_a_roll_back_the_scores_of_the_same_day_are_the_same(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    before, first = champion_id(app, Target.SALES), scores(app)
    other = await candidate(app, client, admin, "clients")
    await client.post(f"/api/v1/models/{other['id']}/promote", json={"note": "try it"}, headers=admin.headers)
    assert not scores(app).equals(first)
    answer = await client.post(
        "/api/v1/models/sales/roll-back", json={"role": "clients"}, headers=admin.headers
    )
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["champion"]["revision"]) == (str(before), 3)
    assert answer.json()["champion"]["note"] == f"rolled back from {other['name']}"
    assert scores(app).equals(first)
    trail = (await client.get("/api/v1/audit", headers=admin.headers)).json()["items"]
    assert "model.rolled_back" in {event["action"] for event in trail}


async def test_a_roll_back_of_single_forecasts_is_answered_at_once(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    body = dict.fromkeys(NAMES[Target.SALES], 1)

    async def answer() -> Any:
        return (await client.post("/api/v1/predictions/sales", json=body, headers=admin.headers)).json()

    first = await answer()
    other = await candidate(app, client, admin, "kernel")
    await client.post(f"/api/v1/models/{other['id']}/promote", json={"note": "try it"}, headers=admin.headers)
    assert (await answer())["model_version"] == other["name"]
    await client.post("/api/v1/models/sales/roll-back", json={"role": "kernel"}, headers=admin.headers)
    assert await answer() == first


async def test_a_roll_back_that_cannot_be_is_refused(
    app: App, client: httpx.AsyncClient, admin: Login, analyst: Login
) -> None:
    path, body = "/api/v1/models/sales/roll-back", {"role": "clients"}
    assert (await client.post(path, json=body, headers=analyst.headers)).status_code == 403
    nothing = await client.post(path, json=body, headers=admin.headers)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")
    assert "nothing to roll back to" in nothing.json()["detail"]
    before = app.tx.read(models.champion, Target.SALES, ModelRole.CLIENTS)
    other = await candidate(app, client, admin, "clients")
    await client.post(f"/api/v1/models/{other['id']}/promote", json={"note": "try it"}, headers=admin.headers)
    late = await client.post(path, json={**body, "expected_revision": 1}, headers=admin.headers)
    assert (late.status_code, late.json()["code"]) == (409, "already_exists")
    (app.settings.data_dir / "models" / before.artifact.file_name).unlink()
    gone = await client.post(path, json=body, headers=admin.headers)
    assert (gone.status_code, gone.json()["code"]) == (409, "model_refused")
    assert champion_id(app, Target.SALES) == int(other["id"])


async def test_a_model_card_holds_the_figures_of_its_version(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    for target in Target:
        version = app.tx.read(models.champion, target, ModelRole.CLIENTS)
        answer = await client.get(f"/api/v1/models/{version.id}/card", headers=analyst.headers)
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        assert f"{version.name}.md" in answer.headers["content-disposition"]
        card = answer.text
        assert card.startswith(f"# Model card: {version.name}\n")
        for section in ("Intended use", "Training data", "Evidence", "Limits and caveats", "Gate", "Origin"):
            assert f"\n## {section}\n" in card
        assert ("\n## Intervals\n" in card) is (target is Target.SALES)
        assert ("\n## Calibration\n" in card) is (target is Target.PURCHASE)
        for name in (*version.features, *version.ignored, *version.baselines):
            assert f"`{name}`" in card
        deciding = version.metrics[DECIDING_METRIC[target]]
        assert f"{deciding:,.4f}" in card
        span = data_span(version)
        assert span is not None
        assert span.sha256 in card
        assert version.artifact.sha256 in card
    assert (await client.get("/api/v1/models/999/card", headers=analyst.headers)).status_code == 404


async def test_what_an_administrator_typed_cannot_break_a_card(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    other = await candidate(app, client, admin, "clients")
    note = "a | b\n# <script>alert(1)</script> **bold**"
    await client.post(f"/api/v1/models/{other['id']}/promote", json={"note": note}, headers=admin.headers)
    card = (await client.get(f"/api/v1/models/{other['id']}/card", headers=admin.headers)).text
    assert r"a \| b \# \<script\>alert(1)\</script\> \*\*bold\*\*" in card
