"""Clients who may be one person, and those who were made one."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from salesml.core.days import date_of
from salesml.core.merges import MOST_SHOWN, Candidate, DuplicateGroup, Merge
from salesml.core.money import Currency
from salesml.core.pages import Page
from salesml.http.schemas.base import In, Out
from salesml.http.schemas.clients import ExternalIdOut


def _row_id(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise ValueError("is not the id of a client")
    return text


ClientKey = Annotated[str, Field(max_length=19, examples=["17"]), AfterValidator(_row_id)]


class CandidateOut(Out):
    id: str
    first_name: str | None
    last_name: str | None
    registered_at: datetime | None
    external_ids: list[ExternalIdOut]
    orders: int
    net_sales: float
    currency: str
    last_order_day: str | None

    @staticmethod
    def of(one: Candidate, currency: Currency) -> "CandidateOut":
        client, day = one.client, one.last_order_day
        return CandidateOut(
            id=str(client.id),
            first_name=client.first_name,
            last_name=client.last_name,
            registered_at=client.registered_at,
            external_ids=[ExternalIdOut.model_validate(each) for each in client.external_ids],
            orders=one.orders,
            net_sales=float(currency.to_major(one.net)),
            currency=currency.code,
            last_order_day=None if day is None else date_of(day).isoformat(),
        )


class DuplicatesOut(Out):
    """Clients with one e-mail address, the oldest first."""

    email: str
    clients: list[CandidateOut] = Field(description=f"at most {MOST_SHOWN} of `total`")
    total: int
    not_the_same: list[list[str]] = Field(description="pairs of them that somebody has called two people")

    @staticmethod
    def of(group: DuplicateGroup, currency: Currency) -> "DuplicatesOut":
        return DuplicatesOut(
            email=group.email,
            clients=[CandidateOut.of(one, currency) for one in group.candidates],
            total=group.total,
            not_the_same=[[str(first), str(second)] for first, second in sorted(group.distinct)],
        )


class DuplicatesPage(Out):
    items: list[DuplicatesOut]
    next_cursor: str | None

    @staticmethod
    def of(page: Page[DuplicateGroup], currency: Currency) -> "DuplicatesPage":
        items = [DuplicatesOut.of(group, currency) for group in page.items]
        return DuplicatesPage(items=items, next_cursor=page.next_cursor)


class MergeIn(In):
    """Whom to keep, and who becomes part of that client."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"client_id": "17", "others": ["42"]}]})

    client_id: ClientKey
    others: list[ClientKey] = Field(min_length=1, max_length=MOST_SHOWN - 1)


class ApartIn(In):
    """Clients of whom every two are two people."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"client_ids": ["17", "42"]}]})

    client_ids: list[ClientKey] = Field(min_length=2, max_length=MOST_SHOWN)


class MergeOut(Out):
    id: str
    client_id: str = Field(description="who stayed")
    merged_client_id: str = Field(description="who became part of it")
    first_name: str | None
    last_name: str | None
    email: str | None
    external_ids: list[ExternalIdOut] = Field(description="ids that would be the merged client's again")
    merged_at: datetime
    merged_by: str

    @staticmethod
    def of(merge: Merge) -> "MergeOut":
        told = vars(merge) | {
            "id": str(merge.id),
            "client_id": str(merge.client_id),
            "merged_client_id": str(merge.merged_client_id),
            "external_ids": [ExternalIdOut.model_validate(each) for each in merge.external_ids],
        }
        return MergeOut(**told)


class MergesOut(Out):
    items: list[MergeOut]


class UnmergedOut(Out):
    client_id: str = Field(description="the client that is one of its own again")
