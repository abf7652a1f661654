"""Previews, reports and undoing by the command line, and an undoing that is killed."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from tests.support.commands import Salesml
from tests.support.contents import a_file_of_orders, connect, stored
from tests.system.test_kill import BOTH, kill_when

from salesml.jobs import removal

HEAD = "order_id,client_id,ordered_at,amount\n"
FIRST = HEAD + "1,A,2026-01-02,10.00\n2,B,2026-01-03,20.00\n"
SECOND = HEAD + "2,B,2026-01-03,25.00\n3,C,2026-01-04,5.00\n4,C,never,5.00\n"
LEDGER = """
SELECT o.order_id, i.external_id, o.ordered_at, o.amount
FROM orders AS o LEFT JOIN client_ids AS i ON i.id = o.identity_id ORDER BY o.order_id
"""
PEOPLE = """
SELECT i.external_id, c.search_key
FROM client_ids AS i JOIN clients AS c ON c.id = i.client_id ORDER BY i.external_id
"""
BROUGHT = "order_imports WHERE import_id = 2"
SHOWN = (LEDGER, PEOPLE, "SELECT count(*) FROM clients")
IN_SMALL_STEPS = "import salesml.jobs.removal as r; r.CHUNK = 200; from salesml.cli.main import run; run()"


def shown(salesml: Salesml) -> list[list[tuple[Any, ...]]]:
    with connect(salesml) as connection:
        return [[tuple(row) for row in connection.execute(text(sql))] for sql in SHOWN]


def brought(salesml: Salesml) -> int:
    """Orders that import 2 has brought, as far as that is not undone."""
    with connect(salesml) as connection:
        return stored(connection, BROUGHT)


def has_less(rows: int, connection: Connection) -> bool:
    """Whether import 2 has fewer orders left."""
    return stored(connection, BROUGHT) < rows


def write(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


@BOTH
def test_an_import_is_undone_by_a_command(salesml: Salesml, tmp_path: Path) -> None:
    salesml.good("import", "orders", write(tmp_path / "first.csv", FIRST))
    before = shown(salesml)
    salesml.good("import", "orders", write(tmp_path / "second.csv", SECOND), "--update")
    assert shown(salesml) != before
    assert salesml.good("imports", "undo", "2", "--json").json == {"import_id": 2, "undone": True}
    assert shown(salesml) == before
    states = [each["state"] for each in salesml.good("imports", "list", "--json").json]
    assert states == ["undone", "published"]
    again = salesml.good("imports", "undo", "2").out
    assert "second.csv is undone" in again
    assert salesml("imports", "undo", "9").err == "salesml: import 9 does not exist\n"


def test_past_imports_and_the_data_are_described_by_commands(salesml: Salesml, tmp_path: Path) -> None:
    salesml.good("import", "orders", write(tmp_path / "second.csv", SECOND))
    one = salesml.good("imports", "show", "1", "--json").json
    assert (one["counts"]["accepted"], one["reasons"]) == (2, {"not_a_date": 1})
    assert one["report"]["ledger"]["net"] == 30.0
    assert "set aside: not_a_date 1" in salesml.good("imports", "show", "1").out
    report = salesml.good("report", "--json").json
    assert (report["orders"]["net"], report["orders"]["clients"]) == (30.0, 2)
    told = salesml.good("report").out
    assert "orders: 2 of 2 clients, net 30.00 PLN" in told
    assert "training needs 90 days" in told


def test_a_preview_counts_what_would_happen(salesml: Salesml, tmp_path: Path) -> None:
    salesml.good("import", "orders", write(tmp_path / "first.csv", FIRST))
    before = shown(salesml)
    second = write(tmp_path / "second.csv", SECOND)
    seen = salesml.good("import", "orders", second, "--preview", "--json").json
    assert shown(salesml) == before
    assert seen["reasons"] == {"conflict": 1, "not_a_date": 1}
    assert (seen["counts"]["accepted"], seen["counts"]["net"], seen["net_conflicts"]) == (1, 5.0, 25.0)
    said = salesml.good("import", "orders", second, "--preview").out
    assert "an import now would do: 1 added, 1 new clients, net 5.00 PLN" in said
    assert "set aside: 2 rows (conflict 1, not_a_date 1)" in said
    assert not list((salesml.folder / "data" / "staging").iterdir())


@BOTH
def test_an_undoing_that_is_killed_goes_on_to_its_end(
    salesml: Salesml, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    salesml.good("import", "orders", write(tmp_path / "first.csv", FIRST))
    before = shown(salesml)
    salesml.good("import", "orders", a_file_of_orders(tmp_path / "many.csv", 12_000), "--source", "other")
    for _ in range(3):
        left = brought(salesml)
        begun = partial(has_less, left)
        kill_when(salesml, begun, "imports", "undo", "2", "--yes", code=IN_SMALL_STEPS)
        assert 0 < brought(salesml) < left
    monkeypatch.setattr(removal, "CHUNK", 200)
    salesml.good("imports", "undo", "2", "--yes")
    assert shown(salesml) == before
    assert [each["state"] for each in salesml.good("imports", "list", "--json").json] == [
        "undone",
        "published",
    ]
