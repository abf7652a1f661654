"""Files brought in by the browser: progress, what became of their rows, and files that cannot be read."""

import csv
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.test_every_page import faults
from tests.support.journeys import JOB_S, follow_job, go, has_stayed, stays, text_of
from tests.support.shops import small_shop
from tests.support.sites import Site
from tests.support.watches import Watch

from salesml.services import imports, orders

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("worker")]
SHARED = Path(__file__).resolve().parents[2].parent / "shared"
REAL = SHARED / "data/online_retail/raw_OnlineRetail_sample.csv"
HEADLESS = SHARED / "data/cdnow/raw_CDNOW_sample.txt"
PAST = "section[aria-labelledby=past-title] tbody tr"
WORDS = {
    "pl": {
        "preview": "Podgląd",
        "ambiguous": "na dwa sposoby",
        "choose": "Wskaż kolumnę",
        "large": "większy niż",
        "none": "Żadnego wiersza nie da się zachować",
    },
    "en": {
        "preview": "Preview",
        "ambiguous": "in two ways",
        "choose": "Choose the column",
        "large": "larger than",
        "none": "No row could be kept",
    },
}
DONE = r"/imports/\d+$"


async def send(page: Page, language: str, path: Path, kind: str = "orders") -> None:
    await page.locator("#file").set_input_files(path)
    await page.locator("#kind").select_option(kind)
    await look(page, language)


async def look(page: Page, language: str) -> None:
    """Send the form, for a preview."""
    await page.get_by_role("button", name=WORDS[language]["preview"], exact=True).click()


async def confirm(page: Page) -> None:
    """Import what a preview shows, once it is ready, and follow the import to its end."""
    await page.locator("#confirm").click(timeout=JOB_S)
    await follow_job(page, DONE)


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_file_of_orders_is_followed_to_its_result(
    open_page: OpenPage, site: Site, tmp_path: Path, language: str
) -> None:
    ledger = small_shop(tmp_path, clients=60, months=3, seed=len(language) + ord(language[0]))["orders"]
    page = await open_page(language=language, role="analyst")
    await go(page, "/imports")
    await page.locator("details.more summary").click()
    await page.locator("#source").fill(f"browser {language}")
    await send(page, language, ledger)
    await confirm(page)
    stored = site.app.tx.read(imports.page, limit=1).items[0]
    assert stored.source == f"browser {language}"
    assert number(await text_of(page, "#stat-new .stat-value")) == stored.counts.accepted > 50
    await go(page, "/imports")
    await expect(page.locator(PAST).first).to_contain_text(ledger.name)


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_dates_that_can_be_read_in_two_ways_are_asked_about_beside_the_field(
    open_page: OpenPage, watch: Watch, tmp_path: Path, language: str
) -> None:
    watch.expect_status(422)
    file = tmp_path / f"zamówienia {language}.csv"
    rows = [f"{language}{row},c{row},0{row}/0{row + 1}/2025,{row}0.50" for row in range(1, 7)]
    rows[2] = f"{language}3,c3,03/04/2025,many"
    file.write_text("\n".join(["order_id,client_id,ordered_at,amount", *rows]))
    page = await open_page(language=language, role="analyst")
    await go(page, "/imports")
    await stays(page)
    await send(page, language, file)
    await expect(page.locator("#dates-error")).to_contain_text(WORDS[language]["ambiguous"])
    await expect(page.locator("#dates")).to_be_focused()
    assert await has_stayed(page)
    # The browser still holds the file.
    await page.locator("#dates").select_option("dmy")
    await look(page, language)
    await confirm(page)
    assert number(await text_of(page, "#stat-rejected .stat-value")) == 1
    await expect(page.locator("h1")).to_have_text(file.name)
    aside = page.locator("section[aria-labelledby=rejected-title] tbody tr")
    await expect(aside).to_have_count(1)
    await expect(aside).to_contain_text("many")
    await expect(aside).to_contain_text("not_a_number")


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_columns_that_are_not_found_are_chosen_from_those_of_the_file(
    open_page: OpenPage, watch: Watch, tmp_path: Path, language: str
) -> None:
    watch.expect_status(422)
    file = tmp_path / "strange.csv"
    rows = "\n".join(f"x{row};{language}{row};2025-03-0{row};{row}.50" for row in range(1, 6))
    file.write_text(f"Ding;Wer;Tag;Zloty\n{rows}")
    page = await open_page(language=language, role="analyst")
    await go(page, "/imports")
    await send(page, language, file)
    await expect(page.locator("#mapping-error")).to_be_visible()
    asked = page.locator(".mapping select")
    wanted = {"map_client_id": "Wer", "map_ordered_at": "Tag", "map_amount": "Zloty"}
    assert set(wanted) == set(await asked.evaluate_all("selects => selects.map((one) => one.id)"))
    await expect(page.locator("#map_amount-error")).to_contain_text(WORDS[language]["choose"])
    for name, column in wanted.items():
        await page.locator(f"#{name}").select_option(column)
    await look(page, language)
    await confirm(page)
    assert number(await text_of(page, "#stat-new .stat-value")) == 5


