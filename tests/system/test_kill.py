"""kill -9 in the middle of long work: nothing half-done is seen, and running it again gives the same."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.support.commands import RUN, Salesml
from tests.support.contents import (
    IMPORTING_SLOWLY,
    SCORING_SLOWLY,
    a_file_of_orders,
    connect,
    content,
    has_more,
    stored,
    undisturbed,
    versions,
)
from tests.support.shops import small_shop
from tests.support.workers import settings_of

from salesml.services import orders
from salesml.wiring import open_app

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
PATIENCE_S = 120


def kill_when(
    salesml: Salesml, reached: Callable[[Connection], bool], *arguments: object, code: str = IMPORTING_SLOWLY
) -> None:
    """Start a command and kill -9 it as soon as the database shows that it has come so far."""
    process = salesml.start(*arguments, code=code)
    until = time.monotonic() + PATIENCE_S
    try:
        with connect(salesml) as connection:
            while time.monotonic() < until:
                assert process.poll() is None, ("it ended before it was killed", process.communicate())
                if reached(connection):
                    return
                time.sleep(0.01)
        raise AssertionError("it never came so far")
    finally:
        process.kill()
        process.communicate()


@BOTH
def test_an_import_that_was_killed_is_invisible_and_goes_on(salesml: Salesml, tmp_path: Path) -> None:
    first = a_file_of_orders(tmp_path / "first.csv", 200)
    rest = a_file_of_orders(tmp_path / "rest.csv", 12_000)
    salesml.good("import", "orders", first)
    for wanted in sorted(random.sample(range(1_000, 8_000), 2)):
        kill_when(salesml, has_more("orders", wanted), "import", "orders", rest)
        assert visible(salesml) == 199
    finished = salesml.good("import", "orders", rest, "--json").json
    assert finished["stored"]["orders"] == 12_000 - 13
    assert content(salesml) == content(undisturbed(salesml, tmp_path, [("orders", first), ("orders", rest)]))


def visible(salesml: Salesml) -> int:
    """Orders that a reader of the product sees now."""
    with open_app(settings_of(salesml.environment)) as app:
        return app.tx.read(orders.totals)[0]


@BOTH
def test_a_killed_import_of_another_file_is_finished_first(salesml: Salesml, tmp_path: Path) -> None:
    shop = small_shop(tmp_path / "shop", clients=400, months=9)
    salesml.good("import", "clients", shop["clients"])
    kill_when(salesml, has_more("activity", 2_000), "import", "activity", shop["activity"])
    salesml.good("import", "orders", shop["orders"])
    files = [("clients", shop["clients"]), ("activity", shop["activity"]), ("orders", shop["orders"])]
    assert content(salesml) == content(undisturbed(salesml, tmp_path, files))


@BOTH
def test_an_import_that_was_killed_keeping_refused_orders_whole_keeps_each_line_once(
    salesml: Salesml, tmp_path: Path
) -> None:
    """Orders of three lines contradict stored ones; no chunk of whole rows ends where an order does."""
    first = a_file_of_line_items(tmp_path / "first.csv", range(1_200), price=10)
    other = a_file_of_line_items(tmp_path / "other.csv", range(200, 1_400), price=11)
    salesml.good("import", "orders", first)
    for wanted in sorted(random.sample(range(50, 900), 2)):
        kill_when(
            salesml, has_more("import_rejects WHERE record IS NOT NULL", wanted), "import", "orders", other
        )
        assert visible(salesml) == 1_200
    finished = salesml.good("import", "orders", other, "--json").json
    assert (finished["accepted"], finished["reasons"]) == (200, {"conflict": 1_000})
    found = refused(salesml)
    assert found == refused(undisturbed(salesml, tmp_path, [("orders", first), ("orders", other)]))
    assert [str(record).count("\n") for *_, record in found] == [2] * 1_000


def a_file_of_line_items(path: Path, orders: range, *, price: int) -> Path:
    """Orders of three lines each, scattered over the file."""
    lines = [
        f"{number},C{number % 97},2026-01-1{number % 10},{quantity},{price}.00"
        for quantity in (1, 2, 3)
        for number in orders
    ]
    path.write_text("\n".join(["order_id,client_id,ordered_at,quantity,unit_price", *lines, ""]))
    return path


def refused(salesml: Salesml) -> list[tuple[object, ...]]:
    """Every refused row, with the lines of the file that are kept of it."""
    with connect(salesml) as connection:
        found = connection.execute(
            text(
                "SELECT import_id, row, field, code, raw, record FROM import_rejects ORDER BY import_id, row"
            )
        )
        return [tuple(row) for row in found]


@BOTH
def test_a_training_that_was_killed_leaves_nothing_and_its_repeat_is_the_same(
    salesml: Salesml, tmp_path: Path
) -> None:
    shop = small_shop(tmp_path / "shop", clients=400, months=9)
    for kind, path in shop.items():
        salesml.good("import", kind, path)
    models = salesml.folder / "data" / "models"
    kill_when(salesml, lambda _: any(models.glob("*.joblib")), "train", code=RUN)
    assert versions(salesml) == []
    salesml.good("train")
    first = versions(salesml)
    salesml.good("train")
    assert [each[1:] for each in versions(salesml)[4:]] == [each[1:] for each in first]
    assert len({each[0] for each in first}) == 4
    files = {path.name for path in models.glob("*")}
    with connect(salesml) as connection:
        needed = {row[0] for row in connection.execute(text("SELECT file_name FROM model_versions"))}
    assert files == needed


def test_a_scoring_that_was_killed_is_invisible_and_its_repeat_is_the_same(
    salesml: Salesml, tmp_path: Path
) -> None:
    shop = small_shop(tmp_path / "shop", clients=3_000, months=6)
    salesml.good("import", "orders", shop["orders"])
    salesml.good("train")
    kill_when(salesml, has_more("sales_predictions", 0), "score", code=SCORING_SLOWLY)
    with connect(salesml) as connection:
        assert stored(connection, "scoring_runs WHERE state = 'published'") == 0
    salesml.good("score", "--out", tmp_path / "again.csv")
    salesml.good("score", "--out", tmp_path / "peace.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "peace.csv").read_bytes()
