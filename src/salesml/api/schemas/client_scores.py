"""One client's forecasts, of now and of the past."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from salesml.api.schemas.predictions import PurchaseOut, RankingOnly, SalesOut
from salesml.core.days import date_of
from salesml.core.money import Currency
from salesml.core.pages import Page
from salesml.core.predictions import PastPrediction
from salesml.http.schemas.base import Out
from salesml.services.client_scores import ScoreNow


class ScoreNowOut(Out):
    client_id: str
    as_of: date
    partial_day: bool = Field(description="true: the day is not over, later orders are not in it")
    sales: SalesOut
    purchase: PurchaseOut

    @staticmethod
    def of(score: ScoreNow) -> "ScoreNowOut":
        return ScoreNowOut(
            client_id=str(score.client_id),
            as_of=date_of(score.as_of_day),
            partial_day=score.partial_day,
            sales=SalesOut.model_validate(score.sales),
            purchase=PurchaseOut.model_validate(score.purchase),
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
        )


class PastPredictionsPage(Out):
    items: list[PastPredictionOut]
    next_cursor: str | None

    @staticmethod
    def of(page: Page[PastPrediction], currency: Currency) -> "PastPredictionsPage":
        items = [PastPredictionOut.of(each, currency) for each in page.items]
        return PastPredictionsPage(items=items, next_cursor=page.next_cursor)
