"""Features in words: each has a name and a sentence for its values, in both languages."""

import pytest

from salesml.core.money import Currency
from salesml.ml.features.definitions import DEFINED
from salesml.ml.features.rich import DECAY_WINDOWS, ORDER_WINDOWS
from salesml.web.feature_texts import label, sentence, unknown
from salesml.web.feature_words import FEATURES
from salesml.web.i18n import LOCALES, NO_BREAK, language

PLN = Currency("PLN")
VALUES = (None, 0, 1, 2, 5, 22, 90, 366)


def said(code: str, name: str, value: float | None, currency: Currency = PLN) -> str:
    return sentence(language(code), name, value, currency).replace(NO_BREAK, " ")


def test_every_feature_has_words_and_nothing_else_has() -> None:
    assert FEATURES.keys() == DEFINED.keys()


@pytest.mark.parametrize("name", DEFINED)
def test_a_feature_is_told_in_both_languages(name: str) -> None:
    names = {code: label(language(code), name) for code in LOCALES}
    assert names["pl"] != names["en"]
    for value in VALUES:
        told = {code: said(code, name, value) for code in LOCALES}
        assert told["pl"] != told["en"]
        assert not any("%(" in text or name in text for text in (*told.values(), *names.values()))


@pytest.mark.parametrize("name", [name for name, item in DEFINED.items() if item.nullable])
def test_only_a_feature_that_may_be_null_says_what_null_means(name: str) -> None:
    assert said("en", name, None) == "never bought yet"
    others = {other for other, item in DEFINED.items() if not item.nullable}
    assert {other for other in others if "not known" in said("en", other, None)} == others - {
        "days_since_last_visit"
    }


@pytest.mark.parametrize("name", [name for name, item in DEFINED.items() if item.unit == "minor units"])
def test_money_is_told_in_major_units_of_the_currency(name: str) -> None:
    assert "149,90 zł" in said("pl", name, 14990.0)
    assert "PLN 149.90" in said("en", name, 14989.6)
    assert "14 990 JPY" in said("pl", name, 14990, Currency("JPY"))


@pytest.mark.parametrize("days", sorted({*ORDER_WINDOWS, *DECAY_WINDOWS}))
def test_the_words_name_the_days_of_the_window(days: int) -> None:
    names = [name for name in DEFINED if name.endswith(f"_{days}d")]
    assert names
    for name in names:
        assert f"{days} days" in label(language("en"), name)
        assert f"{days} dni" in said("pl", name, 3)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "bez zakupu w ciągu ostatnich 30 dni"),
        (1, "1 zakup w ciągu ostatnich 30 dni"),
        (2, "2 zakupy w ciągu ostatnich 30 dni"),
        (5, "5 zakupów w ciągu ostatnich 30 dni"),
        (22, "22 zakupy w ciągu ostatnich 30 dni"),
    ],
)
def test_polish_counts_purchases_in_three_forms(value: int, expected: str) -> None:
    assert said("pl", "purchases_30d", value) == expected


@pytest.mark.parametrize(
    ("name", "value", "english", "polish"),
    [
        ("days_since_last_purchase", None, "never bought yet", "jeszcze bez zakupu"),
        ("days_since_last_purchase", 0, "bought on the day of the forecast", "zakup w dniu prognozy"),
        ("days_since_last_purchase", 1, "1 day since the last purchase", "1 dzień od ostatniego zakupu"),
        ("days_since_last_purchase", 12, "12 days since the last purchase", "12 dni od ostatniego zakupu"),
        ("average_basket_value", 14990.4, "average basket PLN 149.90", "średni koszyk 149,90 zł"),
        ("visits_7d", 0, "no visit in the last 7 days", "bez wizyty w ciągu ostatnich 7 dni"),
        ("tenure_months", 0.9, "client for less than a month", "klient od niecałego miesiąca"),
        ("tenure_months", 1.0, "client for 1 month", "klient od 1 miesiąca"),
        ("tenure_months", 22.99, "client for 22 months", "klient od 22 miesięcy"),
        ("has_purchased", 1, "has bought before", "kupił już wcześniej"),
        (
            "newsletter_opened",
            1,
            "opened a newsletter in the last 30 days",
            "newsletter otwarty w ciągu ostatnich 30 dni",
        ),
        (
            "time_on_site_seconds",
            7,
            "1 minute on the site in the last 7 days",
            "1 minuta na stronie w ciągu ostatnich 7 dni",
        ),
        (
            "seconds_30d",
            325,
            "5 minutes on the site in the last 30 days",
            "5 minut na stronie w ciągu ostatnich 30 dni",
        ),
        (
            "decayed_purchases_90d",
            2.44,
            "purchases in the last 90 days, newer ones counting more: 2.4",
            "zakupy z ostatnich 90 dni, nowsze liczone mocniej: 2,4",
        ),
        (
            "recency_over_gap",
            1.5,
            "time since the last purchase: 1.5 times the usual gap",
            "czas od ostatniego zakupu: 1,5 zwykłego odstępu",
        ),
        ("day_of_year", 305, "time of year: November", "pora roku: listopad"),
        ("day_of_year", 366, "time of year: December", "pora roku: grudzień"),
        ("days_since_last_visit", 89, "89 days since the last visit", "89 dni od ostatniej wizyty"),
        ("days_since_last_visit", 90, "no visit in the last 90 days", "bez wizyty w ciągu ostatnich 90 dni"),
        ("gone_since_long", 2.5, "gone_since_long: 2.50", "gone_since_long: 2,50"),
        ("gone_since_long", None, "gone_since_long", "gone_since_long"),
    ],
)
def test_a_value_is_told_as_people_say_it(name: str, value: float | None, english: str, polish: str) -> None:
    assert (said("en", name, value), said("pl", name, value)) == (english, polish)


def test_a_value_that_stood_in_for_an_unknown_one_is_not_told_as_known() -> None:
    assert unknown(language("en"), "visits_7d") == "not known, a usual value stands in: visits in 7 days"
