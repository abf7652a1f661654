"""Known exports: made by us after the columns that their systems document."""

from collections.abc import Callable
from typing import Any

import pytest

from salesml.core.errors import ColumnsMissing, FileUnreadable, InvalidValue
from salesml.core.imports import ImportKind
from salesml.data.columns import SYNONYMS
from salesml.data.profiles import PROFILES, mapped

Stage = Callable[..., Any]

SHOPIFY = """\
Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,\
Lineitem name,Lineitem price,Cancelled at,Refunded Amount,Id
#1001,Anna@Example.com,paid,2026-01-05 10:00:00 +0100,PLN,100.00,15.00,21.50,115.00,\
2026-01-05 09:59:00 +0100,1,Mug,60.00,,0.00,5501
#1001,Anna@Example.com,,,,,,,,2026-01-05 09:59:00 +0100,2,Spoon,20.00,,,
#1002,bob@example.com,refunded,2026-01-06 10:00:00 +0100,PLN,200.00,0.00,37.40,200.00,\
2026-01-06 09:00:00 +0100,1,Lamp,200.00,2026-01-09 12:00:00 +0100,200.00,5502
#1003,anna@example.com,partially_refunded,,PLN,80.00,10.00,16.83,90.00,\
2026-01-07 09:00:00 +0100,4,Plate,20.00,,20.00,5503
#1004,eve@example.com,pending,,PLN,50.00,0.00,9.35,50.00,2026-01-08 09:00:00 +0100,1,Cup,50.00,,0.00,5504
#1005,,paid,,PLN,30.00,0.00,5.61,30.00,2026-01-08 09:00:00 +0100,1,Cup,30.00,,0.00,5505
"""
WOOCOMMERCE = """\
order_id,order_number,order_date,status,shipping_total,shipping_tax_total,tax_total,order_total,refunded_total,\
order_currency,customer_id,billing_email
501,501,2026-02-01 10:00:00,completed,12.00,2.76,25.76,137.76,0,PLN,17,jan@example.pl
502,502,2026-02-01 11:00:00,wc-refunded,0,0,18.70,100.00,0,PLN,18,ola@example.pl
503,503,2026-02-02 11:00:00,failed,0,0,0,55.00,0,PLN,17,jan@example.pl
504,504,2026-02-02 12:00:00,processing,0,0,9.35,50.00,-10.00,PLN,0,Gosc@Example.pl
505,505,2026-02-03 12:00:00,on-hold,0,0,9.35,50.00,0,PLN,19,x@example.pl
506,506,2026-02-03 12:00:00,completed,0,0,0,0.00,0,PLN,19,x@example.pl
"""
MAGENTO = """\
ID,"Purchase Point","Purchase Date","Bill-to Name","Grand Total (Base)","Grand Total (Purchased)",Status,\
"Customer Email","Shipping and Handling","Total Refunded"
000000001,"Main Website","2026-03-01 08:00:00","A B",36.3900,36.3900,Complete,a@b.pl,5.00,0.0000
000000002,"Main Website","2026-03-01 09:00:00","A B",40.0000,40.0000,Closed,a@b.pl,5.00,40.0000
000000003,"Main Website","2026-03-02 09:00:00","C D",10.0000,10.0000,Canceled,c@d.pl,5.00,
"""
PRESTASHOP = """\
id_order;reference;id_customer;total_paid_tax_incl;total_paid_tax_excl;total_shipping_tax_incl;\
total_shipping_tax_excl;valid;date_add
1;XKBKNABJK;3;123.000000;100.000000;12.300000;10.000000;1;2026-04-01 10:00:00
2;OHSATSERP;4;61.500000;50.000000;0.000000;0.000000;0;2026-04-01 11:00:00
"""
BASELINKER = """\
Numer zamówienia;Data złożenia;Status;E-mail;Login klienta;Wartość zamówienia;Koszt wysyłki;Waluta
9001;12.05.2026 14:03;Wysłane;Ewa@wp.pl;ewa1;1 234,50;12,99;PLN
9002;13.05.2026 15:00;Anulowane;jan@wp.pl;jan;99,00;0,00;PLN
9003;14.05.2026 08:00;Do wysłania;;allegro_77;45,10;8,99;PLN
"""
STRIPE = """\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Description,Fee,Refunded date (UTC),Status,\
Customer ID,Customer Email
ch_1,2026-01-15 23:30:00,35.82,0.00,pln,true,Sub,0.79,,Paid,cus_A,a@x.io
ch_2,2026-01-16 10:00:00,10.00,10.00,pln,true,Sub,0.5,2026-02-03 11:00:00,Refunded,cus_B,b@x.io
ch_3,2026-01-17 10:00:00,20.00,5.00,pln,true,Sub,0.5,2026-01-20 11:00:00,Paid,,C@x.io
ch_4,2026-01-18 10:00:00,20.00,0.00,pln,false,Sub,0.0,,Failed,cus_A,a@x.io
"""


