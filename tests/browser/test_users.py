"""Users and one's own account, in the browser."""

import re

import pytest
from playwright.async_api import expect
from tests.browser.conftest import OpenPage
from tests.support.sites import Site
from tests.support.watches import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_administrator_makes_a_user_who_can_sign_in(open_page: OpenPage) -> None:
    page = await open_page(language="en", role="admin")
    await page.goto("/users")
    await page.get_by_label("E-mail address").fill("Ewa@shop.example")
    await page.get_by_role("button", name="Create the user").click()
    password = await page.locator("#one-time").inner_text()
    assert re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", password)
    await page.goto("/users")
    await expect(page.locator("#one-time")).to_have_count(0)

    other = await open_page(language="en")
    await other.goto("/login")
    await other.get_by_label("E-mail address").fill("ewa@shop.example")
    await other.get_by_label("Password", exact=True).fill(password)
    await other.get_by_role("button", name="Sign in").click()
    await other.goto("/account")
    await expect(other.get_by_role("heading", name="Account")).to_be_visible()


async def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(
    open_page: OpenPage, watch: Watch, site: Site
) -> None:
    watch.expect_status(422)
    page = await open_page(role="admin")
    await page.goto("/users")
    email = page.get_by_label("Adres e-mail")
    await page.get_by_label("Rola").select_option("admin")
    for wrong, text in [("a@b", "Podaj adres e-mail"), (site.users["analyst"].email, "już istnieje")]:
        await email.fill(wrong)
        await page.get_by_role("button", name="Utwórz użytkownika").click()
        await expect(page.locator("#email-error")).to_contain_text(text)
        await expect(email).to_have_value(wrong)
        await expect(email).to_have_attribute("aria-describedby", "email-error")
        await expect(email).to_be_focused()
        await expect(page.get_by_label("Rola")).to_have_value("admin")


async def test_disabling_asks_first_and_shuts_the_user_out_at_once(open_page: OpenPage, site: Site) -> None:
    page, theirs = await open_page(role="admin"), await open_page(role="analyst")
    await page.goto("/users")
    await theirs.goto("/account")
    button = page.get_by_role("button", name="Wyłącz konto analyst@shop.example")
    await button.click()
    dialog = page.get_by_role("dialog", name="Wyłączyć konto analyst@shop.example?")
    await dialog.get_by_role("button", name="Anuluj").click()
    await expect(dialog).to_be_hidden()
    await expect(button).to_be_focused()

    await button.click()
    await dialog.get_by_role("button", name="Wyłącz").click()
    await expect(page.get_by_role("status").filter(has_text="nie może się już zalogować")).to_be_visible()
    await theirs.goto("/account")
    await expect(theirs).to_have_url(re.compile("/login"))

    await page.get_by_role("button", name="Włącz konto analyst@shop.example").click()
    await page.get_by_role("dialog").get_by_role("button", name="Włącz").click()
    await expect(page.get_by_role("status").filter(has_text="może się znów zalogować")).to_be_visible()


async def test_an_analyst_may_not_see_the_users(open_page: OpenPage, watch: Watch) -> None:
    watch.expect_status(403)
    page = await open_page(role="analyst")
    answer = await page.goto("/users")
    assert answer is not None
    assert answer.status == 403
    await expect(page.get_by_role("heading", name="Ta strona nie jest dla Ciebie")).to_be_visible()
    await expect(page.get_by_role("navigation").get_by_role("link", name="Użytkownicy")).to_have_count(0)


async def test_a_password_is_changed_by_the_current_one_and_other_devices_are_signed_out(
    open_page: OpenPage, watch: Watch, site: Site
) -> None:
    watch.expect_status(422)
    page, phone = await open_page(role="analyst"), await open_page(role="analyst")
    await page.goto("/account")
    current, new = page.get_by_label("Obecne hasło", exact=True), page.get_by_label("Nowe hasło", exact=True)
    for old, fresh, error in [
        ("wrong", "a long new sentence", "#current-error"),
        (site.password, "short", "#new-error"),
        (site.password, "salesml for ever", "#new-error"),
    ]:
        await current.fill(old)
        await new.fill(fresh)
        await page.get_by_role("button", name="Zmień hasło").click()
        await expect(page.locator(error)).to_be_visible()

    await current.fill(site.password)
    await new.fill("a long new sentence")
    await page.get_by_role("button", name="Zmień hasło").click()
    await expect(page.get_by_role("status").filter(has_text="Hasło zostało zmienione")).to_be_visible()
    await phone.goto("/account")
    await expect(phone).to_have_url(re.compile("/login"))


async def test_the_language_of_a_user_follows_them_into_another_browser(open_page: OpenPage) -> None:
    page = await open_page(role="admin")
    await page.goto("/account")
    await page.get_by_label("Język stron").select_option("en")
    await page.get_by_role("button", name="Zapisz").click()
    await expect(page.get_by_role("heading", name="Account")).to_be_visible()
    other = await open_page(language="pl", role="admin")
    await other.goto("/account")
    await expect(other.locator("html")).to_have_attribute("lang", "en")
    await other.get_by_role("button", name="Polski").click()
    await expect(other.get_by_role("heading", name="Konto")).to_be_visible()
