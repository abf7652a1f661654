"""From files to forecasts on the command line, on both databases."""

import csv
from pathlib import Path

import pytest
from tests.support.commands import Salesml
from tests.support.shops import small_shop

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


@BOTH
def test_files_go_in_and_forecasts_come_out(salesml: Salesml, tmp_path: Path) -> None:
    shop = small_shop(tmp_path / "shop")
    for kind, path in shop.items():
        salesml.good("import", kind, path)
    trained = salesml.good("train", "--json").json
    assert [each["champion"] for each in trained["versions"]] == [True] * 4
    scored = salesml.good("score", "--out", tmp_path / "scores.csv", "--json").json
    rows = rows_of(tmp_path / "scores.csv")
    assert len(rows) == scored["clients"] > 300
    assert ",".join(rows[0]) == (
        "client_id,source,as_of,predicted_sales,lower,upper,purchase_probability,decision"
    )
    best = max(rows, key=lambda row: float(row["predicted_sales"]))
    assert float(best["predicted_sales"]) == scored["top"][0]["predicted_sales"]
    assert all(0 <= float(row["purchase_probability"]) <= 1 for row in rows)
    assert {row["as_of"] for row in rows} == {"2026-09-30"}


def test_both_databases_give_the_same_forecasts(
    salesml: Salesml, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = small_shop(tmp_path / "shop", clients=600, months=9)
    elsewhere = Salesml(
        salesml.folder,
        {
            **salesml.environment,
            "SALESML_DATABASE_URL": postgres_url,
            "SALESML_DATA_DIR": str(tmp_path / "other"),
        },
        monkeypatch,
        salesml.capsys,
    )
    elsewhere.good("migrate")
    for name, command in (("sqlite", salesml), ("postgresql", elsewhere)):
        for kind, path in shop.items():
            command.good("import", kind, path)
        command.good("train")
        command.good("score", "--out", tmp_path / f"{name}.csv")
    assert (tmp_path / "sqlite.csv").read_bytes() == (tmp_path / "postgresql.csv").read_bytes()


def test_an_import_twice_equals_once(salesml: Salesml, tmp_path: Path) -> None:
    shop = small_shop(tmp_path / "shop", clients=100, months=4)
    first = salesml.good("import", "orders", shop["orders"], "--json").json
    again = salesml.good("import", "orders", shop["orders"], "--json").json
    assert again["stored"] == first["stored"]
    assert (again["accepted"], again["repeated"]) == (0, first["accepted"])


def test_a_differing_repeat_is_set_apart_unless_update(salesml: Salesml, tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("order_id,client_id,ordered_at,amount\n1,A,2026-01-02,10.00\n2,B,2026-01-03,20.00\n")
    new.write_text("order_id,client_id,ordered_at,amount\n1,A,2026-01-02,11.00\n2,B,2026-01-03,20.00\n")
    salesml.good("import", "orders", old)
    conflict = salesml.good("import", "orders", new, "--json").json
    assert conflict["reasons"] == {"conflict": 1}
    assert conflict["stored"]["net"] == 30.0
    updated = salesml.good("import", "orders", new, "--update", "--json").json
    assert (updated["changed"], updated["stored"]["net"]) == (1, 31.0)


def test_a_backtest_writes_what_would_have_been_forecast(salesml: Salesml, tmp_path: Path) -> None:
    shop = small_shop(tmp_path / "shop")
    salesml.good("import", "orders", shop["orders"])
    out = tmp_path / "predictions.csv"
    dates = ("--as-of", "2026-08-01", "--as-of", "2026-08-31")
    result = salesml.good("backtest", *dates, "--estimator", "kernel", "--out", out, "--json").json
    rows = rows_of(out)
    assert {row["as_of"] for row in rows} == {"2026-08-01", "2026-08-31"}
    assert [table["as_of"] for table in result["league"]] == [["2026-08-01", "2026-08-31"]] * 2
    sales = {"repeat_last_30_days", "mean_spend", "average_client"}
    baselines = {
        each["name"] for table in result["league"] for each in table["standings"] if each["is_baseline"]
    }
    assert baselines == sales | {"base_rate", "repeat_last_14_days", "by_recency"}
    served = [each for table in result["windows"] for each in table["standings"] if each["is_default"]]
    assert [each["reason"] for each in served] == [None] * 4
    kernels = [each for table in result["league"] for each in table["standings"] if each["name"] == "kernel"]
    assert [each["difference"]["interval"] is not None for each in kernels] == [True, True]


def test_a_league_table_is_printed_for_people(salesml: Salesml, tmp_path: Path) -> None:
    salesml.good("import", "orders", small_shop(tmp_path / "shop")["orders"])
    shown = salesml.good("backtest", "--as-of", "2026-08-31", "--all").out
    for text in ("sales, all dates together (2026-08-31)", "95% intervals", "serves", "best", " to "):
        assert text in shown
    refused = salesml("backtest", "--estimator", "oracle")
    assert (refused.status, "'oracle' is none of: " in refused.err) == (1, True)


def test_users_are_created_listed_and_disabled(salesml: Salesml) -> None:
    made = salesml.good("users", "create", "Ann@Example.com", "--role", "admin")
    assert "password (shown only now)" in made.out
    refused = salesml("users", "disable", "ann@example.com")
    assert (refused.status, "last administrator" in refused.err) == (1, True)
    salesml.good("users", "create", "eve@example.com", "--role", "admin")
    salesml.good("users", "disable", "ann@example.com")
    listed = salesml.good("users", "list", "--json").json
    assert [(user["email"], user["role"], user["is_active"]) for user in listed] == [
        ("ann@example.com", "admin", False),
        ("eve@example.com", "admin", True),
    ]


def test_the_preview_shows_the_reading_and_imports_nothing(salesml: Salesml, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id;client_id;ordered_at;amount\n1;A;2026-01-02;10.00\n")
    shown = salesml.good("import", "orders", path, "--preview", "--json").json
    assert (shown["separator"], shown["mapping"]["client_id"]) == (";", "client_id")
    assert salesml("score").err == (
        "salesml: there are no orders; import some first: salesml import orders FILE\n"
    )
