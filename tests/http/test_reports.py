"""What imports and the stored data are like, and undoing an import, over HTTP."""

import csv
import io
import time
from datetime import timedelta

import httpx
import pytest
from tests.http.test_imports import send, worked
from tests.support.forms import Importing
from tests.support.servers import Login

from salesml.core.errors import JobFailed
from salesml.core.jobs import JobKind, JobStatus
from salesml.jobs.runner import run_in_foreground
from salesml.services import data_reports, jobs
from salesml.settings import Settings
from salesml.wiring import App

HEAD = "order_id,client_id,ordered_at,amount,kind\n"
FIRST = HEAD + "1,A,2026-01-02T10:00:00,10.00,sale\n2,,2026-01-03T10:00:00,20.50,sale\n"
SECOND = (
    HEAD + "2,,2026-01-03T10:00:00,20.50,sale\n3,B,2026-01-04T10:00:00,7.00,sale\n"
    "4,B,2026-01-04T11:00:00,-7.00,cancellation\n1,A,2026-01-02T10:00:00,11.00,sale\n"
)


async def report(client: httpx.AsyncClient, login: Login) -> dict[str, object]:
    answer = await client.get("/api/v1/data/report", headers=login.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def figures(client: httpx.AsyncClient, login: Login) -> tuple[object, ...]:
    found = await report(client, login)
    orders = found["orders"]
    assert isinstance(orders, dict)
    return orders["orders"], orders["clients"], orders["net"], orders["guests"], orders["void_count"]


async def undo(app: App, client: httpx.AsyncClient, login: Login, number: int) -> int:
    answer = await client.post(f"/api/v1/imports/{number}/undo", headers=login.headers)
    assert answer.status_code == 202, answer.text
    return worked(app, answer)


async def test_an_import_tells_what_its_file_is_like(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    worked(app, await send(client, analyst, FIRST))
    number = worked(app, await send(client, analyst, SECOND))
    found = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()["report"]
    assert found["currency"] == "PLN"
    ledger = found["ledger"]
    assert (ledger["orders"], ledger["clients"], ledger["net"], ledger["gross"]) == (4, 2, 31.5, 38.5)
    assert (ledger["guests"], ledger["guests_net"]) == (1, 20.5)
    assert ledger["guests_share"] == pytest.approx(20.5 / 31.5)
    assert [(pair["sale"], pair["cancellation"], pair["amount"]) for pair in ledger["voids"]] == [
        ("3", "4", 7.0)
    ]
    assert found["before"] == {"orders": 2, "net": 30.5}
    assert found["after"] == {"orders": 4, "net": 30.5}


async def test_files_of_clients_and_activity_are_described_by_what_they_hold(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    people = "client_id,email,first_name\nA,a@x.pl,Ala\nB,,Bo\n"
    number = worked(app, await send(client, analyst, people, kind="clients"))
    found = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()["report"]
    assert found["ledger"] is None
    assert (found["clients"]["clients"], found["clients"]["with_email"]) == (2, 1)
    days = "client_id,day,visits\nA,2026-01-02,3\nB,2026-01-05,4\n"
    number = worked(app, await send(client, analyst, days, kind="activity"))
    found = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()["report"]
    assert (found["activity"]["days"], found["activity"]["sums"]["visits"]) == (2, 7)
    assert found["activity"]["known"]["visits"] == {"first_day": "2026-01-02", "last_day": "2026-01-05"}


async def test_the_data_report_follows_imports_and_their_undoing(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    assert await figures(client, analyst) == (0, 0, 0.0, 0, 0)
    first = worked(app, await send(client, analyst, FIRST))
    assert await figures(client, analyst) == (2, 1, 30.5, 1, 0)
    second = worked(app, await send(client, analyst, SECOND, update="true"))
    assert await figures(client, analyst) == (4, 2, 31.5, 1, 1)
    assert await undo(app, client, analyst, second) == second
    assert await figures(client, analyst) == (2, 1, 30.5, 1, 0)
    assert await undo(app, client, analyst, first) == first
    assert await figures(client, analyst) == (0, 0, 0.0, 0, 0)


async def test_an_undone_import_stays_in_the_history_and_undoing_it_again_changes_nothing(
    app: App, client: httpx.AsyncClient, admin: Login
) -> None:
    number = worked(app, await send(client, admin, FIRST))
    for _ in range(2):
        await undo(app, client, admin, number)
        found = (await client.get(f"/api/v1/imports/{number}", headers=admin.headers)).json()
        assert (found["state"], found["counts"]["accepted"]) == ("undone", 2)
        assert found["finished_at"] is not None
    events = (await client.get("/api/v1/audit", headers=admin.headers)).json()["items"]
    assert [each["subject"] for each in events if each["action"] == "import.undone"] == [f"import {number}"]
    # Nothing stands in the way of the same file.
    again = worked(app, await send(client, admin, FIRST))
    found = (await client.get(f"/api/v1/imports/{again}", headers=admin.headers)).json()
    assert found["counts"]["accepted"] == 2


async def test_what_was_never_visible_cannot_be_undone(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    answer = await send(client, analyst, FIRST.replace("10.00", "x").replace("20.50", "y"))
    with pytest.raises(Exception, match="no good row"):
        worked(app, answer)
    refused = await client.post("/api/v1/imports/1/undo", headers=analyst.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")
    missing = await client.post("/api/v1/imports/99/undo", headers=analyst.headers)
    assert missing.status_code == 404


async def test_what_is_missing_for_models_is_told_in_numbers(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    worked(app, await send(client, analyst, FIRST))
    found = await report(client, analyst)
    claims = found["claims"]
    assert isinstance(claims, list)
    assert {each["name"] for each in claims} == {
        *("sales_clients", "purchase_clients", "sales_kernel", "purchase_kernel")
    }
    assert not any(each["possible"] for each in claims)
    assert "training needs 90 days" in claims[0]["reason"]
    assert found["as_of"] == "2026-01-03"
    assert found["backtests"] == 0
    features = found["features"]
    assert isinstance(features, list)
    reasons = {each["name"]: each["reason"] for each in features}
    assert reasons["purchases_30d"] is None
    assert reasons["visits_30d"] == "unknown at 2026-01-03: the data has no visits"


class TestShop:
    """A shop with models."""

    @pytest.fixture
    def installation(self, shop: Settings) -> Settings:
        return shop

    async def test_everything_that_training_could_do_is_called_possible(
        self, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        another_second()
        found = await report(client, analyst)
        claims, features = found["claims"], found["features"]
        assert isinstance(claims, list)
        assert isinstance(features, list)
        assert all(each["possible"] for each in claims), claims
        assert len(features) == 10
        assert (await report(client, analyst))["computed_at"] == found["computed_at"]


async def test_rows_that_were_set_aside_come_as_a_file_with_the_columns_of_their_own(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    bad = HEAD + "1,A,2026-01-02,5.00,sale\n2,=B,someday,6.00,sale\n3,C,2026-01-02,x,sale\n"
    number = worked(app, await send(client, analyst, bad, name="januar ł.csv"))
    answer = await client.get(f"/api/v1/imports/{number}/rejected.csv", headers=analyst.headers)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"januar _-set-aside.csv\"; filename*=UTF-8''januar%20%C5%82-set-aside.csv"
    )
    header, *rows = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert header == [
        *("salesml_row", "salesml_field", "salesml_code", "salesml_reason"),
        *("order_id", "client_id", "ordered_at", "amount", "kind"),
    ]
    assert [row[:3] for row in rows] == [["2", "ordered_at", "not_a_date"], ["3", "amount", "not_a_number"]]
    told = (await client.get(f"/api/v1/imports/{number}", headers=analyst.headers)).json()["report"]
    assert told["refused"] == [{"currency": "PLN", "rows": 1, "amount": 6.0}]
    assert (told["unreadable"], told["ledger"]["net"]) == (1, 5.0)
    # Formulas are text, and numbers are left alone.
    assert rows[0][4:] == ["2", "'=B", "someday", "6.00", "sale"]
    missing = await client.get("/api/v1/imports/99/rejected.csv", headers=analyst.headers)
    assert missing.status_code == 404


class TestMuchData:
    """More orders than are counted while somebody waits."""

    @pytest.fixture(autouse=True)
    def _everything_is_much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(data_reports, "AT_ONCE_ROWS", 1)

    async def test_without_a_report_a_job_makes_it(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        worked(app, await send(client, analyst, FIRST))
        answers = [await client.get("/api/v1/data/report", headers=analyst.headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]
        assert [answer.json()["kind"] for answer in answers] == ["report", "report"]
        assert answers[0].headers["location"] == answers[1].headers["location"]
        make(app)
        found = await report(client, analyst)
        assert (found["renewed_by"], found["backtests"]) == (None, 0)
        assert (await figures(client, analyst))[0] == 2

    async def test_the_last_report_stands_while_the_next_is_made(
        self, app: App, client: httpx.AsyncClient, analyst: Login, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        worked(app, await send(client, analyst, FIRST))
        await client.get("/api/v1/data/report", headers=analyst.headers)
        make(app)
        worked(app, await send(client, analyst, SECOND))
        # Not at once: where orders come all the time, it would never end.
        found = await report(client, analyst)
        assert (found["renewed_by"], (await figures(client, analyst))[0]) == (None, 2)
        monkeypatch.setattr(data_reports, "RENEWED_AFTER", timedelta(0))
        found = await report(client, analyst)
        [job] = app.tx.read(jobs.page, kind=JobKind.REPORT, status=JobStatus.QUEUED).items
        assert (found["renewed_by"], (await figures(client, analyst))[0]) == (str(job.id), 2)
        make(app)
        assert (await figures(client, analyst))[0] == 4

    async def test_the_page_shows_the_last_report_and_how_far_the_next_one_is(
        self, app: App, client: httpx.AsyncClient, analyst: Login
    ) -> None:
        pages = Importing(app, client)
        await pages.sign_in(analyst.user.email)
        worked(app, await send(client, analyst, FIRST))
        first = await client.get("/data/report")
        assert ("renewal-title" in first.text, "stat-net" in first.text) == (True, False)
        make(app)
        worked(app, await send(client, analyst, SECOND))
        stale = await client.get("/data/report")
        assert ("stat-net" in stale.text, 'id="renew"' in stale.text) == (True, True)
        assert (await client.post("/data/report")).headers["location"] == "/data"
        again = await client.get("/data/report")
        assert ("stat-net" in again.text, "renewal-title" in again.text, "job-progress" in again.text) == (
            (True, True, True)
        )
        make(app)
        fresh = await client.get("/data/report")
        assert ("renewal-title" in fresh.text, 'id="renew"' in fresh.text) == (False, False)

    async def test_a_report_that_cannot_be_made_is_not_asked_for_again_and_again(
        self, app: App, client: httpx.AsyncClient, analyst: Login, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages = Importing(app, client)
        await pages.sign_in(analyst.user.email)
        worked(app, await send(client, analyst, FIRST))
        await client.get("/data/report")

        def broken(*_: object) -> None:
            raise OSError("no disk")

        monkeypatch.setattr(data_reports, "material", broken)
        with pytest.raises(JobFailed):
            make(app)
        for _ in range(2):
            page = await client.get("/data/report")
            assert ("note-bad" in page.text, 'id="renew"' in page.text) == (True, True)
        assert len(app.tx.read(jobs.page, kind=JobKind.REPORT).items) == 1


def make(app: App) -> None:
    """Run the report job that waits."""
    [job] = app.tx.read(jobs.page, kind=JobKind.REPORT, status=JobStatus.QUEUED).items
    another_second()
    run_in_foreground(app, job, lambda _: None)


def another_second() -> None:
    """Wait until what is told by the second is told apart from what was before."""
    time.sleep(1.01)


ITEMS = "order_id,client_id,ordered_at,quantity,unit_price,note\n"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            HEAD + "1,A,2026-01-02,5.00,sale\n2,B,2026-01-02,6.00,sale\n",
            HEAD + '3,C,2026-01-02,1.00,sale\n2,"B ",2026-01-02,7.00,sale\n1,A,2026-01-02,5.00,sale\n',
            [["2", "2", "B ", "2026-01-02", "7.00", "sale"]],
        ),
        (
            ITEMS + "1,A,2026-01-02,1,5.00,x\n2,B,2026-01-02,2,5.00,y\n",
            ITEMS
            + '2,B,2026-01-02,2,5.00,"a ""b"""\n3,C,2026-01-02,2,5.00,\n 2 ,B,2026-01-02,1,1.00,"c\nd"\n',
            [
                ["1", "2", "B", "2026-01-02", "2", "5.00", 'a "b"'],
                ["1", " 2 ", "B", "2026-01-02", "1", "1.00", "c\nd"],
            ],
        ),
    ],
    ids=["orders", "line items"],
)
async def test_an_order_that_contradicts_a_stored_one_is_kept_whole(
    app: App, client: httpx.AsyncClient, analyst: Login, first: str, second: str, expected: list[list[str]]
) -> None:
    worked(app, await send(client, analyst, first))
    number = worked(app, await send(client, analyst, second))
    answer = await client.get(f"/api/v1/imports/{number}/rejected.csv", headers=analyst.headers)
    _, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert [[row[0], *row[4:]] for row in rows] == expected
    assert {row[2] for row in rows} == {"conflict"}
    mended = answer.content.decode("utf-8-sig")
    again = worked(app, await send(client, analyst, mended, update="true"))
    found = (await client.get(f"/api/v1/imports/{again}", headers=analyst.headers)).json()
    assert (found["counts"]["changed"], found["counts"]["rejected"]) == (1, 0)
