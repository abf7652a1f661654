"""Several servers on one PostgreSQL; and servers that are killed with their workers in the middle of work."""

import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, text
from tests.support.commands import Salesml
from tests.support.contents import connect, content, has_more, undisturbed, versions
from tests.support.processes import Running, running, token_of
from tests.support.shops import small_shop
from tests.support.workers import children_of, send

from salesml.http.schemas.predictions import SALES_EXAMPLE

PATIENCE_S = 180
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
EMAIL = "ann@shop.example"
SCORES = (
    "SELECT i.external_id, s.as_of_day, s.predicted_sales, p.purchase_probability, p.decision "
    "FROM sales_predictions s JOIN scoring_runs r ON r.id = s.run_id "
    "JOIN purchase_predictions p ON p.run_id = s.run_id AND p.client_id = s.client_id "
    "JOIN client_ids i ON i.client_id = s.client_id WHERE r.state = 'published' ORDER BY i.external_id"
)


@dataclass(frozen=True)
class Api:
    """An administrator at one server."""

    server: Running
    http: httpx.Client

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def post(self, path: str, **sent: Any) -> Any:
        return self.http.post(path, **sent).raise_for_status().json()

    def finished(self, job: Mapping[str, Any]) -> Any:
        """The job once it has ended, and ended well."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            now = self.get(f"/jobs/{job['id']}")
            if now["status"] not in ("queued", "running"):
                assert now["status"] == "succeeded", now
                return now
            time.sleep(0.1)
        raise AssertionError(now)


def admin(salesml: Salesml) -> str:
    """Make an administrator; answers the password."""
    made = salesml.good("users", "create", EMAIL, "--role", "admin").out
    return made.split("shown only now): ")[1].strip()


def serve(stack: ExitStack, salesml: Salesml, password: str, log: Path) -> Api:
    server = stack.enter_context(running(salesml, "serve", "--port", 0, log=log))
    url = server.url()
    headers = token_of(url, EMAIL, password)
    http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60)
    return Api(server, stack.enter_context(http))


@pytest.mark.parametrize("shop", ["postgres"], indirect=True)
def test_two_servers_answer_a_promotion_within_two_seconds_and_run_a_job_once(
    shop_salesml: Salesml, tmp_path: Path
) -> None:
    password = admin(shop_salesml)
    with ExitStack() as stack:
        apis = [serve(stack, shop_salesml, password, tmp_path / f"log{number}") for number in (1, 2)]
        jobs = [api.post("/models/sales/training-runs") for api in apis]
        assert jobs[0]["id"] == jobs[1]["id"]
        done = [api.finished(jobs[0]) for api in apis]
        assert [each["attempts"] for each in done] == [1, 1]
        kernels = apis[1].get("/models?target=sales&role=kernel")["items"]
        assert len(kernels) == 2
        kernels.sort(key=lambda each: each["is_champion"])
        delays = [delay_of_promotion(apis, kernels[number % 2]) for number in range(5)]
        assert sorted(delays)[2] < 2, delays
        assert all(api.server.stop() == 0 for api in apis)


def delay_of_promotion(apis: list[Api], version: Mapping[str, Any]) -> float:
    """Promote at the first server; answers the seconds until every server answers by that version."""
    apis[0].post(f"/models/{version['id']}/promote")
    promoted = time.monotonic()
    for api in apis:
        while api.post("/predictions/sales", json=SALES_EXAMPLE)["model_version"] != version["name"]:
            assert time.monotonic() - promoted < PATIENCE_S
            time.sleep(0.1)
    return time.monotonic() - promoted


@BOTH
def test_work_asked_for_over_http_finishes_after_server_and_worker_were_killed(
    salesml: Salesml, tmp_path: Path
) -> None:
    shop = small_shop(tmp_path / "shop", clients=6_000, months=6)
    models = tmp_path / "data" / "models"
    password = admin(salesml)

    def survived(api: Api, reached: Callable[[Connection], bool], path: str, **sent: Any) -> Api:
        """The next server, once it has finished what was asked of the one before."""
        job = api.post(path, **sent)
        kill_both(salesml, api.server, job["id"], reached)
        again = serve(stack, salesml, password, tmp_path / "log")
        assert again.finished(job)["attempts"] == 2
        return again

    with ExitStack() as stack, shop["orders"].open("rb") as file:
        api = serve(stack, salesml, password, tmp_path / "log")
        api = survived(
            api, has_more("orders", 5_000), "/imports", files={"file": file}, data={"kind": "orders"}
        )
        api = survived(api, lambda _: any(models.glob("*.joblib")), "/models/sales/training-runs")
        salesml.good("train", "purchase")
        api = survived(api, has_more("sales_predictions", 0), "/scoring-runs")
        assert api.server.stop() == 0

    peaceful = undisturbed(salesml, tmp_path, [("orders", shop["orders"])])
    for command in (["train", "sales"], ["train", "purchase"], ["score"]):
        peaceful.good(*command)
    assert sorted(without_ids(salesml)) == sorted(without_ids(peaceful))
    assert scores(salesml) == scores(peaceful)
    assert len(versions(salesml)) == len(versions(peaceful)) == 4
    assert len(list(models.glob("*.joblib"))) == 4


def kill_both(salesml: Salesml, server: Running, job_id: str, reached: Callable[[Connection], bool]) -> None:
    """kill -9 of the worker that runs the job, with its process, and of its server, as soon as it has come
    so far."""
    until = time.monotonic() + PATIENCE_S
    sql = text("SELECT status, owner FROM jobs WHERE id = :id")
    with connect(salesml) as connection:
        while time.monotonic() < until:
            status, owner = connection.execute(sql, {"id": int(job_id)}).one()
            assert status in ("queued", "running"), "it ended before it was killed"
            if status == "running" and reached(connection):
                worker = int(owner.rpartition(":")[2])
                for pid in (*children_of(worker), worker):
                    send(pid, signal.SIGKILL)
                server.kill()
                return
            time.sleep(0.01)
    raise AssertionError("it never came so far")


def without_ids(salesml: Salesml) -> list[tuple[Any, ...]]:
    """Orders; PostgreSQL gives no number out twice, not even that of a row that was rolled back."""
    return [order[1:] for order in content(salesml)["orders"]]


def scores(salesml: Salesml) -> list[tuple[Any, ...]]:
    with connect(salesml) as connection:
        return [tuple(row) for row in connection.execute(text(SCORES))]