def brief(result: Any) -> list[tuple[str, str | None, int, str, str | None]]:
    """Number, client, minor units, kind and the sale that it goes back on, of every order."""
    names = ("order_id", "client_external_id", "amount", "kind", "cancels")
    return [tuple(row[name] for name in names) for row in result.good]


def test_a_shopify_order_counts_once_however_many_items_it_lists(stage: Stage) -> None:
    result = stage(SHOPIFY)
    assert result.reading.profile == "shopify-orders"
    assert brief(result) == [
        ("#1001", "anna@example.com", 11500, "sale", None),
        ("#1002", "bob@example.com", 20000, "sale", None),
        ("#1002/refund", "bob@example.com", -20000, "cancellation", "#1002"),
        ("#1003", "anna@example.com", 9000, "sale", None),
        ("#1003/refund", "anna@example.com", -2000, "refund", "#1003"),
        ("#1005", None, 3000, "sale", None),
    ]
    assert result.codes == [(5, "status", "no_sale")]
    assert (result.staged.rows, result.staged.repeated) == (6, 0)


def test_a_refund_is_dated_as_the_file_says_and_else_with_its_sale(stage: Stage) -> None:
    days = {row["order_id"]: row["ordered_day"] - 20_000 for row in stage(SHOPIFY).good}
    assert (days["#1002"], days["#1002/refund"]) == (459, 462)
    assert days["#1003"] == days["#1003/refund"] == 460


def test_tax_and_delivery_are_taken_out_by_choice_and_refunds_take_their_share(stage: Stage) -> None:
    amounts = {row["order_id"]: row["amount"] for row in stage(SHOPIFY, amount="net", shipping="out").good}
    assert amounts["#1001"] == 11500 - 2150 - 1500
    assert amounts["#1002"] == -amounts["#1002/refund"] == 20000 - 3740
    # 20.00 of 90.00 went back, and 63.17 of the 90.00 count.
    assert (amounts["#1003"], amounts["#1003/refund"]) == (6317, -1404)


@pytest.mark.parametrize(
    ("amount", "shipping", "counted"),
    [
        ("gross", "in", 13776),
        ("net", "in", 13776 - 2576),
        ("gross", "out", 13776 - 1200 - 276),
        ("net", "out", 13776 - 2576 - 1200),
    ],
)
def test_the_tax_of_woocommerces_delivery_is_taken_out_once(
    stage: Stage, amount: str, shipping: str, counted: int
) -> None:
    assert stage(WOOCOMMERCE, amount=amount, shipping=shipping).good[0]["amount"] == counted


