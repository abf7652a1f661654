"""Order events of WooCommerce and Shopify: signed, repeated, late, and what they make of the ledger."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from tests.support.servers import Login, settings_of

from salesml import wiring
from salesml.core.clients import ExternalId
from salesml.core.days import parse_day
from salesml.core.errors import InvalidValue
from salesml.core.rates import Rate
from salesml.core.webhooks import Counting, ShopOrder, ShopSystem
from salesml.data.webhooks import read_delivery
from salesml.db.engine import make_engine, reading
from salesml.db.tables import ErasedRow
from salesml.services import rates, webhooks
from salesml.settings import Settings
from salesml.wiring import App

SECRET = "a secret of the shop"
SALE = ("727", "sale", 14_990, None)


@pytest.fixture
def installation(database_url: str, tmp_path: Any, request: pytest.FixtureRequest) -> Settings:
    made = settings_of(tmp_path / "data", database_url)
    chosen = getattr(request, "param", {})
    settings = made.model_copy(update={"webhook_secrets": {"shop": SecretStr(SECRET)}, **chosen})
    wiring.migrate(settings)
    return settings


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def woo(**changes: Any) -> dict[str, Any]:
    return {
        "id": 9,
        "number": "727",
        "status": "processing",
        "currency": "PLN",
        "date_created_gmt": "2026-01-31T17:05:00",
        "date_modified_gmt": "2026-01-31T17:05:08",
        "total": "149.90",
        "customer_id": 42,
        "billing": {"first_name": "Anna", "last_name": "Nowak", "email": "Anna@Example.com"},
        "refunds": [],
    } | changes


def shopify(**changes: Any) -> dict[str, Any]:
    return {
        "id": 450789469,
        "name": "727",
        "created_at": "2026-01-31T18:05:00+01:00",
        "updated_at": "2026-01-31T18:05:08+01:00",
        "currency": "PLN",
        "total_price": "149.90",
        "financial_status": "paid",
        "email": "anna@example.com",
        "customer": {"id": 7, "first_name": "Anna", "last_name": "Nowak"},
        "refunds": [],
    } | changes


def shopify_refund(number: int, amount: str, day: int = 5) -> dict[str, Any]:
    paid = {"kind": "refund", "status": "success", "amount": amount}
    failed = {"kind": "refund", "status": "failure", "amount": "999"}
    return {
        "id": number,
        "order_id": 450789469,
        "processed_at": f"2026-02-{day:02d}T10:00:00+01:00",
        "transactions": [failed, paid],
    }


async def send(
    client: httpx.AsyncClient, payload: object, topic: str = "order.updated", source: str = "shop"
) -> httpx.Response:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    is_woo = topic.startswith("order.")
    names = (
        ("X-WC-Webhook-Signature", "X-WC-Webhook-Topic")
        if is_woo
        else ("X-Shopify-Hmac-Sha256", "X-Shopify-Topic")
    )
    headers = {names[0]: signature(body), names[1]: topic, "content-type": "application/json"}
    system = "woocommerce" if is_woo else "shopify"
    return await client.post(f"/api/v1/webhooks/{system}/{source}", content=body, headers=headers)


async def tell(client: httpx.AsyncClient, payload: object, topic: str = "order.updated") -> dict[str, Any]:
    answer = await send(client, payload, topic)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def ledger(app: App, columns: str = "order_id, kind, amount, cancels") -> list[tuple[Any, ...]]:
    engine = make_engine(app.settings.url)
    with reading(engine).connect() as connection:
        rows = connection.execute(text(f"SELECT {columns} FROM orders ORDER BY order_id")).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def stamp(when: str) -> int:
    return int(datetime.fromisoformat(when).astimezone(UTC).timestamp())


async def test_an_order_is_stored_with_its_client(client: httpx.AsyncClient, app: App) -> None:
    for payload, topic, external_id in ((woo(), "order.created", "42"), (shopify(), "orders/create", "")):
        said = await tell(client, payload, topic)
        assert said["rejected"] == []
        found = ExternalId(source="shop", external_id=external_id or "anna@example.com")
        buyer = app.tx.read(lambda uow, found=found: uow.clients.find(found))  # type: ignore[misc]
        assert buyer is not None
        assert (buyer.first_name, buyer.last_name, buyer.email) == ("Anna", "Nowak", "anna@example.com")
    assert ledger(app) == [SALE]
    assert ledger(app, "ordered_at, source") == [(stamp("2026-01-31T17:05:00+00:00"), "shop")]


async def test_what_is_not_signed_by_a_known_source_is_refused_in_the_same_words(
    client: httpx.AsyncClient, app: App
) -> None:
    body = json.dumps(woo()).encode()
    good = signature(body)
    wrong = (good[:-2] + "A=", signature(body, "another secret"), "", "caf\u00e9", good.upper())
    path = "/api/v1/webhooks/woocommerce"
    answers = []
    for source, signed in [("shop", each) for each in wrong] + [
        ("nobody", good),
        ("shop ", good),
        ("nobody", signature(body, webhooks._NOBODY)),
    ]:
        headers = {
            b"X-WC-Webhook-Signature": signed.encode("latin-1"),
            b"X-WC-Webhook-Topic": b"order.created",
        }
        answers.append(await client.post(f"{path}/{source}", content=body, headers=headers))
    body += b" "
    headers = {b"X-WC-Webhook-Signature": good.encode(), b"X-WC-Webhook-Topic": b"order.created"}
    answers.append(await client.post(f"{path}/shop", content=body, headers=headers))
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"signature_refused"}
    assert len({answer.text for answer in answers}) == 1
    assert ledger(app) == []


async def test_the_ping_of_woocommerce_is_answered(client: httpx.AsyncClient, app: App) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/api/v1/webhooks/woocommerce/shop", content=b"webhook_id=12", headers=headers)
    assert (answer.status_code, answer.json()["ignored"]) == (200, "ping")
    other = await client.post(
        "/api/v1/webhooks/woocommerce/shop", content=b"webhook_id=12&x=1", headers=headers
    )
    assert other.status_code == 401


async def test_what_is_not_of_orders_is_let_go_and_what_is_unreadable_is_told(
    client: httpx.AsyncClient, app: App
) -> None:
    assert (await tell(client, {"id": 1}, "orders/fulfilled"))["ignored"] == "topic"
    for body in (b"{", b"[]", b'{"id": 1}', b'{"id": 9, "total": "x"}', b'{"id": 9, "total": "NaN"}'):
        assert (await send(client, body)).status_code == 422, body
    said = await tell(client, woo(currency="EUR"))
    assert [(one["field"], one["code"]) for one in said["rejected"]] == [("currency", "no_rate")]
    assert ledger(app) == []


async def test_an_unpaid_order_is_no_sale_until_it_is_paid(client: httpx.AsyncClient, app: App) -> None:
    for status in ("pending", "on-hold", "failed", "checkout-draft", "cancelled"):
        assert (await tell(client, woo(status=status)))["ignored"] == "not a sale"
    assert (await tell(client, shopify(financial_status="pending"), "orders/create"))["ignored"]
    assert (await tell(client, shopify(test=True), "orders/create"))["ignored"] == "not a sale"
    assert ledger(app) == []
    await tell(client, woo())
    assert ledger(app) == [SALE]
    await tell(client, woo(status="failed", date_modified_gmt="2026-02-01T09:00:00"))
    assert sum(row[2] for row in ledger(app)) == 0


async def test_a_cancelled_order_voids_its_sale(client: httpx.AsyncClient, app: App) -> None:
    await tell(client, woo(), "order.created")
    await tell(client, woo(status="cancelled", date_modified_gmt="2026-02-01T09:00:00"))
    void = ("727/cancellation", "cancellation", -14_990, "727")
    assert ledger(app) == [SALE, void]
    await tell(client, woo(status="cancelled", date_modified_gmt="2026-02-03T09:00:00"))
    assert ledger(app, "ordered_at")[1] == (stamp("2026-02-01T09:00:00+00:00"),)
    await tell(client, woo(status="completed", date_modified_gmt="2026-02-04T09:00:00"))
    assert ledger(app) == [SALE, ("727/cancellation", "cancellation", 0, "727")]


async def test_a_deleted_order_is_cancelled_and_a_restored_one_is_a_sale_again(
    client: httpx.AsyncClient, app: App
) -> None:
    assert (await tell(client, {"id": 9}, "order.deleted"))["ignored"] == "not a sale"
    await tell(client, woo(refunds=[{"id": 1, "total": "-10.00"}]))
    await tell(client, {"id": 9}, "order.deleted")
    assert [row[2] for row in ledger(app)] == [14_990, -14_990, 0]
    late = woo(date_modified_gmt="2026-02-01T09:00:00")
    assert (await tell(client, late))["ignored"].startswith("an earlier state")
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    restored = woo(date_modified_gmt=soon, refunds=[{"id": 1, "total": "-10.00"}])
    await tell(client, restored, "order.restored")
    assert [row[2] for row in ledger(app)] == [14_990, 0, -1_000]


async def test_refunds_are_linked_count_once_and_keep_their_times(
    client: httpx.AsyncClient, app: App
) -> None:
    await tell(client, shopify(), "orders/create")
    first, second = shopify_refund(1, "10.00", 5), shopify_refund(2, "20.00", 6)
    await tell(client, first, "refunds/create")
    assert (await tell(client, first, "refunds/create"))["ignored"] == "known already"
    await tell(client, shopify(refunds=[first, second], updated_at="2026-02-07T00:00:00Z"), "orders/updated")
    assert (await tell(client, second, "refunds/create"))["ignored"] == "known already"
    assert ledger(app) == [
        SALE,
        ("727/refund", "refund", -1_000, "727"),
        ("727/refund-2", "refund", -2_000, "727"),
    ]
    assert ledger(app, "ordered_at")[1:] == [
        (stamp("2026-02-05T10:00:00+01:00"),),
        (stamp("2026-02-06T10:00:00+01:00"),),
    ]


async def test_a_refund_of_an_order_that_is_not_known_waits_for_the_order(
    client: httpx.AsyncClient, app: App
) -> None:
    refund = shopify_refund(1, "10.00")
    assert "not known" in (await tell(client, refund, "refunds/create"))["ignored"]
    await tell(client, shopify(refunds=[refund]), "orders/updated")
    assert [row[2] for row in ledger(app)] == [14_990, -1_000]


async def test_a_refund_without_money_makes_no_row(client: httpx.AsyncClient, app: App) -> None:
    await tell(client, shopify(), "orders/create")
    said = await tell(client, shopify_refund(1, "0.00"), "refunds/create")
    assert (said["stored"], said["ignored"]) == (0, "no money went back")
    assert ledger(app) == [SALE]


async def test_a_cancelled_order_of_which_a_part_went_back_keeps_the_rest(
    client: httpx.AsyncClient, app: App
) -> None:
    await tell(client, shopify(), "orders/create")
    changed = {"cancelled_at": "2026-02-05T10:00:00+01:00", "updated_at": "2026-02-05T10:00:00+01:00"}
    await tell(client, shopify(**changed), "orders/cancelled")
    assert [row[2] for row in ledger(app)] == [14_990, -14_990]
    await tell(client, shopify_refund(1, "100.00"), "refunds/create")
    assert [row[2] for row in ledger(app)] == [14_990, 0, -10_000]


EVENTS: list[tuple[dict[str, Any], str]] = [
    (shopify(), "orders/create"),
    (shopify(refunds=[shopify_refund(1, "49.90")], updated_at="2026-02-05T10:00:01+01:00"), "orders/updated"),
    (shopify_refund(1, "49.90"), "refunds/create"),
    (
        shopify(
            refunds=[shopify_refund(1, "49.90"), shopify_refund(2, "100.00", 6)],
            cancelled_at="2026-02-06T10:00:00+01:00",
            updated_at="2026-02-06T10:00:02+01:00",
            financial_status="refunded",
        ),
        "orders/cancelled",
    ),
]


async def test_in_whatever_order_deliveries_come_and_however_often_the_money_is_the_same(
    client: httpx.AsyncClient, app: App
) -> None:
    """Each of these permutations is an order of its own, sent twice over."""
    every_third = itertools.islice(itertools.permutations(range(len(EVENTS))), 0, None, 3)
    for count, order in enumerate(every_third):
        for position in [*order, *reversed(order)]:
            payload, topic = EVENTS[position]
            key = "order_id" if topic == "refunds/create" else "id"
            told = {**payload, key: 1_000 + count}
            if topic != "refunds/create":
                told["name"] = f"#{count}"
            await tell(client, told, topic)
        amounts = {row[1]: row[2] for row in ledger(app) if row[0].split("/")[0] == f"#{count}" and row[2]}
        assert amounts == {"sale": 14_990, "cancellation": -14_990}, order


async def test_an_order_that_a_file_brought_is_the_same_order(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    row = {"source": "shop", "client_id": "42", "ordered_at": "2026-01-31T18:05:00", "order_id": "727"}
    rows = [
        row | {"amount": "149.90"},
        row | {"order_id": "727/refund", "amount": "-30", "kind": "refund", "cancels": "727"},
    ]
    await client.post("/api/v1/orders", json=rows, headers=analyst.headers)
    refunds = [{"id": 1, "total": "-10.00"}, {"id": 2, "total": "-20.00"}]
    await tell(client, woo(refunds=refunds))
    assert [row[2] for row in ledger(app)] == [14_990, -1_000, -2_000]


async def test_a_refund_of_everything_is_the_cancellation_as_in_a_file(
    client: httpx.AsyncClient, app: App
) -> None:
    for told in (
        woo(refunds=[{"id": 1, "total": "-149.90"}]),
        woo(id=10, number="728", status="refunded"),
        woo(id=11, number="729", status="cancelled", refunds=[{"id": 2, "total": "-149.90"}]),
    ):
        await tell(client, told)
    voids = [(f"{number}/refund", "cancellation", -14_990, number) for number in ("727", "728", "729")]
    assert [row for row in ledger(app) if row[2] <= 0] == voids
    await tell(client, shopify(id=12, name="730"), "orders/create")
    changed = {"cancelled_at": "2026-02-05T10:00:00+01:00", "updated_at": "2026-02-05T10:00:00+01:00"}
    await tell(client, shopify(id=12, name="730", **changed), "orders/cancelled")
    await tell(client, shopify_refund(3, "149.90") | {"order_id": 12}, "refunds/create")
    assert [row[1:3] for row in ledger(app) if row[0].startswith("730")] == [
        ("sale", 14_990),
        ("cancellation", 0),
        ("cancellation", -14_990),
    ]


async def test_what_goes_back_in_another_currency_takes_the_rate_of_the_sale(
    client: httpx.AsyncClient, app: App
) -> None:
    def load(uow: Any) -> None:
        known = [
            Rate(currency="EUR", day=parse_day(day), rate=Decimal(rate))
            for day, rate in (("2026-01-30", "4.20"), ("2026-02-05", "4.40"))
        ]
        rates.put(uow, known, actor="admin", now=datetime.now(UTC))

    app.tx.run(load)
    await tell(client, shopify(currency="EUR", total_price="100.00"), "orders/create")
    paid = {"kind": "refund", "status": "success", "amount": "25.00", "currency": "EUR"}
    refund = shopify_refund(1, "0") | {"transactions": [paid]}
    await tell(client, refund, "refunds/create")
    assert ledger(app, "amount, original_amount, original_currency") == [
        (42_000, 10_000, "EUR"),
        (-10_500, -2_500, "EUR"),
    ]
    changed = {"cancelled_at": "2026-02-06T10:00:00+01:00", "updated_at": "2026-02-06T10:00:00+01:00"}
    rest = refund | {"id": 2, "transactions": [paid | {"amount": "75.00"}]}
    told = shopify(currency="EUR", total_price="100.00", refunds=[refund, rest], **changed)
    await tell(client, told, "orders/cancelled")
    assert [row[1:3] for row in ledger(app) if row[2]] == [("sale", 42_000), ("cancellation", -42_000)]


async def test_a_guest_of_woocommerce_is_known_by_the_address(client: httpx.AsyncClient, app: App) -> None:
    await tell(client, woo(customer_id=0))
    found = ExternalId(source="shop", external_id="anna@example.com")
    assert app.tx.read(lambda uow: uow.clients.find(found)) is not None
    await tell(client, woo(customer_id=0, id=10, number="728", billing={"email": ""}))
    assert ledger(app, "order_id, identity_id")[1] == ("728", None)


async def test_what_somebody_wrote_of_a_client_is_kept(
    client: httpx.AsyncClient, analyst: Login, app: App
) -> None:
    body = {"external_id": "42", "source": "shop", "first_name": "Ania"}
    await client.post("/api/v1/clients", json=body, headers=analyst.headers)
    await tell(client, woo(billing={"first_name": "Anna", "email": "not an address", "last_name": "N"}))
    buyer = app.tx.read(lambda uow: uow.clients.find(ExternalId(source="shop", external_id="42")))
    assert buyer is not None
    assert (buyer.first_name, buyer.last_name, buyer.email) == ("Ania", "N", None)


async def test_who_was_erased_does_not_come_back(client: httpx.AsyncClient, app: App) -> None:
    def erase(uow: Any) -> None:
        digest = uow._session.info["erased_digest"]("shop", "42")
        uow._session.add(ErasedRow(digest=digest, erased_at=datetime.now(UTC)))

    app.tx.run(erase)
    said = await tell(client, woo())
    assert (said["stored"], said["rejected"][0]["code"]) == (0, "erased")
    assert ledger(app) == []
    assert app.tx.read(lambda uow: uow.clients.count()) == 0


async def test_a_deleted_client_takes_along_what_webhooks_remembered(
    client: httpx.AsyncClient, admin: Login, app: App
) -> None:
    await tell(client, woo())
    found = app.tx.read(lambda uow: uow.clients.find(ExternalId(source="shop", external_id="42")))
    assert found is not None
    gone = await client.delete(f"/api/v1/clients/{found.id}", headers=admin.headers)
    assert gone.status_code in (200, 204)
    assert app.tx.read(lambda uow: uow.webhooks.parts("shop", "9")) == {}


def reading_of(system: ShopSystem, payload: dict[str, Any], counting: Counting) -> ShopOrder:
    topic = "order.updated" if system is ShopSystem.WOOCOMMERCE else "orders/updated"
    told = read_delivery(system, topic, json.dumps(payload).encode(), datetime.now(UTC), counting)
    assert told is not None
    return told


PARTS = {"total": "149.90", "total_tax": "28.03", "shipping_total": "12.20", "shipping_tax": "2.80"}
LINE = {"price": "20.00", "discounted_price": "15.00", "tax_lines": [{"price": "2.80"}]}
CHOICES = [(False, False), (True, False), (False, True), (True, True)]


@pytest.mark.parametrize(
    ("system", "payload", "amounts"),
    [
        (ShopSystem.WOOCOMMERCE, woo(**PARTS), ["149.90", "121.87", "134.90", "109.67"]),
        (
            ShopSystem.SHOPIFY,
            shopify(total_tax="28.03", shipping_lines=[LINE], taxes_included=True),
            ["149.90", "121.87", "134.90", "109.67"],
        ),
        (
            ShopSystem.SHOPIFY,
            shopify(total_tax="28.03", shipping_lines=[LINE], taxes_included=False),
            ["149.90", "121.87", "132.10", "106.87"],
        ),
        (ShopSystem.SHOPIFY, shopify(total_tax="0.00"), ["149.90"] * 4),
    ],
)
def test_tax_and_delivery_are_left_out_by_choice(
    system: ShopSystem, payload: dict[str, Any], amounts: list[str]
) -> None:
    choices = [Counting(net=net, without_shipping=out) for net, out in CHOICES]
    found = [reading_of(system, payload, counting).record for counting in choices]
    assert [each and each["amount"] for each in found] == amounts


def test_an_order_that_does_not_tell_its_tax_is_refused_where_that_is_wanted() -> None:
    with pytest.raises(InvalidValue, match="total_tax"):
        reading_of(ShopSystem.WOOCOMMERCE, woo(), Counting(net=True))


def test_refunds_take_their_share_and_all_of_them_all_of_it() -> None:
    refunds = [{"id": 100, "total": "-33.33"}, {"id": 99, "total": "-33.33"}, {"id": 98, "total": "-33.34"}]
    payload = woo(total="100.00", total_tax="18.70", refunds=refunds)
    told = reading_of(ShopSystem.WOOCOMMERCE, payload, Counting(net=True))
    assert [(one.shop_id, str(one.amount)) for one in told.refunds] == [
        ("100", "27.10"),
        ("99", "27.09"),
        ("98", "27.11"),
    ]
    earlier = reading_of(ShopSystem.WOOCOMMERCE, payload | {"refunds": refunds[1:]}, Counting(net=True))
    assert earlier.refunds == told.refunds[1:]
    whole = payload | {"refunds": [], "status": "refunded"}
    assert [
        str(one.amount) for one in reading_of(ShopSystem.WOOCOMMERCE, whole, Counting(net=True)).refunds
    ] == ["81.30"]


@pytest.mark.parametrize(
    "installation", [{"webhook_amount": "net", "webhook_shipping": "out"}], indirect=True
)
async def test_the_settings_choose_what_is_counted(client: httpx.AsyncClient, app: App) -> None:
    await tell(client, woo(**PARTS))
    assert ledger(app) == [("727", "sale", 10_967, None)]
    said = await tell(client, shopify_refund(1, "149.90"), "refunds/create")
    assert said["ignored"] == "topic"
    await tell(
        client, woo(**PARTS, refunds=[{"id": 5, "total": "-149.90"}], date_modified_gmt="2026-02-05T09:00:00")
    )
    assert ledger(app)[1] == ("727/refund", "cancellation", -10_967, "727")
