"""Overruling the gate, the way back and the evidence of a version, on the pages of the models."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect
from tests.browser.conftest import OpenPage
from tests.support.journeys import go
from tests.support.sites import Site
from tests.support.watches import Watch

from salesml.core.days import parse_day
from salesml.core.models import ModelRole, ModelVersion, Target
from salesml.jobs.runner import run_in_foreground
from salesml.services import models, requests

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = {
    "pl": {
        "refused": "Wie mniej niż używana wtedy wersja",
        "use": "Użyj mimo to",
        "needed": "Napisz dlaczego",
        "back": "Cofnij do {name}",
        "confirm": "Wróć do {name}",
        "rolled": "cofnięto z {name}",
        "first": "Pierwsza poprawna wersja",
        "ranking": "tylko kolejność",
        "card": "Karta modelu",
    },
    "en": {
        "refused": "It knows less than the version then in use",
        "use": "Put in use all the same",
        "needed": "Write why",
        "back": "Roll back to {name}",
        "confirm": "Go back to {name}",
        "rolled": "rolled back from {name}",
        "first": "The first valid version",
        "ranking": "ranking only",
        "card": "Model card",
    },
}


def newest(site: Site, target: Target) -> ModelVersion:
    listed = site.app.tx.read(models.page, target=target, role=ModelRole.CLIENTS, limit=1)
    return listed.items[0].version


def candidate(site: Site) -> ModelVersion:
    """A version with older data than the champion's, which the gate leaves a candidate."""
    job = site.app.tx.run(
        requests.training,
        [Target.SALES],
        as_of_day=parse_day("2026-08-31"),
        actor="test",
        now=datetime.now(UTC),
    )
    run_in_foreground(site.app, job, lambda _: None)
    return newest(site, Target.SALES)


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_the_gate_is_overruled_with_a_note_and_the_way_back_is_one_button(
    open_page: OpenPage, site: Site, watch: Watch, language: str
) -> None:
    watch.expect_status(422)
    words, left = WORDS[language], candidate(site)
    before = site.app.tx.read(models.champion, Target.SALES, ModelRole.CLIENTS)
    page = await open_page(language=language, role="admin")
    await go(page, "/models")
    row = page.locator("tbody tr", has=page.get_by_role("link", name=left.name, exact=True))
    await expect(row.first).to_contain_text(words["refused"])
    await row.locator("a.btn").click()
    use = page.get_by_role("button", name=words["use"])
    await page.locator("#note").fill("   ")
    await use.click()
    await expect(page.locator("#note-error")).to_contain_text(words["needed"])
    await expect(page.locator("#note")).to_have_value("   ")
    assert site.app.tx.read(models.champion, Target.SALES, ModelRole.CLIENTS) == before
    await page.locator("#note").fill(f"odd {language}")
    await use.click()
    await expect(page.locator(".note-good")).to_contain_text(left.name)
    await go(page, "/models")
    changes = page.locator("section[aria-labelledby=changes-title] tbody tr")
    await expect(changes.first).to_contain_text(f"odd {language}")
    await page.get_by_role("button", name=words["back"].format(name=before.name)).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name=words["confirm"].format(name=before.name)).click()
    await expect(page.locator(".note-good")).to_contain_text(before.name)
    assert site.app.tx.read(models.champion, Target.SALES, ModelRole.CLIENTS) == before
    await expect(changes.first).to_contain_text(words["rolled"].format(name=left.name))
    await expect(changes.last).to_contain_text(words["first"])


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_version_shows_past_dates_intervals_or_groups_and_its_card(
    open_page: OpenPage, site: Site, language: str
) -> None:
    page = await open_page(language=language, role="analyst")
    for target, rows in ((Target.SALES, 4), (Target.PURCHASE, 10)):
        version = site.app.tx.read(models.champion, target, ModelRole.CLIENTS)
        await go(page, f"/models/{version.id}")
        windows = page.locator("section[aria-labelledby=windows-title]")
        shown = version.evidence["windows"]
        assert isinstance(shown, list)
        await expect(windows.locator("thead th.num")).to_have_count(len(shown))
        measured = "intervals" if target is Target.SALES else "calibration"
        await expect(page.locator(f"section[aria-labelledby={measured}-title] tbody tr")).to_have_count(rows)
        await expect(page.locator(".overrule")).to_have_count(0)
        async with page.expect_download() as found:
            await page.get_by_role("link", name=WORDS[language]["card"]).click()
        assert (await found.value).suggested_filename == f"{version.name}.md"


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_probabilities_that_only_rank_and_a_suspected_leak_are_told(
    open_page: OpenPage, site: Site, language: str
) -> None:
    before = site.app.tx.read(models.champion, Target.PURCHASE, ModelRole.CLIENTS)
    doubted = {
        "calibration": {
            "error": 0.083,
            "bins": [],
            "reason": "off",
            "values": {"error": 0.083, "allowed": 0.05},
        },
        "suspicion": {"feature": "visits_30d", "auc": 0.991, "before": None},
    }
    version = site.app.tx.run(lambda uow: uow.models.add(replace(before, evidence=doubted)))
    page = await open_page(language=language, role="analyst")
    await go(page, f"/models/{version.id}")
    await expect(page.locator(".page-actions")).to_contain_text(WORDS[language]["ranking"])
    await expect(page.locator(".note-warn")).to_contain_text("8")
    await expect(page.locator(".note-bad")).to_be_visible()