def test_woocommerce_orders_become_sales_by_their_status(stage: Stage) -> None:
    result = stage(WOOCOMMERCE)
    assert result.reading.profile == "woocommerce-orders"
    assert brief(result) == [
        ("501", "17", 13776, "sale", None),
        ("502", "18", 10000, "sale", None),
        ("502/refund", "18", -10000, "cancellation", "502"),
        ("504", "gosc@example.pl", 5000, "sale", None),
        ("504/refund", "gosc@example.pl", -1000, "refund", "504"),
        ("506", "19", 0, "sale", None),
    ]
    assert result.codes == [(3, "status", "no_sale"), (5, "status", "no_sale")]


def test_magentos_closed_orders_are_cancelled_and_its_leading_zeros_stay(stage: Stage) -> None:
    result = stage(MAGENTO)
    assert result.reading.profile == "magento-orders"
    assert brief(result) == [
        ("000000001", "a@b.pl", 3639, "sale", None),
        ("000000002", "a@b.pl", 4000, "sale", None),
        ("000000002/refund", "a@b.pl", -4000, "cancellation", "000000002"),
    ]
    assert result.codes == [(3, "status", "no_sale")]


def test_prestashop_has_columns_of_its_own_for_money_without_tax(stage: Stage) -> None:
    assert brief(stage(PRESTASHOP)) == [("1", "3", 12300, "sale", None)]
    assert brief(stage(PRESTASHOP, amount="net", shipping="out")) == [("1", "3", 9000, "sale", None)]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250"])
def test_baselinkers_polish_headers_are_known_in_any_encoding(stage: Stage, encoding: str) -> None:
    result = stage(BASELINKER.encode(encoding))
    assert result.reading.profile == "baselinker-orders"
    assert brief(result) == [
        ("9001", "ewa@wp.pl", 123450, "sale", None),
        ("9003", "allegro_77", 4510, "sale", None),
    ]
    assert result.codes == [(2, "status", "no_sale")]


def test_stripes_times_are_utc_and_its_refunds_linked(stage: Stage) -> None:
    result = stage(STRIPE)
    assert result.reading.profile == "stripe-payments"
    assert brief(result) == [
        ("ch_1", "cus_A", 3582, "sale", None),
        ("ch_2", "cus_B", 1000, "sale", None),
        ("ch_2/refund", "cus_B", -1000, "cancellation", "ch_2"),
        ("ch_3", "c@x.io", 2000, "sale", None),
        ("ch_3/refund", "c@x.io", -500, "refund", "ch_3"),
    ]
    # Half past eleven in the evening UTC is the next day in Warsaw.
    assert [row["ordered_day"] for row in result.good] == [20469, 20469, 20487, 20470, 20473]
    assert result.codes == [(4, "status", "no_sale")]


def test_stripes_api_writes_minor_units(stage: Stage) -> None:
    text = (
        "id,amount,amount_refunded,currency,created,customer,status\n"
        "ch_1,3582,0,pln,2026-01-15T10:00:00Z,cus_A,succeeded\n"
        "ch_2,500,500,jpy,2026-01-15T10:00:00Z,cus_A,succeeded\n"
    )
    result = stage(text)
    assert result.reading.profile == "stripe-charges"
    assert [(row["amount"], row["currency"]) for row in result.good] == [
        (3582, None),
        (500, "JPY"),
        (-500, "JPY"),
    ]


def test_shopify_customers_bring_their_consent_and_bad_addresses_are_set_aside(stage: Stage) -> None:
    text = (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Total Spent,Total Orders\n"
        "7001,Anna,Nowak, Anna@Example.com,yes,205.00,2\n"
        "7002,Bob,Kowal,bob@example.com,no,0.00,1\n"
        "7003,Zła,Adresa,not-an-address,no,0.00,0\n"
        "7004,Ola,Lis,ola@example.com,perhaps,0.00,0\n"
    )
    result = stage(text, ImportKind.CLIENTS)
    found = [(row["client_external_id"], row["email"], row["marketing_email"]) for row in result.good]
    assert found == [
        ("anna@example.com", "anna@example.com", True),
        ("bob@example.com", "bob@example.com", False),
    ]
    assert result.codes == [(3, "email", "not_an_email"), (4, "marketing_email", "not_yes_or_no")]


