"""Why a forecast is what it is, step by step, in the reader's language."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from salesml.core.money import Currency
from salesml.core.predictions import Contribution, Explanation, PastPrediction
from salesml.services.client_scores import OF_TEN, ScoreNow
from salesml.web.feature_texts import sentence, unknown
from salesml.web.i18n import Language

PLUS, MINUS = "+", "\N{MINUS SIGN}"
"""A true minus sign is read out, a hyphen is not."""
_TENTH = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step: `amount` as written with its sign, `share` of the largest step, from -1 to 1."""

    text: str
    amount: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Why:
    """From `base`, where everybody starts, over the `lines` to the `total`: as written, they add up to it."""

    base: str
    lines: tuple[Line, ...]
    total: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """What stands beside both forecasts of a client; None where nothing is known."""

    sales: Why | None = None
    purchase: Why | None = None
    interval: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """How the numbers of an explanation become amounts as people read them, exact to the last digit shown;
    `level` writes an amount, `step` a difference without its sign."""

    exact: Callable[[float], Decimal]
    level: Callable[[Decimal], str]
    step: Callable[[Decimal], str]


def of_past(language: Language, currency: Currency, past: PastPrediction) -> Told:
    """Of a stored forecast."""
    lower, upper = (None if each is None else currency.to_major(each) for each in (past.lower, past.upper))
    return Told(
        sales=sales(language, currency, past.sales_reasons, past.predicted_sales),
        purchase=purchase(language, currency, past.purchase_reasons, past.purchase_probability),
        interval=interval(language, currency, lower, upper),
    )


def of_now(language: Language, currency: Currency, score: ScoreNow) -> Told:
    """Of a forecast made at this moment; features that are ignored are told as unknown."""
    minor = currency.to_minor(Decimal(str(score.sales.predicted_sales)))
    chance, ignored = score.purchase.probability, score.purchase.ignored_features
    return Told(
        sales=sales(language, currency, score.sales_reasons, minor, score.sales.ignored_features),
        purchase=purchase(language, currency, score.purchase_reasons, chance, ignored),
        interval=interval(language, currency, score.sales.lower, score.sales.upper),
    )


def sales(
    language: Language,
    currency: Currency,
    why: Explanation | None,
    predicted: int,
    ignored: Collection[str] = (),
) -> Why | None:
    """Of a forecast of sales, in minor units; None where no reasons are kept."""

    def money(amount: Decimal) -> str:
        return language.money(amount, currency.code)

    scale = _Scale(exact=lambda minor: currency.to_major(round(minor)), level=money, step=money)
    words = _words(language, currency, ignored)
    return None if why is None else _told(language, why, predicted, scale, words)


def purchase(
    language: Language,
    currency: Currency,
    why: Explanation | None,
    probability: float,
    ignored: Collection[str] = (),
) -> Why | None:
    """Of a probability from 0 to 1, in tenths of percentage points; None where no reasons are kept."""
    scale = _Scale(
        exact=lambda share: (Decimal(str(share)) * 100).quantize(_TENTH, ROUND_HALF_EVEN),
        level=lambda points: language.percent(points / 100, 1),
        step=lambda points: language.gettext("%(num)s pp", num=language.number(points, 1)),
    )
    words = _words(language, currency, ignored)
    return None if why is None else _told(language, why, probability, scale, words)


def interval(
    language: Language,
    currency: Currency,
    lower: Decimal | float | None,
    upper: Decimal | float | None,
) -> str | None:
    """Between which amounts, in major units, most clients like this one buy."""
    if lower is None or upper is None:
        return None
    if upper == 0:
        return language.gettext("Most likely nothing is bought.")
    return language.gettext(
        "%(num)s of 10 such clients buy between %(lower)s and %(upper)s.",
        num=language.number(OF_TEN),
        lower=language.money(lower, currency.code),
        upper=language.money(upper, currency.code),
    )


def _told(
    language: Language,
    why: Explanation,
    predicted: float,
    scale: _Scale,
    words: Callable[[Contribution], str],
) -> Why:
    base, total, floor = scale.exact(why.base), scale.exact(predicted), scale.exact(why.floor)
    parts = [(words(each), scale.exact(each.amount)) for each in why.parts]
    # What rounding leaves over is part of the others, so that what is written adds up.
    others = total - base - floor - sum(amount for _, amount in parts)
    steps = [
        *parts,
        (language.gettext("all other features together"), others),
        (language.gettext("no forecast is below zero"), floor),
    ]
    largest = max((abs(amount) for _, amount in steps), default=Decimal(0))
    lines = tuple(
        Line(text=text, amount=signed(scale.step, amount), share=float(amount / largest))
        for text, amount in steps
        if amount
    )
    return Why(base=signed(scale.level, base, plus=""), lines=lines, total=scale.level(total))


def signed(written: Callable[[Decimal], str], amount: Decimal, plus: str = PLUS) -> str:
    """An amount with its sign in front."""
    return f"{MINUS if amount < 0 else plus}{written(abs(amount))}"


def _words(language: Language, currency: Currency, ignored: Collection[str]) -> Callable[[Contribution], str]:
    def words(part: Contribution) -> str:
        if part.feature in ignored:
            return unknown(language, part.feature)
        return sentence(language, part.feature, part.value, currency)

    return words
