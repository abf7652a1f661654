"""Versions, promotion and the threshold over HTTP."""

import httpx
import pytest
from tests.support.servers import Login, client_of, running
from tests.support.waiting import until

from salesml.core.models import ModelRole, Target
from salesml.jobs.runner import run_in_foreground
from salesml.services import jobs, models
from salesml.settings import Settings
from salesml.wiring import App, open_app

SALES = {
    "purchases_30d": 2,
    "average_basket_value": 149.9,
    "visits_30d": 11,
    "days_since_last_purchase": 9,
    "tenure_months": 14.5,
}
PURCHASE = {
    "visits_7d": 4,
    "newsletter_opened": 1,
    "ad_clicks": 2,
    "has_purchased": 1,
    "time_on_site_seconds": 840,
}


@pytest.fixture
def installation(shop: Settings) -> Settings:
    return shop


async def test_every_version_comes_with_its_evidence(client: httpx.AsyncClient, analyst: Login) -> None:
    listed = (await client.get("/api/v1/models", headers=analyst.headers)).json()
    assert len(listed["items"]) == 4
    assert listed["next_cursor"] is None
    purchase = next(each for each in listed["items"] if each["name"].startswith("purchase-clients"))
    alone = await client.get(f"/api/v1/models/{purchase['id']}", headers=analyst.headers)
    assert alone.json() == purchase
    assert purchase["is_champion"] is True
    assert purchase["champion"]["note"].startswith("first valid version")
    assert set(purchase["confusion_matrix"]) == {"tn", "fp", "fn", "tp"}
    assert {"accuracy", "precision", "recall", "best_f1"} <= purchase["metrics"].keys()
    assert "base_rate" in purchase["baselines"]
    sales = next(each for each in listed["items"] if each["name"].startswith("sales-kernel"))
    assert {"r2", "mse"} <= sales["metrics"].keys()
    assert sales["confusion_matrix"] is None
    assert sales["training"]["served_fit"]["rows"] > 0


