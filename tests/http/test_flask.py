"""FastAPI and Flask, in one process on one database, give the same answers to the same requests."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.servers import Login

from salesml.core.inputs import INPUTS, Input
from salesml.core.models import Target
from salesml.http.schemas.predictions import PURCHASE_EXAMPLE, SALES_EXAMPLE
from salesml.integrations.flask import blueprint
from salesml.services import users
from salesml.settings import Settings
from salesml.wiring import App

EXAMPLES = {Target.SALES: SALES_EXAMPLE, Target.PURCHASE: PURCHASE_EXAMPLE}
BOTH_TARGETS = pytest.mark.parametrize("target", list(Target))
TOLD = ("content-type", "www-authenticate", "cache-control", "x-content-type-options")
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def installation(shop: Settings) -> Settings:
    return shop


@pytest.fixture
def flask(app: App) -> FlaskClient:
    made = Flask("shop")
    made.register_blueprint(blueprint(app))
    return made.test_client()


class Both:
    """Asks FastAPI and Flask the same and answers what both said."""

    def __init__(self, fastapi: httpx.AsyncClient, flask: FlaskClient, login: Login) -> None:
        self._fastapi, self._flask, self._login = fastapi, flask, login

    async def ask(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] = JSON,
    ) -> tuple[int, Any]:
        told = {**self._login.headers, **headers}
        one = await self._fastapi.request(method, f"/api/v1{path}", content=content, headers=told)
        other = self._flask.open(f"/api/v1{path}", method=method, data=content, headers=told)
        assert (one.status_code, one.json()) == (other.status_code, other.json)
        assert [one.headers.get(name) for name in TOLD] == [other.headers.get(name) for name in TOLD]
        return one.status_code, one.json()


@pytest.fixture
def both(client: httpx.AsyncClient, flask: FlaskClient, analyst: Login) -> Both:
    return Both(client, flask, analyst)


def good(rule: Input) -> st.SearchStrategy[Any]:
    """Values of JSON that an input may have."""
    if rule.flag:
        return st.sampled_from([0, 1, True, False, 1.0])
    numbers: st.SearchStrategy[Any] = st.integers(0, int(rule.maximum))
    if not rule.whole:
        numbers |= st.floats(0, rule.maximum)
    return numbers | st.none() if rule.nullable else numbers


BAD = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=5),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.lists(st.integers(), max_size=2),
)


@st.composite
def bodies(draw: st.DrawFn, target: Target) -> dict[str, Any]:
    """Mostly good inputs; some wrong, missing or unknown."""
    body = {rule.name: draw(good(rule)) for rule in INPUTS[target]}
    for name in draw(st.lists(st.sampled_from(sorted(body)), max_size=2, unique=True)):
        body[name] = draw(BAD)
    if draw(st.integers(0, 9)) == 0:
        body.pop(draw(st.sampled_from(sorted(body))))
    if draw(st.integers(0, 9)) == 0:
        body[draw(st.text(max_size=8))] = draw(BAD)
    return body


@BOTH_TARGETS
async def test_a_good_question_has_one_answer(both: Both, target: Target) -> None:
    status, answer = await both.ask("POST", f"/predictions/{target}", json.dumps(EXAMPLES[target]).encode())
    assert status == 200
    assert answer["model_version"].startswith(f"{target}-kernel-")


@pytest.mark.parametrize("target", list(Target))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_inputs_have_one_answer(both: Both, target: Target, data: st.DataObject) -> None:
    body = data.draw(bodies(target))
    status, _ = await both.ask("POST", f"/predictions/{target}", json.dumps(body).encode())
    assert status in (200, 422)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", JSON, 422),
        (b"{", JSON, 422),
        (b"null", JSON, 422),
        (b"[]", JSON, 422),
        (b"3", JSON, 422),
        (b'"\xff"', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (json.dumps(SALES_EXAMPLE).encode("utf-16"), JSON, 200),
        (json.dumps(SALES_EXAMPLE).encode(), {"Content-Type": "application/vnd.shop+json"}, 200),
        (json.dumps(SALES_EXAMPLE).encode(), {"Content-Type": "text/plain"}, 415),
        (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}, 422),
        (json.dumps(SALES_EXAMPLE).encode(), {"Content-Type": ""}, 415),
    ],
)
async def test_any_body_has_one_answer(
    both: Both, content: bytes, headers: Mapping[str, str], status: int
) -> None:
    assert (await both.ask("POST", "/predictions/sales", content, headers))[0] == status


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?limit=3&sort=-predicted_sales",
        "?limit=3&sort=name",
        "?q=a&min_purchase_probability=0.2&decision=0",
        "?min_predicted_sales=10.005&max_predicted_sales=100",
        "?limit=1&limit=2",
        "?q=&source=default",
        "?limit=0",
        "?limit=x&sort=nothing",
        "?surprise=1&another=2&another=3",
        "?min_predicted_sales=NaN",
        "?decision=",
        "?cursor=tampered",
        "?q=%00",
        "?q=%FF%FE",
        "?q=a+b%20c&q=%C5%82",
    ],
)
async def test_a_list_of_clients_is_the_same(both: Both, query: str) -> None:
    status, _ = await both.ask("GET", f"/clients{query}")
    assert status in (200, 422)


async def test_pages_follow_one_another_across_both(both: Both) -> None:
    seen, cursor = [], ""
    for _ in range(3):
        _, page = await both.ask("GET", f"/clients?limit=5&sort=-purchase_probability{cursor}")
        seen += [each["id"] for each in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert len(set(seen)) == 15


@pytest.mark.parametrize(
    ("client_id", "status"),
    [
        ("1", 200),
        ("+2", 200),
        ("999999", 404),
        ("0", 422),
        ("-1", 422),
        ("x", 422),
        ("9223372036854775808", 422),
        ("%C5%82", 422),
    ],
)
async def test_one_client_is_the_same(both: Both, client_id: str, status: int) -> None:
    found, answer = await both.ask("GET", f"/clients/{client_id}")
    assert found == status
    assert status != 200 or 0 <= answer["purchase_probability"] <= 1


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x.y.z", "Basic YTpi", "Token"])
async def test_without_a_good_token_both_refuse_alike(both: Both, authorization: str) -> None:
    body = json.dumps(SALES_EXAMPLE).encode()
    status, told = await both.ask(
        "POST", "/predictions/sales", body, {**JSON, "Authorization": authorization}
    )
    assert (status, told["code"]) == (401, "not_authenticated")


async def test_a_user_who_was_shut_out_is_refused(app: App, both: Both, analyst: Login) -> None:
    now = datetime.now(UTC)
    app.tx.run(users.disable_user, email=analyst.user.email, actor="test", now=now)
    assert (await both.ask("POST", "/predictions/sales", json.dumps(SALES_EXAMPLE).encode()))[0] == 401


async def test_no_route_of_the_blueprint_is_open(app: App) -> None:
    made = Flask("shop")
    made.register_blueprint(blueprint(app))
    rules = [rule for rule in made.url_map.iter_rules() if rule.endpoint.startswith("salesml.")]
    assert len(rules) == 4
    for rule in rules:
        for method in rule.methods or ():
            path = rule.rule.replace("<client_id>", "1")
            assert made.test_client().open(path, method=method).status_code == 401
