"""What an import would do. Money in major units."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from salesml.api.schemas.imports import CountsOut, ReadingOut
from salesml.api.schemas.reports import (
    ActivityFiguresOut,
    ClientFiguresOut,
    CurrencySumOut,
    LedgerOut,
    RefusedSumOut,
)
from salesml.core.money import Currency
from salesml.core.plain import from_plain
from salesml.core.previews import Preview
from salesml.http.schemas.base import Out


class PreviewOut(Out):
    """How a file is understood, and what would become of its rows; `ledger`, `clients` or `activity`
    describes the good ones, whatever of them is stored already."""

    currency: str
    reading: ReadingOut
    counts: CountsOut
    reasons: dict[str, int] = Field(description="how many rows would be set aside, by code")
    net_repeated: float = Field(description="sum of the orders that are there already")
    net_conflicts: float = Field(description="sum of the orders that contradict stored ones")
    ledger: LedgerOut | None
    currencies: list[CurrencySumOut]
    clients: ClientFiguresOut | None
    activity: ActivityFiguresOut | None
    refused: list[RefusedSumOut] = Field(description="of orders that are refused in reading, by currency")
    unreadable: int = Field(description="refused rows that tell no amount")

    @staticmethod
    def of(preview: Preview, currency: Currency) -> "PreviewOut":
        file, counts = preview.file, preview.counts

        def major(minor: int) -> float:
            return float(currency.to_major(minor))

        return PreviewOut(
            currency=currency.code,
            reading=ReadingOut.model_validate(preview.reading),
            counts=CountsOut.model_validate({**vars(counts), "net": major(counts.net)}),
            reasons=dict(preview.reasons),
            net_repeated=major(preview.net_repeated),
            net_conflicts=major(preview.net_conflicts),
            ledger=LedgerOut.of(file.ledger, currency) if file.ledger else None,
            currencies=[CurrencySumOut.of(each, currency) for each in file.currencies],
            clients=ClientFiguresOut.of(file.clients) if file.clients else None,
            activity=ActivityFiguresOut.of(file.activity) if file.activity else None,
            refused=[RefusedSumOut.of(each, currency) for each in file.refused],
            unreadable=file.unreadable,
        )

    @staticmethod
    def of_result(result: Mapping[str, Any]) -> "PreviewOut":
        """Of what a preview job has left."""
        return PreviewOut.of(from_plain(Preview, result), Currency(result["currency"]))
