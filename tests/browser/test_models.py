"""The panel of the models: evidence, training with progress, versions, the threshold, and who may what."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect
from tests.browser.conftest import OpenPage
from tests.support.journeys import JOB_S, go
from tests.support.quick_worker import Worker
from tests.support.sites import Site
from tests.support.watches import Watch

from salesml.core.models import ModelRole, Target
from salesml.services import models, threshold

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = {
    "pl": {
        "train": "Trenuj",
        "waits": "czeka na wykonawcę",
        "use": "Użyj",
        "best": "Najlepsza równowaga",
        "set": "Ustaw",
        "range": "od 0 do 100",
    },
    "en": {
        "train": "Train",
        "waits": "waiting for a worker",
        "use": "Put in use",
        "best": "best balance",
        "set": "Put in force",
        "range": "0 to 100",
    },
}
ADMIN_ONLY = ("/models/training", "/models/threshold", "/models/1/promote", "/clients/1/delete")


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_the_panel_shows_how_each_champion_was_measured_beside_its_baselines(
    open_page: OpenPage, site: Site, language: str
) -> None:
    page = await open_page(language=language, role="analyst")
    await go(page, "/models")
    for target in Target:
        for role in ModelRole:
            version = site.app.tx.read(models.champion, target, role)
            card = page.locator(f"#version-{version.id}")
            await expect(card.locator(".measures thead th")).to_have_count(2 + len(version.baselines))
            await expect(card).to_contain_text(version.created_by)
    shown = site.app.tx.read(models.champion, Target.PURCHASE, ModelRole.CLIENTS)
    counts = page.locator(f"#version-{shown.id} .confusion td.right-cell, .confusion td.wrong-cell")
    matrix = shown.metrics["confusion_matrix"]
    assert isinstance(matrix, dict)
    digits = [re.sub(r"\D", "", each) for each in await counts.all_inner_texts()]
    assert digits[:4] == [str(matrix[name]) for name in ("tp", "fp", "fn", "tn")]


async def test_an_analyst_reads_the_panel_and_changes_nothing(open_page: OpenPage, watch: Watch) -> None:
    watch.expect_status(403)
    page = await open_page(language="en", role="analyst")
    await go(page, "/models")
    for name in ("Train", "Put in force", "Put in use"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    for path in ADMIN_ONLY:
        assert (await page.request.post(path)).status == 403, path
    await go(page, "/clients/1")
    await expect(page.get_by_role("button", name="Delete")).to_have_count(0)


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_training_shows_its_progress_then_new_versions_and_earlier_ones_can_be_put_back(
    open_page: OpenPage, site: Site, worker: Worker, language: str
) -> None:
    before, _ = site.app.tx.read(models.champion_of, Target.SALES, ModelRole.CLIENTS)
    page = await open_page(language=language, role="admin")
    await go(page, "/models")
    train = page.get_by_role("button", name=WORDS[language]["train"], exact=True)
    with worker.held():
        await page.locator("#target").select_option("sales")
        await train.click()
        await expect(page.locator(".job-progress")).to_contain_text(WORDS[language]["waits"])
        await expect(train).to_have_count(0)
    # The page loads itself anew when the job has ended.
    await expect(page.locator(".job-progress")).to_have_count(0, timeout=JOB_S)
    after, _ = site.app.tx.read(models.champion_of, Target.SALES, ModelRole.CLIENTS)
    assert after.id > before.id
    await expect(page.locator(f"#version-{after.id}")).to_contain_text("admin@shop.example")
    await page.locator(f"[data-opens=promote-{before.id}]").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill(f"back {language}")
    await dialog.get_by_role("button", name=WORDS[language]["use"], exact=True).click()
    await expect(page.locator(".note-good")).to_contain_text(before.name)
    now, crown = site.app.tx.read(models.champion_of, Target.SALES, ModelRole.CLIENTS)
    assert (now.id, crown.note) == (before.id, f"back {language}")
    await expect(page.locator(".version-facts")).to_contain_text(f"back {language}")


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_the_threshold_shows_whom_it_selects_and_the_best_one_when_nobody_reaches_it(
    open_page: OpenPage, site: Site, watch: Watch, language: str
) -> None:
    watch.expect_status(422)
    site.app.tx.run(threshold.change, 0.7, actor="test", now=datetime.now(UTC))
    page = await open_page(language=language, role="admin")
    await go(page, "/models?threshold=5")
    wider = site.app.tx.read(threshold.get, 0.05).selection
    assert wider is not None
    selects = await page.locator(".figures dd").nth(1).inner_text()
    assert re.sub(r"\D", "", selects) == str(wider.clients)
    assert site.app.tx.read(threshold.get).value == 0.7
    await page.locator("#threshold").fill("170")
    await page.get_by_role("button", name=WORDS[language]["set"]).click()
    await expect(page.locator("#threshold-error")).to_contain_text(WORDS[language]["range"])
    await expect(page.locator("#threshold")).to_have_value("170")
    await page.locator("#threshold").fill("99,95")
    await page.get_by_role("button", name=WORDS[language]["set"]).click()
    await expect(page.locator(".note-good")).to_be_visible()
    assert site.app.tx.read(threshold.get).value == pytest.approx(0.9995)
    await expect(page.locator(".hint-line")).to_contain_text(WORDS[language]["best"])
    await page.locator(".hint-line a").click()
    await expect(page.locator(".figures dd").nth(1)).not_to_have_text(re.compile("^0 "))
