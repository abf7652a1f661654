"""Orders that a shop tells of as it happens: its signature, and what a delivery makes of the ledger.

Deliveries come twice, late and in any order. So each is judged by what the ledger has of its order:
one that tells of an earlier state than the newest changes nothing, and a refund counts once.
"""

import base64
import hmac
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import pyarrow as pa

from salesml.core.activity import Coverage
from salesml.core.clients import ExternalId, clean_name
from salesml.core.days import day_of
from salesml.core.errors import BatchRefused, InvalidValue, SignatureRefused
from salesml.core.imports import ImportKind, RejectedRow
from salesml.core.installation import Installation
from salesml.core.orders import OrderKind
from salesml.core.users import clean_email
from salesml.core.webhooks import SALE, Buyer, ShopOrder, StoredPart, Told
from salesml.services import installation, orders
from salesml.services.ports.records import CheckedRecords, RecordChecker
from salesml.services.ports.unit_of_work import UnitOfWork
from salesml.services.webhook_rows import LedgerRows

_NOBODY = "no source of this name has a secret"
_IS_OLD = "an earlier state of the order than the stored one"
_NO_SALE = "not a sale"
_UNKNOWN = "of an order that is not known: it comes with the next delivery of the order itself"
_KNOWN = "known already"
_NO_MONEY = "no money went back"


@dataclass(frozen=True, kw_only=True)
class Received:
    """What became of a delivery: rows of the ledger that it made or changed, or why there are none."""

    stored: int = 0
    ignored: str | None = None
    rejected: tuple[RejectedRow, ...] = ()


def check_signature(secrets: Mapping[str, str], source: str, signature: str, body: bytes) -> None:
    """Raises SignatureRefused, in the same words and after the same time for an unknown source as for a
    signature that is not the HMAC-SHA256 of the body under the source's secret, as base64."""
    secret = secrets.get(source)
    expected = base64.b64encode(hmac.new((secret or _NOBODY).encode(), body, sha256).digest())
    is_good = hmac.compare_digest(expected, signature.strip().encode("utf-8", "replace"))
    if secret is None or not is_good:
        raise SignatureRefused("this is not signed with the secret of a source that is known here")


def checked(
    check: RecordChecker, told: ShopOrder, source: str, here: Installation, now: datetime
) -> CheckedRecords:
    """The sale and the refunds of a delivery by the rules of batches; needs no transaction. Each row's
    order number is its part of the order."""
    last_day = day_of(now, here.zone) + 1
    records = list(_records(told, source))
    return check(ImportKind.ORDERS, records, currency=here.currency, zone=here.zone, last_day=last_day)


def _records(told: ShopOrder, source: str) -> Iterator[Mapping[str, object]]:
    currency = None
    if told.record is not None:
        currency = told.record["currency"]
        yield {**told.record, "order_id": SALE, "source": source, "kind": OrderKind.SALE.value}
    for refund in told.refunds:
        yield {
            "order_id": refund.part,
            "source": source,
            "ordered_at": (refund.at or told.changed_at).isoformat(),
            "amount": str(-refund.amount),
            "currency": refund.currency or currency,
            "kind": OrderKind.REFUND.value,
        }


def receive(uow: UnitOfWork, source: str, told: ShopOrder, batch: CheckedRecords, now: datetime) -> Received:
    """Bring the ledger to what a delivery tells; a repeated or late one changes nothing."""
    uow.clients.take_turns()
    stored = uow.webhooks.parts(source, told.shop_id)
    if reason := _reason_to_ignore(told, stored):
        return Received(ignored=reason)
    zone = installation.current(uow).zone
    ledger = LedgerRows(told, stored, {row["order_id"]: row for row in batch.good.to_pylist()}, zone)
    if told.record is not None and SALE not in ledger.checked:
        return Received(rejected=batch.rejected)
    rows = ledger.rows()
    if not rows:
        return Received(ignored=_NO_MONEY, rejected=batch.rejected)
    named = [{**row, "source": source} for row in rows.values()]
    good = pa.Table.from_pylist(named, schema=batch.good.schema)
    try:
        taken = orders.take(uow, _Rows(good=good, rejected=batch.rejected), update=True, now=now)
    except BatchRefused as error:
        return Received(rejected=error.rejected)
    numbers = {part: row["order_id"] for part, row in rows.items()}
    # A lone refund says nothing of how new the rest of the order is.
    changed_at = stored[SALE].changed_at if told.told is Told.REFUND else told.changed_at
    uow.webhooks.put(source, told.shop_id, {SALE: ledger.number, **numbers}, changed_at)
    if told.buyer is not None:
        _introduce(uow, source, told.buyer)
    return Received(stored=taken.accepted + taken.changed, rejected=taken.rejected)


def _reason_to_ignore(told: ShopOrder, stored: Mapping[str, StoredPart]) -> str | None:
    sale = stored.get(SALE)
    if told.told is Told.REFUND:
        if sale is None:
            return _UNKNOWN
        return _KNOWN if all(refund.part in stored for refund in told.refunds) else None
    if sale is None:
        counts = told.told is Told.SOLD or (told.told is Told.CANCELLED and bool(told.refunds))
        return None if counts else _NO_SALE
    return _IS_OLD if told.changed_at < sale.changed_at else None


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows for the ledger as `orders.take` takes them."""

    good: pa.Table
    rejected: tuple[RejectedRow, ...]
    repeated: int = 0
    coverage: tuple[Coverage, ...] = ()


def _introduce(uow: UnitOfWork, source: str, buyer: Buyer) -> None:
    """Tell of a client what is not known yet; what somebody has written here stays."""
    if buyer.client_id is None:
        return
    client = uow.clients.find(ExternalId(source=source, external_id=buyer.client_id))
    if client is None:
        return
    told: dict[str, str | int | None] = {}
    for name, clean in (("first_name", _name), ("last_name", _name), ("email", clean_email)):
        value = getattr(buyer, name)
        if value and getattr(client, name) is None:
            with suppress(InvalidValue):  # an odd name shall not keep the order out
                told[name] = clean(value)
    if told:
        uow.clients.amend(client.id, told)


def _name(text: str) -> str | None:
    return clean_name("name", text)
