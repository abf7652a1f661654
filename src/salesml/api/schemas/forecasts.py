"""What runs forecast of the company, and what came of forecasts."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic import Field

from salesml.core.alarms import Alarm, AlarmCode, Severity
from salesml.core.days import date_of
from salesml.core.forecasts import CompanyForecast, ForecastOutcome
from salesml.core.models import Target
from salesml.core.money import Currency
from salesml.http.schemas.base import Out


class PartsOut(Out):
    """What adds up to the total, in major units."""

    repeat: float = Field(description="clients who bought in the last 90 days: the sum of their forecasts")
    reactivated: float = Field(description="all other clients: the sum of their forecasts")
    new: float = Field(description="clients who were not known at the as-of date")
    guest: float = Field(description="orders without a client")


class CompanyOutcomeOut(Out):
    """What happened in the days of a forecast, in major units."""

    actual: float
    parts: PartsOut
    error: float | None = Field(
        description="forecast against actual: 0.05 is 5 % too much; null for no sales"
    )
    inside: bool | None = Field(description="whether the interval held it; null without one")
    computed_at: datetime


class CompanyForecastOut(Out):
    """Net sales of the whole company after the as-of date, in major units."""

    run_id: str
    as_of: date
    horizon_days: int
    currency: str = Field(examples=["PLN"])
    total: float
    lower: float | None = Field(description="80 % interval of the total; null where too little is known")
    upper: float | None
    parts: PartsOut
    last_days: float | None = Field(description="what as many days up to the as-of date brought")
    methods: dict[str, str] = Field(description="how the parts that are no clients' were forecast")
    outcome: CompanyOutcomeOut | None = Field(description="null before its days are over")

    @staticmethod
    def of(forecast: CompanyForecast, currency: Currency) -> "CompanyForecastOut":
        evidence = forecast.evidence
        return CompanyForecastOut(
            run_id=str(forecast.run_id),
            as_of=date_of(forecast.as_of_day),
            horizon_days=forecast.horizon_days,
            currency=currency.code,
            total=_major(forecast.total, currency),
            lower=None if forecast.lower is None else _major(forecast.lower, currency),
            upper=None if forecast.upper is None else _major(forecast.upper, currency),
            parts=_parts(forecast.parts, currency),
            last_days=None if forecast.last_period is None else _major(forecast.last_period, currency),
            methods={"new": evidence["new"]["method"], "guest": evidence["guests"]["method"]},
            outcome=_outcome(forecast, currency),
        )


class CompanyForecastPage(Out):
    items: list[CompanyForecastOut]
    next_cursor: str | None


class OutcomeOut(Out):
    """The stored forecasts of a run against what happened; metrics as those of a version, in major units."""

    run_id: str
    target: Target
    as_of: date
    horizon_days: int
    clients: int
    metrics: dict[str, Any] = Field(
        examples=[{"rmse": 38.12, "intervals": {"coverage": 0.84}, "reasons": {}}]
    )
    baselines: dict[str, dict[str, Any]]
    computed_at: datetime

    @staticmethod
    def of(outcome: ForecastOutcome) -> "OutcomeOut":
        return OutcomeOut.model_validate(
            {**vars(outcome), "run_id": str(outcome.run_id), "as_of": date_of(outcome.as_of_day)}
        )


class OutcomesOut(Out):
    """At most the newest 100."""

    items: list[OutcomeOut]
    next_cursor: None = None


class AlarmOut(Out):
    """What somebody should look at; `values` by the code."""

    code: AlarmCode
    severity: Severity
    values: dict[str, Any] = Field(examples=[{"target": "sales", "psi_max": 0.31}])

    @staticmethod
    def of(alarm: Alarm) -> "AlarmOut":
        return AlarmOut.model_validate(alarm)


def _outcome(forecast: CompanyForecast, currency: Currency) -> CompanyOutcomeOut | None:
    happened = forecast.outcome
    if happened is None:
        return None
    actual = happened["actual"]
    return CompanyOutcomeOut(
        actual=_major(actual, currency),
        parts=_parts(happened["parts"], currency),
        error=forecast.total / actual - 1 if actual > 0 else None,
        inside=happened["inside"],
        computed_at=datetime.fromtimestamp(happened["computed_at"], UTC),
    )


def _parts(minor: Mapping[str, int], currency: Currency) -> PartsOut:
    return PartsOut(**{name: _major(amount, currency) for name, amount in minor.items()})


def _major(minor: int, currency: Currency) -> float:
    return float(currency.to_major(minor))
