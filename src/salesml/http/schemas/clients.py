"""Clients as the JSON of every server shows them, and how lists of them are asked for."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from salesml.core.clients import (
    CONSENTS,
    DEFAULT_SOURCE,
    MAX_ID_LENGTH,
    ClientLine,
    ClientQuery,
    ClientSort,
    Consent,
    Span,
)
from salesml.core.days import date_of
from salesml.core.money import Currency
from salesml.core.pages import DEFAULT_LIMIT, MAX_LIMIT, Page
from salesml.http.schemas.base import In, Out

SORTS = tuple(f"{sign}{sort.value}" for sort in ClientSort for sign in ("", "-"))
CLIENT_EXAMPLE: dict[str, Any] = {
    "external_id": "0042",
    "first_name": "Łucja",
    "last_name": "Nowak",
    "email": "lucja@example.com",
    "registered_at": "2025-03-01T09:30:00+01:00",
}
_CHANGEABLE = ("first_name", "last_name", "email", "registered_at")
_MOST_MONEY = Decimal(10) ** 13


def _known_sort(text: str) -> str:
    if text not in SORTS:
        raise ValueError(f"must be one of {', '.join(SORTS)}")
    return text


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not have a NUL character")
    return text


def _is_text(value: object) -> object:
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("must be a text such as 2026-01-31T09:30:00+01:00")
    return value


Text = Annotated[str, Field(max_length=MAX_ID_LENGTH), AfterValidator(_storable)]
Money = Annotated[Decimal, Field(ge=-_MOST_MONEY, le=_MOST_MONEY, allow_inf_nan=False)]
Moment = Annotated[datetime, BeforeValidator(_is_text)]
Days = Annotated[int, Field(ge=0, le=100_000)]
Months = Annotated[float, Field(ge=0, le=3_000)]
Share = Annotated[float, Field(ge=0, le=1)]


class ClientConditions(In):
    """What a list of clients has; a client without a figure is in no list that asks for that figure."""

    q: Text = Field("", description="beginning of a name or e-mail, or a whole external id or e-mail address")
    external_id: Text | None = Field(None, description="exactly this id of a source")
    source: Text | None = Field(None, description="clients that this source knows")
    min_predicted_sales: Money | None = None
    max_predicted_sales: Money | None = None
    min_purchase_probability: Share | None = None
    max_purchase_probability: Share | None = None
    decision: Annotated[int, Field(ge=0, le=1)] | None = Field(None, description="by the current threshold")
    min_days_since_last_purchase: Days | None = None
    max_days_since_last_purchase: Days | None = None
    min_tenure_months: Months | None = None
    max_tenure_months: Months | None = None
    sort: Annotated[str, AfterValidator(_known_sort), Field(json_schema_extra={"enum": list(SORTS)})] = Field(
        "name", description="with - for descending; who has no such figure comes last"
    )

    def query(self, currency: Currency) -> ClientQuery:
        """The same with money in minor units."""
        scale = Decimal(10) ** currency.exponent
        least, most = self.min_predicted_sales, self.max_predicted_sales
        return ClientQuery(
            q=self.q,
            external_id=self.external_id,
            source=self.source,
            predicted_sales=Span(
                minimum=None if least is None else int((least * scale).to_integral_value(ROUND_CEILING)),
                maximum=None if most is None else int((most * scale).to_integral_value(ROUND_FLOOR)),
            ),
            purchase_probability=Span(
                minimum=self.min_purchase_probability, maximum=self.max_purchase_probability
            ),
            days_since_last_purchase=Span(
                minimum=self.min_days_since_last_purchase, maximum=self.max_days_since_last_purchase
            ),
            tenure_months=Span(minimum=self.min_tenure_months, maximum=self.max_tenure_months),
            decision=self.decision,
            sort=ClientSort(self.sort.removeprefix("-")),
            descending=self.sort.startswith("-"),
        )


class ClientFilters(ClientConditions):
    """The same, page by page."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, description="`next_cursor` of the page before")

    def query(self, currency: Currency) -> ClientQuery:
        """The same with money in minor units."""
        return replace(super().query(currency), limit=self.limit, cursor=self.cursor)


class ConsentIn(In):
    granted: bool
    at: Moment | None = Field(None, description="when it was given or taken back; now, if it is not said")


