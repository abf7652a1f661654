"""Files as they come, by the command line: raw real ones where they are at hand, several, and folders."""

import gzip
import re
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from tests.support.commands import Salesml

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"no public order logs in {DATA}")
HEADER = "order_id,client_id,ordered_at,amount\n"
CDNOW = ("--map", "client_id=column 2", "--map", "ordered_at=column 3", "--map", "amount=column 5")
RAW = [
    ("GBP", "online_retail/raw_OnlineRetail_sample.csv", (), (9_840, 541, 2), (541, 122, 197_833.20)),
    ("GBP", "online_retail/raw_Online Retail_sample.xlsx", (), (5_000, 284, 2), (284, 81, 101_997.82)),
    ("USD", "cdnow/raw_CDNOW_sample.txt", CDNOW, (6_919, 6_919, 0), (6_919, 2_357, 244_091.94)),
    (
        "USD",
        "cdnow/raw_CDNOW_master_head3000.txt",
        ("--map", "amount=dollar_value"),
        (3_000, 3_000, 0),
        (3_000, 885, 109_770.13),
    ),
    (
        "PLN",
        "retail_response/raw_Retail_Data_Transactions_head3000.csv",
        (),
        (3_000, 3_000, 0),
        (3_000, 2_239, 209_017.0),
    ),
]


def in_currency(salesml: Salesml, code: str) -> Salesml:
    command = Salesml(
        salesml.folder, {**salesml.environment, "SALESML_CURRENCY": code}, salesml.monkeypatch, salesml.capsys
    )
    command.good("migrate")
    return command


@needs_data
@pytest.mark.parametrize(
    ("currency", "name", "options", "counted", "stored"), RAW, ids=lambda value: str(value)[:40]
)
def test_raw_files_give_the_totals_counted_by_hand(
    salesml: Salesml,
    currency: str,
    name: str,
    options: tuple[str, ...],
    counted: tuple[int, ...],
    stored: tuple[float, ...],
) -> None:
    command = in_currency(salesml, currency)
    for repeat in (False, True):
        result = command.good("import", "orders", DATA / name, *options, "--yes", "--json").json
        assert tuple(result["stored"].values()) == stored
        if not repeat:
            assert (result["rows"], result["accepted"], result["guests"]) == counted
            assert result["rejected"] == 0


@needs_data
def test_dates_with_months_in_words_give_the_same(salesml: Salesml, tmp_path: Path) -> None:
    raw = (DATA / "retail_response" / "raw_Retail_Data_Transactions_head3000.csv").read_text()

    def worded(found: re.Match[str]) -> str:
        return datetime.strptime(found[0], "%m/%d/%Y").strftime("%d-%b-%y")  # noqa: DTZ007 - a day alone

    text = re.sub(r"\d+/\d+/\d{4}", worded, raw)
    assert "-Jan-" in text
    (tmp_path / "words.csv").write_text(text)
    (tmp_path / "numbers.csv").write_text(raw)
    for name in ("numbers", "words"):
        salesml.good("import", "orders", tmp_path / f"{name}.csv", "--source", name)
    stored = salesml.good("import", "orders", tmp_path / "words.csv", "--source", "words", "--json").json[
        "stored"
    ]
    assert stored == {"orders": 6_000, "clients": 4_478, "net": 418_034.0}


@needs_data
@pytest.mark.parametrize("kind", ["orders", "clients", "activity"])
@pytest.mark.parametrize(
    "name", ["hillstrom/raw_hillstrom_head2000.csv", "retail_response/raw_Retail_Data_Response.csv"]
)
def test_what_is_neither_orders_nor_clients_nor_activity_is_refused(
    salesml: Salesml, kind: str, name: str
) -> None:
    ended = salesml("import", kind, DATA / name, "--yes")
    assert ended.status == 1
    assert f"not a file of {kind}: no column found for " in ended.err


def test_several_files_and_folders_are_imports_of_their_own_with_one_summary(
    salesml: Salesml, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "b.csv.gz").write_bytes(gzip.compress(f"{HEADER}3,c,2026-01-04,7\n".encode()))
    (folder / "a.csv").write_text(f"{HEADER}2,b,2026-01-03,6\n")
    (folder / "notes.doc").write_text("not ours")
    (folder / "deeper").mkdir()
    single = tmp_path / "first.jsonl"
    single.write_text('{"order_id": 1, "client_id": "a", "ordered_at": "2026-01-02", "amount": 5}\n')
    result = salesml.good("import", "orders", single, folder, "--json").json
    assert [(each["file"], each["accepted"]) for each in result["imports"]] == [
        ("first.jsonl", 1),
        ("a.csv", 1),
        ("b.csv.gz", 1),
    ]
    assert [each["import_id"] for each in result["imports"]] == [1, 2, 3]
    assert result["stored"] == {"orders": 3, "clients": 3, "net": 18.0}
    said = salesml.good("import", "orders", single, folder).out
    assert said.count("stored now: 3 orders") == 1


def test_nothing_is_imported_when_one_file_cannot_be_read(salesml: Salesml, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(f"{HEADER}1,a,2026-01-02,5\n")
    bad.write_text("just some words\nand more of them\n")
    ended = salesml("import", "orders", good, bad)
    assert (ended.status, "bad.csv" in ended.err) == (1, True)
    bad.write_text(f"{HEADER}1,a,2026-01-02,5\n")
    assert salesml.good("import", "orders", bad, "--json").json["import_id"] == 1


def test_a_file_without_a_good_row_does_not_keep_the_others(salesml: Salesml, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in "abc"]
    for path, amount in zip(paths, ("5", "none", "7"), strict=True):
        path.write_text(f"{HEADER}{path.name},a,2026-01-02,{amount}\n")
    ended = salesml("import", "orders", *paths)
    assert ended.status == 1
    assert "salesml: b.csv: " in ended.err
    assert "stored now: 2 orders" in ended.out


def test_a_folder_without_files_says_what_is_read(salesml: Salesml, tmp_path: Path) -> None:
    ended = salesml("import", "orders", tmp_path)
    assert ended.status == 1
    assert ".xlsx" in ended.err


def test_where_two_readings_are_possible_the_option_settles_it(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("client_id;ordered_at;amount\na;2026-01-02;1,234\n")
    ended = salesml("import", "orders", path, "--yes")
    assert (ended.status, "--decimal comma" in ended.err) == (1, True)
    result = salesml.good("import", "orders", path, "--decimal", "comma", "--json").json
    assert result["stored"]["net"] == 1.23


def test_refused_rows_are_stored_whole(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(f'{HEADER}1,"a, b",2026-01-02,5\n2,"c, ""d""",soon,6\n')
    salesml.good("import", "orders", path)
    with sqlite3.connect(salesml.folder / "data" / "salesml.db") as connection:
        records = connection.execute("SELECT record FROM import_rejects").fetchall()
    assert records == [('2,"c, ""d""",soon,6',)]
