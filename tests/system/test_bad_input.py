"""Every kind of bad input: one clear line, exit status 1, and nothing changed."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.commands import Salesml
from tests.support.shops import small_shop

HEAD = "order_id,client_id,ordered_at,amount,currency\n"
GOOD = "1,A,2026-01-02T10:00:00,10.00,PLN\n"
DATA_TABLES = ("clients", "client_ids", "orders", "order_imports", "activity", "activity_coverage")


def rows_of(salesml: Salesml) -> dict[str, int]:
    with sqlite3.connect(salesml.folder / "data" / "salesml.db") as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in DATA_TABLES
        }


@pytest.mark.parametrize(
    ("kind", "content", "says"),
    [
        ("orders", b"\x00\x01\x02\x03" * 100, "orders.csv"),
        ("orders", b"just some words\nand more of them\n", "orders.csv"),
        ("orders", b"", "is empty"),
        ("orders", (HEAD + "1,A,2026-01-02,NaN,PLN\n").encode(), "no good row"),
        ("orders", (HEAD + "1,A,2999-01-02,5.00,PLN\n").encode(), "no good row"),
        ("orders", (HEAD + "1,A,2026-01-02,5.00,EUR\n").encode(), "no good row"),
        ("orders", b"client_id,amount\nA,5\n", "no column found for ordered_at"),
        ("activity", b"client_id,day,visits\nA,2026-01-02,-3\n", "no good row"),
        ("activity", b"client_id,day\nA,2026-01-02\n", "visits"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    salesml: Salesml, tmp_path: Path, kind: str, content: bytes, says: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    before = rows_of(salesml)
    ended = salesml("import", kind, path)
    assert ended.status == 1
    assert ended.err.startswith("salesml: ")
    assert ended.err.count("\n") == 1
    assert says in ended.err
    assert rows_of(salesml) == before


def test_a_file_over_the_limit_is_refused_by_name_of_the_setting(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + GOOD * 60_000)
    small = Salesml(
        salesml.folder,
        {**salesml.environment, "SALESML_MAX_FILE_MB": "1"},
        salesml.monkeypatch,
        salesml.capsys,
    )
    ended = small("import", "orders", path)
    assert ended.status == 1
    assert "SALESML_MAX_FILE_MB" in ended.err


@pytest.mark.parametrize(
    ("bad", "field", "code"),
    [
        ("2,B,2026-01-03T10:00:00,NaN,PLN\n", "amount", "not_a_number"),
        ("2,B,2999-01-03T10:00:00,7.00,PLN\n", "ordered_at", "future"),
        ("2,B,2026-01-03T10:00:00,7.00,EUR\n", "currency", "no_rate"),
        ("2,B,yesterday,7.00,PLN\n", "ordered_at", "not_a_date"),
    ],
)
def test_a_bad_row_among_good_ones_is_set_aside_and_the_rest_kept(
    salesml: Salesml, tmp_path: Path, bad: str, field: str, code: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + GOOD + bad + GOOD.replace("1,A", "3,C"))
    ended = salesml.good("import", "orders", path)
    assert "set aside: 1 rows" in ended.out
    assert f"row 2, {field}: " in ended.out
    assert "2 orders of 2 clients, net 20.00 PLN" in ended.out
    assert salesml.good("import", "orders", path, "--json").json["reasons"] == {code: 1}


def test_a_negative_visit_count_is_set_aside_alone(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "activity.csv"
    path.write_text("client_id,day,visits\nA,2026-01-02,3\nA,2026-01-03,-1\nA,2026-01-04,2\n")
    result = salesml.good("import", "activity", path, "--json").json
    assert (result["accepted"], result["reasons"]) == (2, {"negative": 1})


def test_training_on_three_orders_says_what_is_missing(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + GOOD + GOOD.replace("1,A", "2,B") + GOOD.replace("1,A", "3,C"))
    salesml.good("import", "orders", path)
    ended = salesml("train")
    assert ended.status == 1
    assert ended.err.count("\n") == 1
    assert "days" in ended.err


def _flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [_flip_a_byte, Path.unlink])
def test_a_tampered_model_file_is_refused(
    salesml: Salesml, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    shop = small_shop(tmp_path / "shop", clients=400, months=8)
    salesml.good("import", "orders", shop["orders"])
    salesml.good("train")
    for path in (salesml.folder / "data" / "models").glob("*.joblib"):
        harm(path)
    ended = salesml("score")
    assert ended.status == 1
    assert ".joblib" in ended.err
    assert ended.err.count("\n") == 1


def test_another_currency_is_refused_once_there_are_orders(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + GOOD)
    salesml.good("import", "orders", path)
    euro = Salesml(
        salesml.folder,
        {**salesml.environment, "SALESML_CURRENCY": "EUR"},
        salesml.monkeypatch,
        salesml.capsys,
    )
    for command in (["migrate"], ["score"]):
        ended = euro(*command)
        assert (ended.status, "SALESML_CURRENCY" in ended.err) == (1, True)


def test_a_database_without_tables_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = Salesml(
        tmp_path,
        {"SALESML_DATA_DIR": str(tmp_path / "none"), "SALESML_SECRET_KEY": "x" * 40},
        monkeypatch,
        capsys,
    )
    ended = command("score")
    assert (ended.status, "run: salesml migrate" in ended.err) == (1, True)


def test_a_folder_of_another_database_is_refused(salesml: Salesml, tmp_path: Path) -> None:
    other = Salesml(
        tmp_path,
        {**salesml.environment, "SALESML_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"},
        salesml.monkeypatch,
        salesml.capsys,
    )
    ended = other("migrate")
    assert (ended.status, "belongs to another database" in ended.err) == (1, True)
