"""What staging leaves: keys, repeats, order, chunks, and nothing half-done."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from salesml.core.activity import Coverage
from salesml.core.days import parse_day
from salesml.core.files import ReadingOptions, ReadSoFar
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.data.reader import FileReader
from salesml.data.schemas import GOOD, REJECTED

Stage = Callable[..., Any]
Write = Callable[..., Path]
ORDERS = "order_id,client_id,ordered_at,amount\n"


def staged_by_hand(path: Path, folder: Path, progress: Callable[[ReadSoFar], None] = lambda _: None) -> Any:
    reader = FileReader()
    return reader.stage(
        path,
        reader.inspect(path, ImportKind.ORDERS, ReadingOptions()),
        file_sha256="f" * 64,
        currency=Currency("PLN"),
        zone=ZoneInfo("Europe/Warsaw"),
        last_day=parse_day("2026-06-30"),
        folder=folder,
        progress=progress,
    )


def test_an_equal_repeat_is_left_out_and_a_differing_one_set_aside(stage: Stage) -> None:
    rows = "1,a,2026-01-02,1\n1,a,2026-01-02,1.00\n1,a,2026-01-02,2\n2,,2026-01-02,1\n2,,2026-01-02,1\n"
    result = stage(ORDERS + rows)
    assert [each["row"] for each in result.good] == [1, 4]
    assert result.staged.repeated == 2
    assert result.codes == [(3, "order_id", "conflict")]
    assert result.rejected[0]["reason"].startswith("was given before with other values, in row 1")


def test_orders_without_a_number_all_count_under_the_file_and_row(stage: Stage) -> None:
    row = "a,2026-01-02,1\n"
    result = stage("client_id,ordered_at,amount\n" + row * 3)
    assert [each["order_id"] for each in result.good] == [f"file:0123456789abcdef:{n}" for n in (1, 2, 3)]
    mixed = stage(ORDERS + "1," + row + "," + row + "," + row)
    assert [each["order_id"] for each in mixed.good] == ["1", *(f"file:0123456789abcdef:{n}" for n in (2, 3))]


def test_kinds_follow_the_sign_unless_they_are_given(stage: Stage) -> None:
    given = (("1", ""), ("-1", ""), ("0", ""), ("-1", "Refund"), ("-1", "adjustment"))
    rows = "".join(f"{n},a,2026-01-02,{amount},{kind}\n" for n, (amount, kind) in enumerate(given))
    result = stage(ORDERS.replace("\n", ",kind\n") + rows)
    kinds = [each["kind"] for each in result.good]
    assert kinds == ["sale", "cancellation", "sale", "refund", "adjustment"]


def test_lines_make_orders_of_their_first_client_and_earliest_time(stage: Stage) -> None:
    header = "order_id,client_id,ordered_at,quantity,unit_price\n"
    rows = "2,,2026-01-05 10:00,1,1\n1,,2026-01-03,1,2\n2,b,2026-01-04 09:00,1,1\n1,,2026-01-03,1,3\n"
    result = stage(header + rows)
    found = [
        (each["row"], each["order_id"], each["client_external_id"], each["amount"]) for each in result.good
    ]
    assert found == [(1, "2", "b", 200), (2, "1", None, 500)]
    assert result.good[0]["ordered_day"] == parse_day("2026-01-04")
    assert (result.staged.rows, result.staged.good) == (4, 2)


def test_an_order_has_the_time_of_its_earliest_line(stage: Stage) -> None:
    header = "order_id,client_id,ordered_at,quantity,unit_price\n"
    rows = "1,a,2026-01-05 10:00,1,1\n1,a,2026-01-05 09:00,1,1\n1,a,2026-01-05 11:00,1,1\n"
    nine = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo("Europe/Warsaw"))
    assert [each["ordered_at"] for each in stage(header + rows).good] == [int(nine.timestamp())]


def test_a_metric_that_is_empty_throughout_is_unknown(stage: Stage) -> None:
    result = stage("client_id,day,visits,ad_clicks\na,2026-01-05,1,\n", ImportKind.ACTIVITY)
    assert [each.metric for each in result.staged.coverage] == ["visits"]


def test_activity_covers_the_days_on_which_it_has_values(stage: Stage) -> None:
    rows = "a,2026-01-05,1,\nb,2026-01-02,,3\na,2026-01-05,1,\nc,2026-01-01,-1,\n"
    result = stage(f"client_id,day,visits,ad_clicks\n{rows}", ImportKind.ACTIVITY)
    first, last = parse_day("2026-01-02"), parse_day("2026-01-05")
    assert result.staged.coverage == (
        Coverage(metric="visits", first_day=last, last_day=last),
        Coverage(metric="ad_clicks", first_day=first, last_day=first),
    )
    assert result.staged.repeated == 1
    assert result.good[0] == {
        "row": 1,
        "client_external_id": "a",
        "day": last,
        "visits": 1,
        "seconds_on_site": None,
        "ad_clicks": None,
        "newsletter_opens": None,
    }


def test_clients_may_lack_everything_but_their_id(stage: Stage) -> None:
    result = stage("client_id,email,registered_at\na,,\nb, x@y.pl ,2026-01-02\n", ImportKind.CLIENTS)
    assert [(each["email"], each["registered_day"]) for each in result.good] == [
        (None, None),
        ("x@y.pl", parse_day("2026-01-02")),
    ]
    assert result.good[0]["registered_at"] is None


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_rows_come_in_file_order_from_any_position_in_any_chunks(
    write: Write, tmp_path: Path, size: int
) -> None:
    rows = [f"{n % 997},c{n},2026-01-02,{n}" if n % 3 else f"{n},c,2026-01-02,x" for n in range(1, 101)]
    staged = staged_by_hand(write(ORDERS + "\n".join(rows)), tmp_path / "s")
    reader = FileReader()
    for start in (0, 1, 50, staged.good, staged.good + 5):
        chunks = list(reader.good(staged, ImportKind.ORDERS, start, size))
        assert all(0 < chunk.num_rows <= size for chunk in chunks)
        assert all(chunk.schema.equals(GOOD[ImportKind.ORDERS]) for chunk in chunks)
        found = [row for chunk in chunks for row in chunk["row"].to_pylist()]
        assert found == [n for n in range(1, 101) if n % 3][start:]
    aside = list(reader.rejected(staged, 2, size))
    assert [row for chunk in aside for row in chunk["row"].to_pylist()] == list(range(9, 101, 3))
    assert all(chunk.schema.equals(REJECTED) for chunk in aside)


def test_a_file_of_bad_rows_only_has_no_good_row(stage: Stage) -> None:
    result = stage(ORDERS + "1,a,2999-01-01,1\n2,a,2026-01-02,x\n")
    assert (result.good, result.staged.good, result.staged.rejected) == ([], 0, 2)


def test_a_killed_staging_is_never_taken_for_a_whole_one(write: Write, tmp_path: Path) -> None:
    path, folder = write(ORDERS + "1,a,2026-01-02,1\n"), tmp_path / "s"

    def killed(_: ReadSoFar) -> None:
        raise KeyboardInterrupt

    whole = staged_by_hand(path, folder)
    with pytest.raises(KeyboardInterrupt):
        staged_by_hand(path, folder, killed)
    with pytest.raises(FileNotFoundError):
        next(FileReader().good(whole, ImportKind.ORDERS, 0, 10))
    assert staged_by_hand(path, folder) == whole
    assert [each.name for each in folder.iterdir()] == ["staged"]
    assert next(FileReader().good(whole, ImportKind.ORDERS, 0, 10)).num_rows == 1


def test_progress_tells_rows_read(write: Write, tmp_path: Path) -> None:
    seen: list[ReadSoFar] = []
    staged_by_hand(write(ORDERS + "1,a,2026-01-02,1\n2,b\n3,c,2026-01-02,1\n"), tmp_path / "s", seen.append)
    assert seen[-1].rows == 3
    assert [each.rows for each in seen] == sorted(each.rows for each in seen)