@pytest.mark.skipif(not HEADLESS.exists(), reason=f"no public order log at {HEADLESS}")
@pytest.mark.parametrize(("language", "width"), [("pl", NARROW), ("en", WIDE)])
async def test_a_file_without_a_header_is_read_by_three_choices_of_the_keyboard(
    open_page: OpenPage, site: Site, watch: Watch, language: str, width: int
) -> None:
    watch.expect_status(422)
    page = await open_page(language=language, role="analyst", width=width)
    await go(page, "/imports")
    await send(page, language, HEADLESS)
    await expect(page.locator("#mapping-error")).to_be_visible()
    asked = page.locator(".mapping select")
    await expect(asked).to_have_count(3)
    for name, column in {"client_id": 2, "ordered_at": 3, "amount": 5}.items():
        await page.locator(f"#map_{name}").focus()
        await page.keyboard.type(f"column {column}")
    await page.locator("#upload-send").press("Enter")
    await expect(page.locator("#confirm")).to_be_visible(timeout=JOB_S)
    assert number(await text_of(page, "#stat-new .stat-value")) == 6_919
    assert await faults(page) == []
    # Kept under a name, and chosen for the next file.
    await page.locator("#name").fill(f"cdnow {language}")
    await page.locator("#name").press("Enter")
    await expect(page.locator(".note-good")).to_be_visible()
    await expect(page.locator("#saved")).to_have_value(f"cdnow {language}")
    await go(page, "/imports")
    await page.locator("#saved").select_option(f"cdnow {language}")
    await send(page, language, HEADLESS)
    await expect(page.locator("#map_amount")).to_have_value("column 5", timeout=JOB_S)
    # Another way of reading shows the preview anew.
    await page.locator("#map_amount").select_option("column 4")
    await page.locator("#look-again").press("Enter")
    await expect(page.locator("#map_amount")).to_have_value("column 4", timeout=JOB_S)
    await expect(page.locator("#saved")).to_have_value("")
    await page.locator("#saved").focus()
    await page.keyboard.type(f"cdnow {language}")
    await page.locator("#read-so").press("Enter")
    await expect(page.locator("#saved")).to_have_value(f"cdnow {language}", timeout=JOB_S)
    await expect(page.locator("#map_amount")).to_have_value("column 5")
    assert await faults(page) == []


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_file_that_is_too_large_or_no_csv_is_said_beside_the_field(
    open_page: OpenPage, site: Site, watch: Watch, tmp_path: Path, language: str
) -> None:
    watch.expect_status(422)
    page = await open_page(language=language, role="analyst")
    await go(page, "/imports")
    before = site.app.tx.read(imports.page, limit=1).items[0].id
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(51 * 1024**2)
    await page.locator("#file").set_input_files(large)
    said = await page.locator("#file").evaluate("input => input.validationMessage")
    assert WORDS[language]["large"] in said
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    await send(page, language, empty)
    await expect(page.locator("#file-error")).to_be_visible()
    assert str(tmp_path) not in await text_of(page, "#file-error")
    assert "uploads" not in await text_of(page, "#file-error")
    assert site.app.tx.read(imports.page, limit=1).items[0].id == before


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_file_without_a_good_row_is_not_offered_for_import_and_its_rows_say_why(
    open_page: OpenPage, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        f"order_id,client_id,ordered_at,amount\n1{language},a,2025-01-01,x\n2{language},a,2025-01-02,y"
    )
    page = await open_page(language=language, role="analyst")
    await go(page, "/imports")
    await send(page, language, file)
    await expect(page.locator(".note-bad")).to_contain_text(WORDS[language]["none"], timeout=JOB_S)
    await expect(page.locator("section[aria-labelledby=rejected-title] tbody tr")).to_have_count(2)
    await expect(page.locator("#confirm")).to_have_count(0)


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_preview_counts_what_will_happen_and_stores_nothing(
    open_page: OpenPage, site: Site, tmp_path: Path, language: str
) -> None:
    before = site.app.tx.read(imports.page, limit=1).items[0].id
    file = tmp_path / "look.csv"
    file.write_text(
        "number;who;when;sum;other\n"
        + "\n".join(
            f"look {language}{row};w{language}{row % 2};2025-03-0{row};{row},50;7" for row in range(1, 6)
        )
        + f"\nlook {language}6;w;never;1,00;7\n"
    )
    width, scheme = {"pl": (NARROW, "light"), "en": (WIDE, "dark")}[language]
    page = await open_page(language=language, role="analyst", width=width, scheme=scheme)
    await go(page, "/imports")
    await page.locator("details.more summary").click()
    await page.locator("#mapping").fill("client_id = who\nordered_at = when\namount = sum")
    await send(page, language, file)
    await expect(page.locator("#confirm")).to_be_visible(timeout=JOB_S)
    figures = [
        number(await text_of(page, f"#stat-{name} .stat-value")) for name in ("new", "known", "rejected")
    ]
    assert figures == [5, 0, 1]
    assert await page.locator("#map_order_id").input_value() == ""
    assert await page.locator("#map_amount").input_value() == "sum"
    assert await faults(page) == []
    # Changed, and seen again.
    await page.locator("#map_amount").select_option("other")
    await page.locator("#map_order_id").select_option("number")
    await page.locator("#look-again").click()
    await expect(page.locator("#map_amount")).to_have_value("other", timeout=JOB_S)
    first = page.locator("section[aria-labelledby=first-title] tbody tr").first
    await expect(first).to_contain_text(f"look {language}1")
    await expect(first).to_contain_text("7")
    assert site.app.tx.read(imports.page, limit=1).items[0].id == before
    await page.get_by_role("button", name={"pl": "Odrzuć", "en": "Discard"}[language]).click()
    await expect(page.locator(".note-good")).to_be_visible()
    await page.go_back()
    await page.reload()
    await expect(page.locator("#confirm")).to_have_count(0)
    assert site.app.tx.read(imports.page, limit=1).items[0].id == before


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_columns_that_do_not_fit_are_refused_on_the_preview_itself(
    open_page: OpenPage, watch: Watch, tmp_path: Path, language: str
) -> None:
    watch.expect_status(422)
    file = tmp_path / "again.csv"
    file.write_text("client_id,ordered_at,amount\n" + f"x{language},2025-03-01,5.00\n")
    page = await open_page(language=language, role="analyst")
    await go(page, "/imports")
    await send(page, language, file)
    await expect(page.locator("#confirm")).to_be_visible(timeout=JOB_S)
    await page.locator("#map_amount").select_option("")
    await page.locator("#look-again").click()
    await expect(page.locator("#map_amount-error")).to_contain_text(WORDS[language]["choose"])


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_an_import_is_undone_after_a_confirmation_and_stays_in_the_list(
    open_page: OpenPage, site: Site, tmp_path: Path, language: str
) -> None:
    before = site.app.tx.read(orders.totals)
    file = tmp_path / "undo.csv"
    file.write_text(f"order_id,client_id,ordered_at,amount\nundo {language},u{language},2025-03-01,5.00\n")
    page = await open_page(language=language, role="analyst")
    await go(page, "/imports")
    await send(page, language, file)
    await confirm(page)
    assert site.app.tx.read(orders.totals)[0] == before[0] + 1
    await page.locator("[data-opens=undo]").click()
    await page.locator("#undo button[type=submit]").click()
    await follow_job(page, DONE)
    await expect(page.locator(".note-info")).to_be_visible()
    assert site.app.tx.read(orders.totals) == before
    await go(page, "/imports")
    await expect(page.locator(PAST).first).to_contain_text({"pl": "Cofnięty", "en": "Undone"}[language])


