"""Why a forecast is what it is: what is written adds up to it, in both languages."""

import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.models import Target
from salesml.core.money import Currency
from salesml.core.predictions import Contribution, Explanation
from salesml.ml.reasons import Reasons, told
from salesml.web import why
from salesml.web.i18n import NO_BREAK, language

PLN = Currency("PLN")
PARTS = (
    Contribution(feature="days_since_last_purchase", value=12, amount=3820),
    Contribution(feature="average_basket_value", value=14990, amount=-1205),
)
SALES = Explanation(base=2450, parts=PARTS, others=-100)


def plain(text: str) -> str:
    return text.replace(NO_BREAK, " ")


def number(written: str) -> Decimal:
    """The number of a Polish amount, with the sign that is written."""
    digits = re.sub(r"[^\d,]", "", written).replace(",", ".")
    return Decimal(digits) * (-1 if why.MINUS in written else 1)


def written_sum(found: why.Why) -> Decimal:
    return number(found.base) + sum(number(line.amount) for line in found.lines)


def test_sales_are_told_from_where_everybody_starts_to_the_forecast() -> None:
    found = why.sales(language("en"), PLN, SALES, 4965)
    assert found is not None
    assert (plain(found.base), plain(found.total)) == ("PLN 24.50", "PLN 49.65")
    assert [(plain(line.text), plain(line.amount)) for line in found.lines] == [
        ("12 days since the last purchase", "+PLN 38.20"),
        ("average basket PLN 149.90", "\N{MINUS SIGN}PLN 12.05"),
        ("all other features together", "\N{MINUS SIGN}PLN 1.00"),
    ]
    assert [round(line.share, 3) for line in found.lines] == [1.0, -0.315, -0.026]


def test_polish_writes_the_sign_in_front_and_the_currency_behind() -> None:
    found = why.sales(language("pl"), PLN, SALES, 4965)
    assert found is not None
    assert [plain(line.amount) for line in found.lines] == [
        "+38,20 zł",
        "\N{MINUS SIGN}12,05 zł",
        "\N{MINUS SIGN}1,00 zł",
    ]


def test_the_floor_is_named_and_lifts_to_zero() -> None:
    below = Explanation(base=-500, parts=PARTS[1:], others=0, floor=1705)
    found = why.sales(language("en"), PLN, below, 0)
    assert found is not None
    assert plain(found.base) == "\N{MINUS SIGN}PLN 5.00"
    assert [plain(line.text) for line in found.lines] == [
        "average basket PLN 149.90",
        "no forecast is below zero",
    ]
    assert (plain(found.lines[-1].amount), plain(found.total)) == ("+PLN 17.05", "PLN 0.00")


@pytest.mark.parametrize(
    ("code", "expected"),
    [("en", ["+6.2 pp", "\N{MINUS SIGN}0.5 pp"]), ("pl", ["+6,2 p.p.", "\N{MINUS SIGN}0,5 p.p."])],
)
def test_a_purchase_is_told_in_percentage_points(code: str, expected: list[str]) -> None:
    parts = (
        Contribution(feature="visits_7d", value=3, amount=0.0622),
        Contribution(feature="has_purchased", value=0, amount=-0.0047),
        Contribution(feature="ad_clicks", value=1, amount=0.0003),
    )
    found = why.purchase(language(code), PLN, Explanation(base=0.05, parts=parts, others=0), 0.1078)
    assert found is not None
    assert [line.amount for line in found.lines] == [*expected, *[f"+{found.lines[-1].amount[1:]}"]]
    assert found.lines[-1].text in {"all other features together", "wszystkie inne cechy razem"}
    assert found.total == language(code).percent(0.1078, 1)


def test_an_ignored_feature_is_not_told_as_known() -> None:
    found = why.sales(language("en"), PLN, SALES, 4965, ignored=("average_basket_value",))
    assert found is not None
    assert [line.text for line in found.lines][1] == "not known, a usual value stands in: average basket"


def test_without_reasons_nothing_is_told() -> None:
    assert why.sales(language("en"), PLN, None, 4965) is None
    assert why.purchase(language("en"), PLN, None, 0.5) is None


@given(
    base=st.floats(-50, 300),
    parts=st.lists(st.floats(-200, 200), min_size=9, max_size=9),
    places=st.permutations(range(9)),
)
def test_what_is_written_of_sales_adds_up_to_what_is_written_of_the_forecast(
    base: float, parts: list[float], places: list[int]
) -> None:
    predicted = max(0, round((base + sum(parts)) * 100))
    one = _explained(Target.SALES, base * 100, [parts[place] * 100 for place in places], predicted)
    found = why.sales(language("pl"), PLN, one, predicted)
    assert found is not None
    assert written_sum(found) == number(found.total) == PLN.to_major(predicted)


@given(
    base=st.floats(0.001, 0.999),
    probability=st.floats(0, 1),
    parts=st.lists(st.floats(-0.2, 0.2), min_size=8, max_size=8),
)
def test_what_is_written_of_a_purchase_adds_up_to_what_is_written_of_the_probability(
    base: float, probability: float, parts: list[float]
) -> None:
    rest = probability - base - sum(parts)
    found = why.purchase(
        language("pl"), PLN, _explained(Target.PURCHASE, base, [*parts, rest], probability), probability
    )
    assert found is not None
    assert found.total == language("pl").percent(probability, 1)
    assert written_sum(found) == number(found.total)


def _explained(target: Target, base: float, parts: list[float], predicted: float) -> Explanation:
    """As scoring stores it."""
    names = tuple(f"feature_{place}" for place in range(len(parts)))
    rows = np.array([parts])
    reasons = Reasons(target=target, features=names, base=base, parts=rows, values=np.zeros(rows.shape))
    return Explanation.of(next(told(reasons, np.array([predicted]))))


@pytest.mark.parametrize(
    ("lower", "upper", "english", "polish"),
    [
        (
            Decimal(0),
            Decimal("312.5"),
            "8 of 10 such clients buy between PLN 0.00 and PLN 312.50.",
            "8 na 10 takich klientów kupuje za kwotę od 0,00 zł do 312,50 zł.",
        ),
        (0.0, 0.0, "Most likely nothing is bought.", "Najpewniej nic nie zostanie kupione."),
    ],
)
def test_an_interval_is_told_in_words(
    lower: Decimal | float, upper: Decimal | float, english: str, polish: str
) -> None:
    told_in = {code: why.interval(language(code), PLN, lower, upper) for code in ("en", "pl")}
    assert {code: plain(str(text)) for code, text in told_in.items()} == {"en": english, "pl": polish}


def test_a_version_without_intervals_tells_none() -> None:
    assert why.interval(language("en"), PLN, None, None) is None