def test_consents_have_dates(stage: Stage) -> None:
    text = (
        "client_id,email,marketing_email,marketing_email_at,ad_user_data\n"
        "1,a@b.pl,true,2026-01-02T10:00:00Z,\n"
        "2,c@d.pl,false,yesterday,true\n"
    )
    result = stage(text, ImportKind.CLIENTS)
    assert result.good[0]["marketing_email_at"] == 1767348000
    assert result.good[0]["ad_user_data"] is None
    assert result.codes == [(2, "marketing_email_at", "not_a_date")]


def test_addresses_are_composed_and_casefolded(stage: Stage) -> None:
    text = "client_id,email\n1,ANNA@STRASSE.de\n2,Zoe\u0301@x.pl\n3,GROẞ@x.de\n"
    emails = [row["email"] for row in stage(text, ImportKind.CLIENTS).good]
    assert emails == ["anna@strasse.de", "zo\u00e9@x.pl", "gross@x.de"]


def test_ga4_users_by_day_are_activity(stage: Stage) -> None:
    text = "Date,Effective user ID,Sessions,User engagement\n20260110,a@x.io,3,240\n20260111,cus_A,1,60\n"
    result = stage(text, ImportKind.ACTIVITY)
    assert result.reading.profile == "ga4-users"
    found = [(row["client_external_id"], row["visits"], row["seconds_on_site"]) for row in result.good]
    assert found == [("a@x.io", 3, 240), ("cus_A", 1, 60)]


def test_an_export_of_another_kind_is_refused_with_its_name(stage: Stage) -> None:
    with pytest.raises(FileUnreadable, match="it looks like Shopify orders; import it as orders"):
        stage(SHOPIFY, ImportKind.CLIENTS)
    chosen = {"client_id": "Email", "email": "Email"}
    assert len(stage(SHOPIFY, ImportKind.CLIENTS, mapping=chosen).good) == 3


@pytest.mark.parametrize("kind", list(ImportKind))
def test_answers_to_a_campaign_are_no_data_of_ours(stage: Stage, kind: ImportKind) -> None:
    with pytest.raises(ColumnsMissing) as refused:
        stage("customer_id,response\nCS1112,0\nCS1113,1\n", kind)
    assert (
        refused.value.missing
        == {
            ImportKind.ORDERS: ("ordered_at", "amount"),
            ImportKind.CLIENTS: ("email",),
            ImportKind.ACTIVITY: ("day", "visits"),
        }[kind]
    )


def test_a_table_of_nobodys_ids_is_refused(stage: Stage) -> None:
    header = "recency,history,mens,womens,newbie,channel,segment,visit,conversion,spend"
    text = header + "\n10,142.44,1,0,0,Web,No,0,0,0\n"
    for kind in ImportKind:
        with pytest.raises(ColumnsMissing, match="client_id"):
            stage(text, kind)


def test_a_choice_that_the_file_cannot_serve_names_what_is_missing(stage: Stage) -> None:
    with pytest.raises(InvalidValue, match="--map tax=COLUMN"):
        stage(MAGENTO, amount="net")
    with pytest.raises(InvalidValue, match="neither gross nor net"):
        stage(MAGENTO, amount="both")
    with pytest.raises(InvalidValue, match="is not a known export"):
        stage(MAGENTO, profile="magneto")
    with pytest.raises(InvalidValue, match="is an export of clients, not of orders"):
        stage(MAGENTO, profile="shopify-customers")


def test_a_recognised_export_can_be_read_as_any_other_file(stage: Stage) -> None:
    result = stage(SHOPIFY, profile="none", mapping={"order_id": "Name", "client_id": "Email"}, lines=False)
    assert result.reading.profile is None
    assert "status" not in result.reading.mapping


