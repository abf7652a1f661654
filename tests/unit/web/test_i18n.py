"""Languages: which one is chosen, plural forms, and how money, numbers and dates are written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from salesml.web.i18n import ABSENT, NO_BREAK, choose, language

WARSAW = ZoneInfo("Europe/Warsaw")
ONE, MANY = (
    "Too many attempts. Try again in %(num)s minute.",
    "Too many attempts. Try again in %(num)s minutes.",
)


@pytest.mark.parametrize(
    ("count", "ending"),
    [
        (1, "1 minutę."),
        (2, "2 minuty."),
        (4, "4 minuty."),
        (5, "5 minut."),
        (12, "12 minut."),
        (22, "22 minuty."),
    ],
)
def test_polish_has_three_plural_forms(count: int, ending: str) -> None:
    assert language("pl").ngettext(ONE, MANY, count).endswith(ending)


def test_english_has_two_plural_forms() -> None:
    assert language("en").ngettext(ONE, MANY, 1).endswith("1 minute.")
    assert language("en").ngettext(ONE, MANY, 2).endswith("2 minutes.")


@pytest.mark.parametrize(
    ("wishes", "header", "chosen"),
    [
        (("en", "pl"), "pl", "en"),
        ((None, "en"), "pl", "en"),
        (("xx", None), "en-US,en;q=0.9", "en"),
        ((None, None), "de-DE,de;q=0.9,en;q=0.4,pl;q=0.8", "pl"),
        ((None, None), "de", "pl"),
        ((None, None), "", "pl"),
        ((None, None), "en;q=0", "pl"),
        ((None, None), "en;q=nan, \x00;q=1, ;;;,en;q=x", "pl"),
    ],
)
def test_the_user_then_the_browser_choose_the_language(
    wishes: tuple[str | None, ...], header: str, chosen: str
) -> None:
    assert choose(wishes, header).code == chosen


def test_money_is_written_as_the_language_does() -> None:
    amount = Decimal("12345.60")
    assert language("pl").money(amount, "PLN") == f"12{NO_BREAK}345,60{NO_BREAK}zł"
    assert language("en").money(amount, "PLN") == f"PLN{NO_BREAK}12,345.60"
    assert language("en").money(amount, "EUR") == "€12,345.60"
    assert language("pl").money(amount, "PLN", 0) == f"12{NO_BREAK}346{NO_BREAK}zł"
    assert language("pl").money(Decimal(-1), "JPY") == f"-1{NO_BREAK}JPY"


@pytest.mark.parametrize(
    ("code", "lower", "upper", "expected"),
    [
        ("pl", Decimal(0), Decimal("1312.50"), f"0 {ABSENT} 1 312 zł"),
        ("en", Decimal(0), Decimal("1312.50"), f"PLN 0 {ABSENT} 1,312"),
        ("pl", Decimal(0), Decimal(0), "0 zł"),
        ("en", None, Decimal(1), ABSENT),
    ],
)
def test_a_span_of_money_names_the_currency_once(
    code: str, lower: Decimal | None, upper: Decimal | None, expected: str
) -> None:
    assert language(code).money_span(lower, upper, "PLN").replace(NO_BREAK, " ") == expected


def test_numbers_and_shares_are_written_as_the_language_does() -> None:
    assert language("pl").number(1234567.891, 1) == f"1{NO_BREAK}234{NO_BREAK}567,9"
    assert language("en").number(1234567) == "1,234,567"
    assert language("pl").percent(0.7346, 1) == "73,5%"
    assert language("en").percent(0.7346) == "73%"


def test_days_and_instants_are_written_on_the_shops_clock() -> None:
    instant = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert language("pl").instant(instant, WARSAW) == "1 lip 2026, 00:30"
    assert language("en").instant(instant, WARSAW) == "1 Jul 2026, 00:30"
    assert language("pl").month(date(2026, 11, 2)) == "listopad 2026"
    assert language("en").day(0) == "1 Jan 1970"


def test_what_is_absent_is_a_dash() -> None:
    polish = language("pl")
    absent = [polish.money(None, "PLN"), polish.number(None), polish.percent(None), polish.day(None)]
    assert {*absent, polish.month(None), polish.instant(None, WARSAW)} == {ABSENT}
