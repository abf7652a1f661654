"""Both forecasts from features, over HTTP."""

import json
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest
from tests.support.servers import Login

from salesml.core.models import ModelRole, Target
from salesml.ml.folding import evaluate_folded
from salesml.ml.intervals import FEATURES, from_json
from salesml.services import models
from salesml.settings import Settings
from salesml.wiring import App

SALES: dict[str, Any] = {
    "purchases_30d": 2,
    "average_basket_value": 149.9,
    "visits_30d": 11,
    "days_since_last_purchase": 9,
    "tenure_months": 14.5,
}
PURCHASE: dict[str, Any] = {
    "visits_7d": 4,
    "newsletter_opened": 1,
    "ad_clicks": 2,
    "has_purchased": 1,
    "time_on_site_seconds": 840,
}


@pytest.fixture
def installation(shop: Settings) -> Settings:
    return shop


async def ask(client: httpx.AsyncClient, login: Login, path: str, body: object) -> httpx.Response:
    return await client.post(f"/api/v1/predictions/{path}", json=body, headers=login.headers)


async def test_a_sales_forecast_is_that_of_the_champion_in_major_units(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    champion = app.tx.read(models.champion, Target.SALES, ModelRole.KERNEL)
    answer = (await ask(client, analyst, "sales", SALES)).json()
    assert champion.folded is not None
    assert champion.intervals is not None
    inputs = {**SALES, "average_basket_value": 14_990.0}
    minor = round(evaluate_folded(champion.folded, inputs))
    columns = {name: np.array([float(inputs[name])]) for name in FEATURES}
    lower, upper = from_json(champion.intervals).bounds_of(np.array([float(minor)]), columns)
    assert answer == {
        "predicted_sales": minor / 100,
        "lower": lower[0] / 100,
        "upper": upper[0] / 100,
        "currency": "PLN",
        "horizon_days": 30,
        "model_version": champion.name,
        "ignored_features": [],
    }
    assert answer["upper"] > answer["predicted_sales"] > 0


async def test_a_purchase_forecast_is_that_of_the_champion(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    champion = app.tx.read(models.champion, Target.PURCHASE, ModelRole.KERNEL)
    answer = (await ask(client, analyst, "purchase", PURCHASE)).json()
    assert champion.folded is not None
    probability = evaluate_folded(champion.folded, PURCHASE)
    assert answer == {
        "probability": probability,
        "decision": int(probability >= 0.7),
        "threshold": 0.7,
        "ranking_only": False,
        "horizon_days": 14,
        "model_version": champion.name,
        "ignored_features": [],
    }
    as_booleans = {**PURCHASE, "newsletter_opened": True, "has_purchased": True}
    assert (await ask(client, analyst, "purchase", as_booleans)).json() == answer


async def in_use_instead(app: App, client: httpx.AsyncClient, admin: Login, **changes: Any) -> None:
    """Put a changed copy of a champion of single forecasts in use."""
    before = app.tx.read(models.champion, changes.pop("target"), ModelRole.KERNEL)
    copy = app.tx.run(lambda uow: uow.models.add(replace(before, **changes)))
    answer = await client.post(f"/api/v1/models/{copy.id}/promote", json={"note": "a"}, headers=admin.headers)
    assert answer.status_code == 200, answer.text


async def test_a_version_without_intervals_answers_without_bounds(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    await in_use_instead(app, client, admin, target=Target.SALES, intervals=None)
    answer = (await ask(client, admin, "sales", SALES)).json()
    assert (answer["lower"], answer["upper"]) == (None, None)
    batch = (await ask(client, admin, "sales/batch", {"records": [SALES]})).json()
    assert (batch["results"][0]["lower"], batch["results"][0]["upper"]) == (None, None)


async def test_probabilities_that_the_data_cannot_support_say_so(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    doubted = {"calibration": {"error": 0.2, "bins": [], "reason": "off", "values": {}}}
    await in_use_instead(app, client, admin, target=Target.PURCHASE, evidence=doubted)
    assert (await ask(client, admin, "purchase", PURCHASE)).json()["ranking_only"] is True
    batch = (await ask(client, admin, "purchase/batch", {"records": [PURCHASE]})).json()
    assert batch["ranking_only"] is True


async def test_a_client_who_never_bought_has_no_recency(client: httpx.AsyncClient, analyst: Login) -> None:
    never = {**SALES, "purchases_30d": 0, "average_basket_value": 0, "days_since_last_purchase": None}
    assert (await ask(client, analyst, "sales", never)).status_code == 200
    wrong = await ask(client, analyst, "sales", {**SALES, "days_since_last_purchase": None})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "days_since_last_purchase"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("sales", {**SALES, "visits_30d": -1}, "visits_30d"),
        ("sales", {**SALES, "visits_30d": None}, "visits_30d"),
        ("sales", {**SALES, "visits_30d": 1.5}, "visits_30d"),
        ("sales", {**SALES, "visits_30d": "3"}, "visits_30d"),
        ("sales", {**SALES, "visits_30d": True}, "visits_30d"),
        ("sales", {**SALES, "visits_30d": 10**400}, "visits_30d"),
        ("sales", {**SALES, "colour": "red"}, "colour"),
        ("sales", {name: value for name, value in SALES.items() if name != "tenure_months"}, "tenure_months"),
        ("purchase", {**PURCHASE, "has_purchased": 2}, "has_purchased"),
        ("purchase", {**PURCHASE, "time_on_site_seconds": -0.5}, "time_on_site_seconds"),
    ],
)
async def test_a_wrong_input_is_named(
    client: httpx.AsyncClient, analyst: Login, path: str, body: object, field: str
) -> None:
    answer = await ask(client, analyst, path, body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [found["field"].split(".")[0] for found in answer.json()["errors"]][:1] == [field]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_what_is_no_number_is_refused(client: httpx.AsyncClient, analyst: Login, number: str) -> None:
    raw = json.dumps(SALES).replace("149.9", number)
    headers = {**analyst.headers, "content-type": "application/json"}
    answer = await client.post("/api/v1/predictions/sales", content=raw, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "average_basket_value"


async def test_nobody_in_particular_gets_no_forecast(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/predictions/sales", json=SALES)).status_code == 401
    assert (
        await client.post("/api/v1/predictions/sales/batch", json={"records": [SALES]})
    ).status_code == 401


@pytest.mark.parametrize(("path", "one"), [("sales", SALES), ("purchase", PURCHASE)])
async def test_a_batch_answers_what_single_questions_answer(
    client: httpx.AsyncClient, analyst: Login, path: str, one: dict[str, Any]
) -> None:
    records = [one, {**one, next(iter(one)): 0}, dict.fromkeys(one, 1)]
    columns = {name: [record[name] for record in records] for name in one}
    singles = [(await ask(client, analyst, path, record)).json() for record in records]
    by_records = (await ask(client, analyst, f"{path}/batch", {"records": records})).json()
    by_columns = (await ask(client, analyst, f"{path}/batch", {"columns": columns})).json()
    varying = by_records["results"][0].keys() - {"row"}
    assert [row["row"] for row in by_records["results"]] == by_columns["columns"].pop("row") == [1, 2, 3]
    for name in varying:
        expected = [single[name] for single in singles]
        assert [row[name] for row in by_records["results"]] == by_columns["columns"][name] == expected
    common = singles[0].keys() - varying
    assert {name: by_records[name] for name in common} == {name: singles[0][name] for name in common}
    assert by_records["rejected"] == by_columns["rejected"] == []


async def test_bad_rows_of_a_batch_are_named_and_good_ones_answered(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    records: list[Any] = [
        SALES,
        {**SALES, "visits_30d": -3, "tenure_months": None},
        {**SALES, "colour": "red"},
        7,
        {**SALES, "days_since_last_purchase": None},
        SALES,
    ]
    answer = await ask(client, analyst, "sales/batch", {"records": records})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], [row["row"] for row in body["results"]]) == (2, [1, 6])
    assert [(bad["row"], bad["field"], bad["code"]) for bad in body["rejected"]] == [
        (2, "tenure_months", "null"),
        (2, "visits_30d", "negative"),
        (3, "colour", "unknown_field"),
        (4, "", "not_an_object"),
        (5, "days_since_last_purchase", "null"),
    ]
    assert all(bad["reason"] for bad in body["rejected"])


async def test_a_nan_in_a_batch_names_its_row(client: httpx.AsyncClient, analyst: Login) -> None:
    values = dict.fromkeys(SALES, "[1, 1]") | {"visits_30d": "[1, NaN]"}
    columns = ", ".join(f'"{name}": {value}' for name, value in values.items())
    raw = f'{{"columns": {{{columns}}}}}'
    answer = await client.post("/api/v1/predictions/sales/batch", content=raw, headers=analyst.headers)
    assert [(bad["row"], bad["field"]) for bad in answer.json()["rejected"]] == [(2, "visits_30d")]
    assert answer.json()["columns"]["row"] == [1]


@pytest.mark.parametrize(
    "body",
    [
        {"records": []},
        {"records": [SALES] * 10_001},
        {"records": {}},
        {"records": [SALES], "columns": {}},
        {"columns": {"visits_30d": [1]}},
        {"columns": {name: [1] for name in SALES} | {"visits_30d": [1, 2]}},
        {"columns": {name: [1] for name in SALES} | {"colour": [1]}},
        {"columns": {name: [] for name in SALES}},
        [],
    ],
)
async def test_a_batch_of_another_shape_is_refused(
    client: httpx.AsyncClient, analyst: Login, body: object
) -> None:
    answer = await ask(client, analyst, "sales/batch", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"[" * 100_000, b""])
async def test_a_batch_that_is_not_json_is_refused(
    client: httpx.AsyncClient, analyst: Login, raw: bytes
) -> None:
    answer = await client.post("/api/v1/predictions/sales/batch", content=raw, headers=analyst.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


async def test_a_batch_without_a_good_row_is_refused_with_every_reason(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    answer = await ask(client, analyst, "purchase/batch", {"records": [{**PURCHASE, "ad_clicks": -1}] * 2})
    assert (answer.status_code, answer.json()["code"]) == (422, "batch_refused")
    assert [(bad["row"], bad["field"]) for bad in answer.json()["errors"]] == [
        (1, "ad_clicks"),
        (2, "ad_clicks"),
    ]


async def test_ten_thousand_rows_are_answered(client: httpx.AsyncClient, analyst: Login) -> None:
    answer = await ask(client, analyst, "sales/batch", {"columns": {name: [1] * 10_000 for name in SALES}})
    assert answer.json()["accepted"] == 10_000
