"""Signing in and out, as people see it."""

import re

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import OpenPage
from tests.support.sites import Site
from tests.support.watches import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")
TEXTS = {
    "pl": {
        "email": "Adres e-mail",
        "password": "Hasło",
        "button": "Zaloguj się",
        "wrong": "hasło są błędne",
        "out": "Wyloguj się",
        "gone": "Wylogowano",
    },
    "en": {
        "email": "E-mail address",
        "password": "Password",
        "button": "Sign in",
        "wrong": "password is wrong",
        "out": "Sign out",
        "gone": "You are signed out",
    },
}


async def sign_in(page: Page, language: str, email: str, password: str) -> None:
    texts = TEXTS[language]
    await page.get_by_label(texts["email"], exact=True).fill(email)
    await page.get_by_label(texts["password"], exact=True).fill(password)
    await page.get_by_role("button", name=texts["button"]).click()


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_wrong_password_is_said_and_the_address_stays(
    open_page: OpenPage, site: Site, watch: Watch, language: str
) -> None:
    watch.expect_status(401)
    page = await open_page(language=language)
    await page.goto("/login")
    await sign_in(page, language, site.users["analyst"].email, "not the password")
    await expect(page.get_by_role("alert").filter(has_text=TEXTS[language]["wrong"])).to_be_focused()
    await expect(page.get_by_label(TEXTS[language]["email"], exact=True)).to_have_value(
        "analyst@shop.example"
    )
    await expect(page.get_by_label(TEXTS[language]["password"], exact=True)).to_have_value("")


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_signing_in_leads_to_the_page_that_was_wanted_and_out_again(
    open_page: OpenPage, site: Site, language: str
) -> None:
    page = await open_page(language=language)
    await page.goto("/users?x=1")
    await expect(page).to_have_url(re.compile(r"/login\?next="))
    await sign_in(page, language, site.users["admin"].email, site.password)
    await expect(page).to_have_url(re.compile(r"/users\?x=1$"))
    await page.get_by_role("button", name=TEXTS[language]["out"]).click()
    await expect(page.get_by_role("status").filter(has_text=TEXTS[language]["gone"])).to_be_visible()
    await page.goto("/users")
    await expect(page).to_have_url(re.compile(r"/login"))


async def test_back_after_signing_out_shows_nothing_of_the_page(open_page: OpenPage) -> None:
    page = await open_page(role="admin")
    await page.goto("/users")
    await page.get_by_role("button", name="Wyloguj się").click()
    await expect(page).to_have_url(re.compile(r"/login$"))
    await page.go_back()
    await expect(page).to_have_url(re.compile(r"/login"))


async def test_the_keyboard_reaches_everything_on_the_login_page_in_order(page: Page) -> None:
    await page.goto("/login")
    seen = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        focused = "document.activeElement"
        seen.append(
            await page.evaluate(
                f"{focused}.getAttribute('aria-label') ?? ({focused}.labels?.[0] ?? {focused}).innerText"
            )
        )
    assert seen == [
        "Przejdź do treści",
        "Polski",
        "English",
        "Przełącz jasny lub ciemny wygląd",
        "Adres e-mail",
        "Hasło",
        "Pokaż hasło",
        "Zaloguj się",
    ]


async def test_the_language_changes_for_somebody_not_signed_in(page: Page) -> None:
    await page.goto("/login")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.reload()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_the_theme_follows_the_system_until_somebody_chooses(open_page: OpenPage) -> None:
    page = await open_page(scheme="dark")
    await page.goto("/login")
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    await page.get_by_role("button", name="Przełącz jasny lub ciemny wygląd").click()
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


async def test_the_password_can_be_shown(page: Page) -> None:
    await page.goto("/login")
    field = page.get_by_label("Hasło", exact=True)
    await expect(field).to_have_attribute("type", "password")
    await page.get_by_role("button", name="Pokaż hasło").click()
    await expect(field).to_have_attribute("type", "text")


async def test_a_part_of_a_page_leads_to_the_login_when_the_session_is_over(open_page: OpenPage) -> None:
    page = await open_page(role="analyst")
    await page.goto("/clients")
    await page.context.clear_cookies()
    await page.locator("a[hx-get]").first.click()
    await expect(page).to_have_url(re.compile(r"/login\?next=%2Fclients"))
