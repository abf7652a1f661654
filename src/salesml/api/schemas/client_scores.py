"""One client's forecasts, of now and of the past."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from salesml.api.schemas.predictions import PurchaseOut, RankingOnly, SalesOut
from salesml.core.days import date_of
from salesml.core.money import Currency
from salesml.core.pages import Page
from salesml.core.predictions import Explanation, PastPrediction
from salesml.http.schemas.base import Out
from salesml.services.client_scores import ScoreNow


class ContributionOut(Out):
    feature: str = Field(examples=["days_since_last_purchase"])
    value: float | None = Field(description="of the feature; money in minor units; null: there is none")
    amount: float = Field(description="by how much it moved the forecast", examples=[38.2])


class ReasonsOut(Out):
    """Why a forecast is what it is: `base`, `parts`, `others` and `floor` add up to it. Sales in major
    units, a purchase as a share of 1."""

    base: float
    parts: list[ContributionOut] = Field(description="the features that moved it most, the largest first")
    others: float = Field(description="all other features together")
    floor: float = Field(description="what lifts sales below zero to it")

    @staticmethod
    def of(why: Explanation | None, currency: Currency | None = None) -> "ReasonsOut | None":
        """With a currency the amounts are minor units of it."""
        if why is None:
            return None

        def major(amount: float) -> float:
            return amount if currency is None else float(currency.to_major(int(amount)))

        parts = [
            ContributionOut(feature=each.feature, value=each.value, amount=major(each.amount))
            for each in why.parts
        ]
        return ReasonsOut(base=major(why.base), parts=parts, others=major(why.others), floor=major(why.floor))


class ReasonsOfBoth(Out):
    """Null where a run kept none."""

    sales: ReasonsOut | None
    purchase: ReasonsOut | None


class ScoreNowOut(Out):
    client_id: str
    as_of: date
    partial_day: bool = Field(description="true: the day is not over, later orders are not in it")
    sales: SalesOut
    purchase: PurchaseOut
    reasons: ReasonsOfBoth

    @staticmethod
    def of(score: ScoreNow) -> "ScoreNowOut":
        return ScoreNowOut(
            client_id=str(score.client_id),
            as_of=date_of(score.as_of_day),
            partial_day=score.partial_day,
            sales=SalesOut.model_validate(score.sales),
            purchase=PurchaseOut.model_validate(score.purchase),
            reasons=ReasonsOfBoth(
                sales=ReasonsOut.of(score.sales_reasons, Currency(score.sales.currency)),
                purchase=ReasonsOut.of(score.purchase_reasons),
            ),
        )


class PastSalesOut(Out):
    predicted_sales: float
    lower: float | None
    upper: float | None
    currency: str
    horizon_days: int
    model_version: str


class PastPurchaseOut(Out):
    probability: float
    decision: Literal[0, 1] = Field(description="as made at scoring, by the threshold of then")
    threshold: float
    ranking_only: RankingOnly
    horizon_days: int
    model_version: str


class PastPredictionOut(Out):
    as_of: date
    scored_at: datetime
    scoring_run_id: str
    sales: PastSalesOut
    purchase: PastPurchaseOut
    reasons: ReasonsOfBoth

    @staticmethod
    def of(past: PastPrediction, currency: Currency) -> "PastPredictionOut":
        money = {
            name: None if value is None else float(currency.to_major(value))
            for name, value in (("lower", past.lower), ("upper", past.upper))
        }
        return PastPredictionOut(
            as_of=date_of(past.as_of_day),
            scored_at=past.scored_at,
            scoring_run_id=str(past.run_id),
            sales=PastSalesOut(
                predicted_sales=float(currency.to_major(past.predicted_sales)),
                currency=currency.code,
                horizon_days=past.sales_horizon_days,
                model_version=past.sales_version,
                **money,
            ),
            purchase=PastPurchaseOut(
                probability=past.purchase_probability,
                decision=1 if past.decision else 0,
                threshold=past.threshold,
                ranking_only=past.ranking_only,
                horizon_days=past.purchase_horizon_days,
                model_version=past.purchase_version,
            ),
            reasons=ReasonsOfBoth(
                sales=ReasonsOut.of(past.sales_reasons, currency),
                purchase=ReasonsOut.of(past.purchase_reasons),
            ),
        )


class PastPredictionsPage(Out):
    items: list[PastPredictionOut]
    next_cursor: str | None

    @staticmethod
    def of(page: Page[PastPrediction], currency: Currency) -> "PastPredictionsPage":
        items = [PastPredictionOut.of(each, currency) for each in page.items]
        return PastPredictionsPage(items=items, next_cursor=page.next_cursor)
