"""Real order files by the upload page, at most the mapping confirmed; none is part of this repository."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from tests.support.forms import Importing, selected
from tests.support.servers import Login, settings_of

from salesml import wiring
from salesml.services import imports, jobs, orders
from salesml.settings import Settings
from salesml.wiring import App

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no public order logs in {DATA}")


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A file, what is chosen for it by drop-down, and what was counted in it independently.

    `known` is the net sum of orders with a client, `stored` orders, clients and net sum, in minor units.
    """

    name: str
    currency: str
    chosen: dict[str, str] = field(default_factory=dict)
    rows: int
    guests: int = 0
    stored: tuple[int, int, int]
    known: int


RAW = [
    Raw(
        name="online_retail/raw_OnlineRetail_sample.csv",
        currency="GBP",
        rows=9_840,
        guests=2,
        stored=(541, 122, 19_783_320),
        known=19_469_557,
    ),
    Raw(
        name="online_retail/raw_Online Retail_sample.xlsx",
        currency="GBP",
        rows=5_000,
        guests=2,
        stored=(284, 81, 10_199_782),
        known=9_886_019,
    ),
    Raw(
        name="cdnow/raw_CDNOW_sample.txt",
        currency="USD",
        chosen={"map_client_id": "column 2", "map_ordered_at": "column 3", "map_amount": "column 5"},
        rows=6_919,
        stored=(6_919, 2_357, 24_409_194),
        known=24_409_194,
    ),
    Raw(
        name="cdnow/raw_CDNOW_master_head3000.txt",
        currency="USD",
        chosen={"map_amount": "dollar_value"},
        rows=3_000,
        stored=(3_000, 885, 10_977_013),
        known=10_977_013,
    ),
    Raw(
        name="retail_response/raw_Retail_Data_Transactions_head3000.csv",
        currency="USD",
        rows=3_000,
        stored=(3_000, 2_239, 20_901_700),
        known=20_901_700,
    ),
]
NOT_OURS = [
    ("hillstrom/raw_hillstrom_head2000.csv", "orders", "Client number, Date of the order, Amount"),
    ("hillstrom/raw_hillstrom_head2000.csv", "clients", "Client number, E-mail address"),
    ("hillstrom/raw_hillstrom_head2000.csv", "activity", "Client number, Day, Visits"),
    ("retail_response/raw_Retail_Data_Response.csv", "orders", "Date of the order, Amount"),
    ("retail_response/raw_Retail_Data_Response.csv", "clients", "E-mail address"),
    ("retail_response/raw_Retail_Data_Response.csv", "activity", "Day, Visits"),
]


@pytest.fixture
def installation(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Settings:
    """One without data, in the currency of the file."""
    raw = request.node.callspec.params.get("raw") if hasattr(request.node, "callspec") else None
    settings = settings_of(tmp_path / "data", sqlite_url)
    settings = settings.model_copy(update={"currency": raw.currency if raw else "USD"})
    wiring.migrate(settings)
    return settings


@pytest.fixture
async def pages(app: App, client: httpx.AsyncClient, analyst: Login) -> Importing:
    client.headers["accept-language"] = "en"
    found = Importing(app, client)
    await found.sign_in(analyst.user.email)
    return found


async def previewed(
    pages: Importing, name: str, content: bytes | Path, chosen: dict[str, str]
) -> tuple[str, str]:
    """Upload with nothing filled in but the file; what is missing then is chosen from the drop-downs."""
    answer = await pages.upload(name, content)
    if answer.status_code == 422:
        raw = content if isinstance(content, bytes) else content.read_bytes()
        fields = selected(answer.text, "/imports")
        assert {each for each in fields if each.startswith("map_")} == chosen.keys()
        answer = await pages.client.post("/imports", data={**fields, **chosen}, files={"file": (name, raw)})
    return await pages.shown(answer)


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: raw.name)
async def test_a_raw_file_is_imported_from_the_upload_page(app: App, pages: Importing, raw: Raw) -> None:
    path = DATA / raw.name
    address, page = await previewed(pages, path.name, path, raw.chosen)
    figure = f"{raw.stored[2] / 100:,.2f}"
    assert figure in page
    report = await pages.confirmed(address)
    assert figure in report
    [done] = app.tx.read(imports.page).items
    assert (done.counts.rows, done.counts.accepted) == (raw.rows, raw.stored[0])
    assert (done.counts.guests, done.counts.rejected) == (raw.guests, 0)
    totals = app.tx.read(orders.totals)
    assert totals == raw.stored
    told = app.tx.read(imports.detail, done.id).report
    assert told is not None
    assert told.file.ledger is not None
    assert told.file.ledger.net - told.file.ledger.guests_net == raw.known


async def test_dates_with_the_month_in_letters_give_the_same(app: App, pages: Importing) -> None:
    raw = RAW[-1]
    text = (DATA / raw.name).read_text()

    def worded(found: re.Match[str]) -> str:
        return datetime.strptime(found[0], "%m/%d/%Y").strftime("%d-%b-%y")  # noqa: DTZ007 - a day alone

    worded_text = re.sub(r"\d+/\d+/\d{4}", worded, text)
    assert "-Jan-15" in worded_text
    address, _ = await previewed(pages, "words.csv", worded_text.encode(), {})
    await pages.confirmed(address)
    assert app.tx.read(orders.totals) == raw.stored


@pytest.mark.parametrize(("name", "kind", "missing"), NOT_OURS)
async def test_what_is_neither_is_refused_and_says_what_is_missing(
    app: App, pages: Importing, name: str, kind: str, missing: str
) -> None:
    answer = await pages.upload(Path(name).name, DATA / name, kind=kind)
    assert answer.status_code == 422
    assert f"No column was found for: {missing}." in answer.text
    assert not list((app.settings.data_dir / "uploads").glob("*/*"))
    assert app.tx.read(jobs.page).items == ()
