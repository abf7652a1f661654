"""Backtests over HTTP."""

from typing import Any

import httpx
import pytest
from tests.support.servers import Login

from salesml.core.models import Target
from salesml.jobs.runner import run_in_foreground
from salesml.services import backtests, jobs
from salesml.settings import Settings
from salesml.wiring import App


@pytest.fixture
def installation(shop: Settings) -> Settings:
    return shop


async def test_a_backtest_is_asked_for_and_its_league_is_read(
    app: App, client: httpx.AsyncClient, admin: Login, analyst: Login
) -> None:
    body = {"as_of": ["2026-08-31"], "estimators": ["kernel"]}
    asked = await client.post("/api/v1/backtests", json=body, headers=admin.headers)
    assert asked.status_code == 202
    run_in_foreground(app, app.tx.read(jobs.get, int(asked.json()["id"])), lambda _: None)
    job = (await client.get(asked.headers["location"], headers=analyst.headers)).json()
    assert (job["kind"], job["status"]) == ("backtest", "succeeded")
    path = f"/api/v1/backtests/{job['result']['backtest_id']}"
    found = (await client.get(path, headers=analyst.headers)).json()
    assert (found["as_of"], found["currency"], found["created_by"]) == (
        body["as_of"],
        "PLN",
        admin.user.email,
    )
    assert [each["target"] for each in found["league"]] == ["sales", "purchase"]
    assert [each["as_of"] for each in found["windows"]] == [[day] for day in body["as_of"] for _ in Target]
    sales = found["league"][0]
    served, kernel, mean = (_named(sales, name) for name in (_served(app), "kernel", "mean_spend"))
    assert (served["is_default"], served["difference"]) == (True, None)
    low, high = served["intervals"]["rmse"]
    assert low < served["metrics"]["rmse"] < high
    assert kernel["difference"]["value"] == kernel["metrics"]["rmse"] - served["metrics"]["rmse"]
    assert (mean["is_baseline"], mean["verdict"]) == (True, None)
    assert [each["is_best"] for each in sales["standings"]] == [True] + [False] * 4
    listed = (await client.get("/api/v1/backtests", headers=analyst.headers)).json()
    assert listed["next_cursor"] is None
    (line,) = listed["items"]
    assert (line["id"], line["best"]["sales"]) == (found["id"], sales["standings"][0]["name"])


def _served(app: App) -> str:
    return app.tx.read(backtests.defaults)[Target.SALES]


def _named(table: dict[str, list[dict[str, Any]]], name: str) -> dict[str, Any]:
    return next(each for each in table["standings"] if each["name"] == name)


@pytest.mark.parametrize(
    "body",
    [
        {"estimators": ["oracle"]},
        {"windows": 0},
        {"windows": 25},
        {"as_of": []},
        {"as_of": ["1999-01-01"]},
        {"as_of": ["2026-08-31"], "windows": 2},
        {"colour": 1},
    ],
)
async def test_what_cannot_be_backtested_is_refused_at_once(
    body: dict[str, object], client: httpx.AsyncClient, admin: Login
) -> None:
    answer = await client.post("/api/v1/backtests", json=body, headers=admin.headers)
    assert answer.status_code == 422
    assert (await client.get("/api/v1/jobs?status=queued", headers=admin.headers)).json()["items"] == []


async def test_only_an_administrator_starts_a_backtest(client: httpx.AsyncClient, analyst: Login) -> None:
    assert (await client.post("/api/v1/backtests", headers=analyst.headers)).status_code == 403
    assert (await client.get("/api/v1/backtests/999", headers=analyst.headers)).status_code == 404
