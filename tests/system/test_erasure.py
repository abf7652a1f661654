"""An erased client is in no table and no file any more, and does not come back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.commands import Salesml
from tests.support.contents import connect

from salesml.db.tables.base import Row

DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
SECRETS = ("ANNA-00417", "anna.tajemnicza@sekret.example", "Tajemnicza", "Skrytosława", "ZAM-ANNY-1")
ORDERS = """order_id,client_id,ordered_at,amount
ZAM-ANNY-1,ANNA-00417,2026-01-05,100.00
ZAM-ANNY-2,ANNA-00417,2026-02-05,50.00
9,OTHER-1,2026-01-06,10.00
ZAM-ANNY-3,ANNA-00417,broken,50.00
10,OTHER-1,broken,1.00
"""
CLIENTS = """client_id,first_name,last_name,email,registered_at
ANNA-00417,Skrytosława,Tajemnicza,anna.tajemnicza@sekret.example,2025-01-01
OTHER-1,Jan,Kowalski,jan@kowalski.example,2025-01-01
,Skrytosława,TAJEMNICZA,x@y.example,2025-01-01
OTHER-2,Ewa,Nowak,ewa@nowak.example,not a day
ANNA-00417,Skrytosława,Tajemnicza,Anna.Tajemnicza@SEKRET.example,not a day
"""
ACTIVITY = "client_id,day,visits\nANNA-00417,2026-01-05,3\nOTHER-1,2026-01-05,1\nANNA-00417,2026-01-06,many\n"


@pytest.fixture
def shop(salesml: Salesml) -> Salesml:
    """Two clients, one of them to be erased, and everything that their files left behind."""
    bring(salesml)
    salesml.good("import", "orders", write(salesml, "orders", ORDERS.replace("100.00", "101.00")), "--yes")
    return salesml


def write(salesml: Salesml, kind: str, content: str) -> Path:
    path = salesml.folder / f"{kind}.csv"
    path.write_text(content)
    return path


def bring(salesml: Salesml) -> None:
    for kind, content in {"clients": CLIENTS, "orders": ORDERS, "activity": ACTIVITY}.items():
        salesml.good("import", kind, write(salesml, kind, content), "--yes")


def traces(salesml: Salesml) -> Iterator[str]:
    """Where a secret stands, whatever the case of its letters: tables first, then every file."""
    known = re.compile("|".join(map(re.escape, SECRETS)), re.IGNORECASE)
    with connect(salesml) as connection:
        for table in Row.metadata.sorted_tables:
            for row in connection.execute(text(f"SELECT * FROM {table.name}")):
                if known.search(" ".join(map(str, row))):
                    yield f"{table.name}: {row}"
    for path in sorted((salesml.folder / "data").rglob("*")):
        if path.is_file() and any(_is_in(secret, path.read_bytes()) for secret in SECRETS):
            yield str(path)


def _is_in(secret: str, content: bytes) -> bool:
    # A file's text may be in any case, and bytes.lower() knows ASCII letters only.
    return any(form.encode().lower() in content.lower() for form in (secret, secret.lower(), secret.upper()))


@DATABASES
def test_nothing_of_an_erased_client_is_left_in_any_table_or_file(shop: Salesml) -> None:
    before = list(traces(shop))
    found = {one.partition(":")[0] for one in before}
    assert {"clients", "client_ids", "orders", "import_rejects"} <= found, before
    erased = shop.good("clients", "erase", "ANNA-00417", "--yes", "--json").json
    assert (erased["clients"], erased["orders"], erased["activity"]) == (1, 2, 1)
    assert list(traces(shop)) == []
    with connect(shop) as connection:
        left = connection.execute(text("SELECT email FROM clients")).scalars().all()
        rejects = connection.execute(text("SELECT record FROM import_rejects WHERE record IS NOT NULL")).all()
    assert left == ["jan@kowalski.example"]
    assert any("OTHER-1" in row[0] for row in rejects)


@DATABASES
def test_the_same_files_do_not_bring_an_erased_client_back(shop: Salesml) -> None:
    shop.good("clients", "erase", "ANNA-00417", "--yes")
    for kind, content in {"clients": CLIENTS, "orders": ORDERS, "activity": ACTIVITY}.items():
        # Another column makes it another file, or nothing would be read again.
        lines = [line for line in content.splitlines() if "TAJEMNICZA" not in line]
        again = "\n".join([f"{lines[0]},note", *(f"{line},again" for line in lines[1:])])
        shop.good("import", kind, write(shop, kind, again), "--yes", "--json")
    assert list(traces(shop)) == []
    assert shop.good("clients", "data", "OTHER-1").json["orders"]
    with connect(shop) as connection:
        told = connection.execute(text("SELECT DISTINCT reason FROM import_rejects")).scalars().all()
    assert "of a client who was erased" in told


def test_erasing_twice_or_somebody_unknown_is_refused_in_words(shop: Salesml) -> None:
    shop.good("clients", "erase", "ANNA-00417", "--yes")
    ended = shop("clients", "erase", "ANNA-00417", "--yes")
    assert (ended.status, ended.err) == (1, "salesml: source default has no client ANNA-00417\n")


def test_everything_known_of_a_client_is_told_as_one_document(shop: Salesml) -> None:
    told = shop.good("clients", "data", "ANNA-00417").json
    assert told["client"]["email"] == "anna.tajemnicza@sekret.example"
    assert [(one["order_id"], one["amount"], one["ordered_day"]) for one in told["orders"]] == [
        ("ZAM-ANNY-1", 100.0, "2026-01-05"),
        ("ZAM-ANNY-2", 50.0, "2026-02-05"),
    ]
    assert told["activity"][0] | {} == told["activity"][0]
    assert told["external_ids"] == [{"source": "default", "external_id": "ANNA-00417"}]
    assert len(told["rejected_rows"]) >= 3
    assert "OTHER-1" not in str(told)
    out = shop.folder / "anna.json"
    shop.good("clients", "data", "ANNA-00417", "--out", out)
    assert "ZAM-ANNY-2" in out.read_text()
