"""Saved mappings: one specification, both databases."""

from datetime import UTC, datetime

import pytest

from salesml.core.errors import InvalidValue, NotFound
from salesml.core.files import FileReading, ReadingOptions
from salesml.core.imports import ImportKind
from salesml.db.transactions import SqlTransactions
from salesml.services import mappings

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
OPTIONS = ReadingOptions(mapping={"client_id": "Kto", "amount": "Ile"}, date_format="dmy", lines=False)


def put(tx: SqlTransactions, name: str = "sklep", options: ReadingOptions = OPTIONS) -> None:
    tx.run(mappings.put, name, ImportKind.ORDERS, options, actor="ann", now=NOW)


def test_a_mapping_is_kept_replaced_listed_and_removed(tx: SqlTransactions) -> None:
    put(tx, "b")
    put(tx, "a")
    put(tx, "b", ReadingOptions(amount="net"))
    assert [each.name for each in tx.read(mappings.list_mappings)] == ["a", "b"]
    found = tx.read(mappings.get, "b")
    assert (found.options, found.kind, found.created_by) == (
        ReadingOptions(amount="net"),
        ImportKind.ORDERS,
        "ann",
    )
    assert tx.read(mappings.get, "a").options == OPTIONS
    tx.run(mappings.delete, "b", actor="ann", now=NOW)
    with pytest.raises(NotFound):
        tx.read(mappings.get, "b")
    with pytest.raises(NotFound):
        tx.run(mappings.delete, "b", actor="ann", now=NOW)


def test_what_is_chosen_now_counts_more_than_what_was_kept(tx: SqlTransactions) -> None:
    put(tx)
    chosen = ReadingOptions(mapping={"amount": "Kwota"}, date_format="iso", max_bytes=7)
    found = tx.read(mappings.applied, "sklep", ImportKind.ORDERS, chosen)
    assert found == ReadingOptions(
        mapping={"client_id": "Kto", "amount": "Kwota"}, date_format="iso", lines=False, max_bytes=7
    )


def test_a_mapping_of_another_kind_is_refused(tx: SqlTransactions) -> None:
    put(tx)
    with pytest.raises(InvalidValue, match="a mapping of orders, not of clients"):
        tx.read(mappings.applied, "sklep", ImportKind.CLIENTS, ReadingOptions())


@pytest.mark.parametrize("name", ["", " a", "a/b", "a" * 65, "<b>"])
def test_a_name_is_a_plain_one(tx: SqlTransactions, name: str) -> None:
    with pytest.raises(InvalidValue):
        put(tx, name)


def test_what_is_kept_of_a_file_leaves_nothing_to_guess() -> None:
    reading = FileReading(
        kind=ImportKind.ORDERS,
        format="csv",
        columns=("Kto", "Ile"),
        mapping={"client_id": "Kto", "amount": "Ile"},
        date_format="dmy",
        decimal="comma",
    )
    kept = mappings.settled(reading, ReadingOptions())
    assert (kept.mapping, kept.date_format, kept.decimal, kept.lines) == (
        reading.mapping,
        "dmy",
        "comma",
        False,
    )
    assert kept.profile == "none"