def test_texts_that_an_export_of_ours_guards_come_back_as_they_were(stage: Stage) -> None:
    header = "order_id,source,client_id,ordered_at,amount,currency,kind\n"
    result = stage(
        header + "'=1+1,default,'+48600,2026-01-02,-5.00,PLN,refund\n'7,default,'x,2026-01-02,5.00,PLN,sale\n"
    )
    assert brief(result) == [("=1+1", "+48600", -500, "refund", None), ("'7", "'x", 500, "sale", None)]


def test_every_profile_maps_to_fields_that_there_are() -> None:
    for profile in PROFILES:
        assert set(profile.fields) <= set(SYNONYMS[profile.kind]), profile.name
        columns = [*profile.header, *(names[0] for names in profile.fields.values())]
        assert set(mapped(profile, columns, net=False)) == set(profile.fields), profile.name


def test_what_an_export_of_ours_converted_stays_converted(stage: Stage) -> None:
    header = "order_id,source,client_id,ordered_at,amount,currency,kind,cancels"
    header += ",original_amount,original_currency\n"
    rows = "1,default,a,2026-01-02,-152.24,PLN,refund,,-35.82,EUR\n2,default,a,2026-01-02,5.00,PLN,sale,,,\n"
    found = stage(header + rows).good
    assert [(row["amount"], row["currency"], row["original_amount"]) for row in found] == [
        (-15224, "EUR", -3582),
        (500, None, None),
    ]


def test_stripe_invoices_count_what_was_paid_for_them(stage: Stage) -> None:
    text = (
        "id,Amount Due,Amount Paid,Billing,Customer,Customer Email,Date (UTC),Paid At (UTC),Number,Status,"
        "Currency,Subtotal,Tax,Total\n"
        "in_1,12.30,12.30,x,cus_A,a@x.io,2026-01-15 10:00:00,2026-01-16 10:00:00,A-1,paid,pln,10,2.30,12.30\n"
        "in_2,12.30,0.00,charge,cus_A,a@x.io,2026-01-15 10:00:00,,A-2,open,pln,10,2.30,12.30\n"
    )
    result = stage(text, amount="net")
    assert result.reading.profile == "stripe-invoices"
    assert brief(result) == [("in_1", "cus_A", 1000, "sale", None)]
    assert (result.good[0]["ordered_day"], result.codes) == (20469, [(2, "status", "no_sale")])


def test_prestashops_list_needs_to_be_told_who_bought(stage: Stage) -> None:
    text = (
        '"ID";"Reference";"New client";"Delivery";"Customer";"Total";"Payment";"Status";"Date"\n'
        '5;"KHWLILZLL";1;"PL";"J. Doe";"20,90 zł";"Bank wire";"Payment accepted";"2026-04-01 10:00:00"\n'
        '4;"FFATNOMMJ";0;"PL";"J. Doe";"14,90 zł";"Check";"Awaiting cheque payment";"2026-04-02 10:00:00"\n'
    )
    with pytest.raises(ColumnsMissing, match="no column found for client_id"):
        stage(text)
    result = stage(text, mapping={"client_id": "Customer"})
    assert brief(result) == [("5", "J. Doe", 2090, "sale", None)]
    assert result.codes == [(2, "status", "no_sale")]


@pytest.mark.parametrize(
    ("status", "is_sale"),
    [
        ("Zapłacone", True),
        ("Oczekuje na wysyłkę", True),
        ("Oczekuje na płatność", False),
        ("Nieopłacone", False),
        ("ANULOWANE", False),
        ("Błąd płatności", False),
        ("wc-cancelled", False),
        ("Payment Review", False),
        ("On Hold", False),
        ("Opened and packed", True),
        ("", True),
    ],
)
def test_words_for_no_sale_are_known_in_two_languages(stage: Stage, status: str, is_sale: bool) -> None:
    text = f"order_id,client_id,ordered_at,amount,stan\n1,a,2026-01-02,5,{status}\n2,a,2026-01-02,5,paid\n"
    assert len(stage(text, mapping={"status": "stan"}).good) == 1 + is_sale