async def test_rows_that_were_set_aside_are_downloaded_mended_and_imported_again(
    open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "half.csv"
    file.write_text(
        "order_id,client_id,ordered_at,amount\nm1,=m,2025-03-01,5.00\nm2,m2,someday,6.00\nm3,m3,2025-03-03,x\n"
    )
    page = await open_page(language="en", role="analyst")
    await go(page, "/imports")
    await send(page, "en", file)
    await confirm(page)
    async with page.expect_download() as download:
        await page.locator("#rejected-file").click()
    saved = tmp_path / "mended.csv"
    await (await download.value).save_as(saved)
    assert (await download.value).suggested_filename == "half-set-aside.csv"
    text = saved.read_text(encoding="utf-8-sig")
    header, *rows = csv.reader(text.splitlines())
    assert header[4:] == ["order_id", "client_id", "ordered_at", "amount"]
    assert [row[0] for row in rows] == ["2", "3"]
    saved.write_text(text.replace("someday", "2025-03-02").replace('"x"', '"7.00"'))
    await go(page, "/imports")
    await send(page, "en", saved)
    await confirm(page)
    assert number(await text_of(page, "#stat-new .stat-value")) == 2


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_the_data_report_says_what_can_be_done(open_page: OpenPage, language: str) -> None:
    page = await open_page(language=language, role="analyst")
    await go(page, "/data")
    await expect(page.locator("#claims-title")).to_be_visible(timeout=JOB_S)
    await expect(page.locator(".claims li")).to_have_count(5)
    await expect(page.locator(".inputs li")).to_have_count(10)
    assert number(await text_of(page, "#stat-orders .stat-value")) > 100


async def test_an_import_without_javascript_says_what_is_wrong_on_the_whole_page(
    open_page: OpenPage, watch: Watch
) -> None:
    watch.expect_status(422)
    page = await open_page(language="en", role="analyst")
    answer = await page.request.post(
        "/imports",
        headers={"Accept-Language": "en-GB"},
        multipart={"kind": "orders", "file": {"name": "a.csv", "mimeType": "text/csv", "buffer": b""}},
    )
    assert answer.status == 422
    assert "The file is empty." in await answer.text()
    assert "<h1>Imports</h1>" in await answer.text()


@pytest.mark.skipif(not REAL.exists(), reason=f"{REAL} is not here: public data is not in the repository")
async def test_a_real_file_of_orders_is_imported(open_page: OpenPage, site: Site, watch: Watch) -> None:
    watch.expect_status(422)
    page = await open_page(language="en", role="analyst")
    await go(page, "/imports")
    await page.locator("details.more summary").click()
    await page.locator("#source").fill("real")
    await send(page, "en", REAL)
    await confirm(page)
    counts = site.app.tx.read(imports.page, limit=1).items[0].counts
    assert number(await text_of(page, "#stat-new .stat-value")) == counts.accepted


async def test_all_clients_are_scored_and_the_job_is_listed(open_page: OpenPage) -> None:
    page = await open_page(language="en", role="analyst")
    await go(page, "/")
    await page.get_by_role("button", name="Score all clients anew").click()
    await expect(page).to_have_url(re.compile(r"/jobs/\d+$"))
    await expect(page.locator("dd .tag-good, .note-bad")).to_be_visible(timeout=JOB_S)
    await go(page, "/jobs")
    await expect(page.locator("tbody tr").first).to_contain_text("Scoring")
