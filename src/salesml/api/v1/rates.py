"""Exchange rates by day; administrators set them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from salesml.api.dependencies import AdminUser, Tx
from salesml.api.schemas.pages import Cursor, Limit
from salesml.api.schemas.rates import RateOut, RatePage, RatesIn, RatesStoredOut
from salesml.core.pages import DEFAULT_LIMIT
from salesml.services import rates

router = APIRouter(prefix="/rates", tags=["rates"])


@router.get("")
async def list_rates(tx: Tx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> RatePage:
    """Exchange rates, by currency and day."""
    page = await tx.read(rates.page, limit=limit, cursor=cursor)
    return RatePage(items=[RateOut.of(rate) for rate in page.items], next_cursor=page.next_cursor)


@router.put("")
async def put_rates(body: RatesIn, admin: AdminUser, tx: Tx) -> RatesStoredOut:
    """Store rates, in the place of those of the same currency and day. Orders in another currency take the
    latest one not after their day and at most seven days old; those that are stored keep theirs."""
    found = [each.value() for each in body.rates]
    return RatesStoredOut(stored=await tx.run(rates.put, found, actor=admin.email, now=datetime.now(UTC)))


@router.delete("/{currency}", status_code=204)
async def delete_rates(
    currency: Annotated[str, Path(min_length=3, max_length=3, examples=["EUR"])], admin: AdminUser, tx: Tx
) -> None:
    """Forget every rate of a currency."""
    await tx.run(rates.remove, currency.upper(), actor=admin.email, now=datetime.now(UTC))