async def test_versions_come_page_by_page_and_by_target(client: httpx.AsyncClient, analyst: Login) -> None:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"target": "sales", "limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/models", params=query, headers=analyst.headers)).json()
        found += [each["name"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(name.rpartition("-")[0] for name in found) == ["sales-clients", "sales-kernel"]
    tampered = await client.get("/api/v1/models", params={"cursor": "MQ"}, headers=analyst.headers)
    assert (tampered.status_code, tampered.json()["code"]) == (422, "invalid_cursor")


async def test_an_unknown_version_is_not_found(
    client: httpx.AsyncClient, analyst: Login, admin: Login
) -> None:
    assert (await client.get("/api/v1/models/999", headers=analyst.headers)).status_code == 404
    assert (await client.post("/api/v1/models/999/promote", headers=admin.headers)).status_code == 404


async def _retrained(app: App, client: httpx.AsyncClient, admin: Login, target: Target) -> httpx.Response:
    """Train again over HTTP, at another date so that the coefficients differ."""
    asked = await client.post(
        f"/api/v1/models/{target}/training-runs", json={"as_of": "2026-10-01"}, headers=admin.headers
    )
    job = app.tx.read(jobs.get, int(asked.json()["id"]))
    run_in_foreground(app, job, lambda _: None)
    return asked


async def test_a_training_is_asked_for_and_its_versions_are_recorded(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    asked = await _retrained(app, client, admin, Target.SALES)
    assert asked.status_code == 202
    job = (await client.get(asked.headers["location"], headers=admin.headers)).json()
    assert (job["kind"], job["status"], job["created_by"]) == ("training", "succeeded", admin.user.email)
    version = job["result"]["versions"][0]
    found = (await client.get(f"/api/v1/models/{version['id']}", headers=admin.headers)).json()
    assert (found["name"], found["as_of"]) == (version["name"], "2026-10-01")
    assert found["created_by"] == admin.user.email


async def test_a_training_with_a_wrong_estimator_or_date_is_refused_at_once(
    client: httpx.AsyncClient, admin: Login
) -> None:
    for body in ({"estimator": "oracle"}, {"as_of": "1999-01-01"}, {"as_of": "soon"}, {"colour": 1}):
        answer = await client.post("/api/v1/models/sales/training-runs", json=body, headers=admin.headers)
        assert answer.status_code == 422
    assert (await client.get("/api/v1/jobs?status=queued", headers=admin.headers)).json()["items"] == []


async def test_training_promoting_and_the_threshold_need_an_administrator(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    champion = app.tx.read(models.champion, Target.SALES, ModelRole.KERNEL)
    for method, path, body in (
        ("POST", "/api/v1/models/sales/training-runs", {}),
        ("POST", f"/api/v1/models/{champion.id}/promote", {}),
        ("PUT", "/api/v1/models/threshold", {"threshold": 0.1}),
    ):
        answer = await client.request(method, path, json=body, headers=analyst.headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_a_promotion_is_answered_by_another_server_within_two_seconds(
    app: App, installation: Settings, client: httpx.AsyncClient, admin: Login
) -> None:
    before = app.tx.read(models.champion, Target.SALES, ModelRole.KERNEL)
    await _retrained(app, client, admin, Target.SALES)
    with open_app(installation) as other:
        async with running(other) as second, client_of(second) as elsewhere:

            async def version(speaking: httpx.AsyncClient) -> str:
                answer = await speaking.post("/api/v1/predictions/sales", json=SALES, headers=admin.headers)
                return str(answer.json()["model_version"])

            assert await version(elsewhere) != before.name
            back = await client.post(
                f"/api/v1/models/{before.id}/promote", json={"note": "back"}, headers=admin.headers
            )
            assert back.json()["champion"]["note"] == "back"
            assert await version(client) == before.name
            assert await until(lambda: version(elsewhere), lambda name: name == before.name) < 2.0
    trail = (await client.get("/api/v1/audit", headers=admin.headers)).json()["items"]
    assert (trail[0]["action"], trail[0]["subject"]) == ("model.promoted", before.name)


async def test_a_promotion_upon_an_old_view_is_refused(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    before = app.tx.read(models.champion, Target.PURCHASE, ModelRole.CLIENTS)
    await _retrained(app, client, admin, Target.PURCHASE)
    path = f"/api/v1/models/{before.id}/promote"
    late = await client.post(path, json={"expected_revision": 1}, headers=admin.headers)
    assert (late.status_code, late.json()["code"]) == (409, "already_exists")
    good = await client.post(path, json={"expected_revision": 2}, headers=admin.headers)
    assert good.json()["champion"]["revision"] == 3
    again = await client.post(path, headers=admin.headers)
    assert again.json()["champion"]["revision"] == 3


async def test_a_version_whose_file_is_gone_is_not_promoted(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    before = app.tx.read(models.champion, Target.SALES, ModelRole.CLIENTS)
    await _retrained(app, client, admin, Target.SALES)
    (app.settings.data_dir / "models" / before.artifact.file_name).unlink()
    answer = await client.post(f"/api/v1/models/{before.id}/promote", headers=admin.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "model_refused")
    assert "retrain" in answer.json()["detail"]
    assert app.tx.read(models.champion, Target.SALES, ModelRole.CLIENTS).id != before.id


async def test_the_threshold_decides_at_once_and_moves_the_summary(
    client: httpx.AsyncClient, admin: Login
) -> None:
    asked = (await client.post("/api/v1/predictions/purchase", json=PURCHASE, headers=admin.headers)).json()
    for threshold, decision in ((asked["probability"], 1), (1.0, 0)):
        changed = await client.put(
            "/api/v1/models/threshold", json={"threshold": threshold}, headers=admin.headers
        )
        assert changed.status_code == 200
        answer = await client.post("/api/v1/predictions/purchase", json=PURCHASE, headers=admin.headers)
        assert (answer.json()["decision"], answer.json()["threshold"]) == (decision, threshold)
        summary = (await client.get("/api/v1/dashboard/summary", headers=admin.headers)).json()
        assert summary["threshold"] == threshold
        assert summary["clients_at_threshold"] == changed.json()["clients_at_threshold"]
        assert summary["expected_buyers"] == changed.json()["expected_buyers"]
    trail = (await client.get("/api/v1/audit?limit=1", headers=admin.headers)).json()
    assert trail["items"][0]["detail"] == {"before": asked["probability"], "after": 1.0}
    assert trail["next_cursor"]


async def test_another_threshold_can_be_looked_at_before_it_is_set(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    everyone = await client.get("/api/v1/models/threshold", params={"at": 0}, headers=analyst.headers)
    found = everyone.json()
    assert (found["threshold"], found["at"], found["share_at_threshold"]) == (0.7, 0.0, 1.0)
    assert found["clients_at_threshold"] == found["scored_clients"] > 300
    assert 0 < found["expected_buyers"] < found["scored_clients"]
    assert 0 < found["best_f1"]["threshold"] < 1


@pytest.mark.parametrize("threshold", [-0.1, 1.1, None, "0.5", True])
async def test_a_threshold_that_is_no_probability_is_refused(
    client: httpx.AsyncClient, admin: Login, threshold: object
) -> None:
    answer = await client.put(
        "/api/v1/models/threshold", json={"threshold": threshold}, headers=admin.headers
    )
    assert answer.status_code == 422
    assert (await client.get("/api/v1/models/threshold", headers=admin.headers)).json()["threshold"] == 0.7