class ConsentsIn(In):
    """Only what is given changes; null says that nothing is known."""

    marketing_email: ConsentIn | None = Field(None, description="mails that advertise")
    ad_user_data: ConsentIn | None = Field(None, description="data given to advertisers")
    ad_personalization: ConsentIn | None = Field(None, description="advertisements made to fit")


class ClientChangeIn(In):
    """Only what is given changes; null clears a field."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"email": "nowak@example.com", "consents": {"marketing_email": {"granted": True}}},
            ]
        }
    )

    first_name: Text | None = None
    last_name: Text | None = None
    email: Annotated[str, Field(max_length=254), AfterValidator(_storable)] | None = None
    registered_at: Moment | None = Field(None, description="without an offset, a time on the shop's clock")
    consents: ConsentsIn = Field(default_factory=ConsentsIn)

    def fields(self) -> dict[str, object]:
        """What is given, as the use case takes it."""
        given: dict[str, object] = {
            name: value for name, value in self if name in self.model_fields_set & set(_CHANGEABLE)
        }
        told = {
            name: None if value is None else Consent(granted=value.granted, at=value.at)
            for name, value in self.consents
            if name in self.consents.model_fields_set
        }
        return given | ({"consents": told} if told else {})


class ClientIn(ClientChangeIn):
    """A client whom a source knows by an id of its own."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLIENT_EXAMPLE]})

    external_id: Text
    source: Text = DEFAULT_SOURCE


class ExternalIdOut(Out):
    source: str
    external_id: str


class ConsentOut(Out):
    granted: bool
    at: datetime | None = Field(description="when it was given or taken back, if that is known")


class ConsentsOut(Out):
    """What a client agreed to; null while nobody has said anything of it."""

    marketing_email: ConsentOut | None
    ad_user_data: ConsentOut | None
    ad_personalization: ConsentOut | None


class ClientOut(Out):
    """A client, and the figures of the newest scoring run: null for whom it did not know."""

    id: str
    external_id: str | None = Field(description="that of the client's first source")
    source: str | None
    external_ids: list[ExternalIdOut]
    first_name: str | None
    last_name: str | None
    email: str | None
    registered_at: datetime | None
    consents: ConsentsOut
    tenure_months: float | None
    as_of: str | None = Field(description="the day of the figures", examples=["2026-01-31"])
    predicted_sales: float | None = Field(description="net sales of the coming 30 days, in major units")
    currency: str
    purchase_probability: float | None = Field(description="of a purchase within 14 days")
    decision: Literal[0, 1] | None = Field(description="by the current threshold")
    days_since_last_purchase: int | None


class ClientsPage(Out):
    items: list[ClientOut]
    next_cursor: str | None
    total: int = Field(description="how many clients meet the filters, counted up to 10,000")
    total_is_capped: bool = Field(description="whether there are more than `total`")


def client_document(line: ClientLine, currency: Currency) -> Mapping[str, object]:
    """The fields of ClientOut, as values that JSON has."""
    client = line.client
    pairs = [{"source": each.source, "external_id": each.external_id} for each in client.external_ids]
    first = pairs[0] if pairs else {"source": None, "external_id": None}
    sales = line.predicted_sales
    return {
        "id": str(client.id),
        "external_id": first["external_id"],
        "source": first["source"],
        "external_ids": pairs,
        "first_name": client.first_name,
        "last_name": client.last_name,
        "email": client.email,
        "registered_at": _text(client.registered_at),
        "consents": {
            name: {"granted": told.granted, "at": _text(told.at)}
            if (told := client.consents.get(name))
            else None
            for name in CONSENTS
        },
        "tenure_months": line.tenure_months,
        "as_of": None if line.as_of_day is None else date_of(line.as_of_day).isoformat(),
        "predicted_sales": None if sales is None else float(currency.to_major(sales)),
        "currency": currency.code,
        "purchase_probability": line.purchase_probability,
        "decision": line.decision,
        "days_since_last_purchase": line.days_since_last_purchase,
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def clients_document(page: Page[ClientLine], currency: Currency) -> Mapping[str, object]:
    """The fields of ClientsPage."""
    return {
        "items": [client_document(line, currency) for line in page.items],
        "next_cursor": page.next_cursor,
        "total": page.total,
        "total_is_capped": page.total_is_capped,
    }
