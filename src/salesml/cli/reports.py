"""`salesml report`: what the stored data is like, and what can be done with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from salesml.api.schemas.reports import DataReportOut
from salesml.cli.output import Column, Json, print_json, print_line, print_table
from salesml.core.days import date_of
from salesml.core.ledgers import LedgerReport
from salesml.core.money import Currency
from salesml.core.reports import DataReport, FileReport
from salesml.services import data_reports
from salesml.settings import load_settings
from salesml.wiring import open_app

_SHOWN = 5


def report(as_json: Annotated[bool, Json] = False) -> None:
    """Show what the stored data is like: sums, span, gaps, guests, refunds, cancelled orders, outliers; and
    which features and models are possible with it, or what exactly is missing for them.

    The JSON document is the one that `GET /api/v1/data/report` answers.
    """
    with open_app(load_settings()) as app:
        found, currency = data_reports.data_report_here(app.tx, app.resources, datetime.now(UTC), anew=True)
    if as_json:
        print_json(DataReportOut.of(found, currency).model_dump(mode="json"))
        return
    _show(found, currency)


def _show(found: DataReport, currency: Currency) -> None:
    for line in ledger_lines(found.ledger, currency):
        print_line(line)
    for each in found.currencies:
        print_line(f"in {each.currency}: {each.orders:,} orders")
    people = found.clients
    print_line(
        f"clients: {people.clients:,}, {people.with_email:,} with an e-mail address, "
        f"{people.with_registration:,} with a day of registration"
    )
    for known in found.activity.coverage:
        print_line(f"{known.metric}: known from {date_of(known.first_day)} to {date_of(known.last_day)}")
    states = [Column(title="what"), Column(title="possible"), Column(title="what is missing")]
    told = [(each.name, each.reason) for each in found.claims]
    told += [(each.name, each.reason) for each in found.features]
    rows = [[name, "no" if reason else "yes", reason or ""] for name, reason in told]
    print_table("Models and features", states, rows)
    print_line(f"past dates that a back-test can judge: {found.backtests}")


def refused_lines(file: FileReport, own: Currency) -> Iterator[str]:
    """The money of rows that were set aside while a file was read."""
    for each in file.refused:
        currency = own if each.currency is None else Currency(each.currency)
        yield f"set aside in reading: {currency.to_major(each.amount):,} {currency.code} ({each.rows:,} rows)"
    if file.unreadable:
        yield f"set aside without an amount that can be read: {file.unreadable:,} rows"


def ledger_lines(ledger: LedgerReport, currency: Currency) -> Iterator[str]:
    """A ledger in a few lines."""

    def money(minor: int) -> str:
        return f"{currency.to_major(minor):,} {currency.code}"

    yield f"orders: {ledger.orders:,} of {ledger.clients:,} clients, net {money(ledger.net)}"
    if ledger.first_day is None or ledger.last_day is None:
        return
    yield (
        f"days: {date_of(ledger.first_day)} to {date_of(ledger.last_day)}, "
        f"{ledger.days_with_orders:,} of them with orders, gaps of more than a week: {ledger.gap_count}"
    )
    for gap in ledger.gaps[:_SHOWN]:
        yield f"  no order from {date_of(gap.first_day)} to {date_of(gap.last_day)} ({gap.days} days)"
    for each in ledger.kinds:
        yield f"{each.kind}: {each.orders:,}, {money(each.amount)}"
    share = "" if ledger.guests_share is None else f" ({ledger.guests_share:.1%} of net)"
    yield f"guests: {ledger.guests:,} orders, {money(ledger.guests_net)}{share}"
    yield f"of amount zero: {ledger.zero_orders:,}; equal to another order: {ledger.repeats:,}"
    yield f"cancelled in full: {ledger.void_count:,} pairs, {money(ledger.void_sum)}"
    for pair in ledger.voids[:_SHOWN]:
        yield f"  {pair.sale} by {pair.cancellation}, {money(pair.amount)}, {date_of(pair.day)}"
    yield f"far above the median sale: {ledger.outlier_count:,}"
    for sale in ledger.outliers[:_SHOWN]:
        yield f"  {sale.order_id}, {money(sale.amount)}, {sale.medians:,} medians, {date_of(sale.day)}"
