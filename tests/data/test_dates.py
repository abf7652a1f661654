"""Date styles, and the shop's clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesml.core.days import date_of, day_of, instant_of, parse_day
from salesml.data.clock import shop_clock
from salesml.data.dates import detect

Stage = Callable[..., Any]
EPOCH = datetime.fromisoformat("1970-01-01")
WARSAW = ZoneInfo("Europe/Warsaw")
DATES = {
    "iso": ["%Y-%m-%d"],
    "ymd": ["%Y/%m/%d", "%Y.%m.%d"],
    "dmy": ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d.%m.%y"],
    "mdy": ["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"],
    "compact": ["%Y%m%d"],
    "text": ["%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%a, %d %b %Y"],
}
TIMES = [" %H:%M:%S", "T%H:%M:%S", " %I:%M:%S %p", " %H:%M:%S.%f"]
MORE_TIMES = {"compact": ["%H%M%S", " %H%M%S"], "text": [", %H:%M:%S", " at %I:%M:%S %p"]}
MOMENTS = st.lists(
    st.datetimes(datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2026-06-01")).map(
        lambda at: at.replace(microsecond=0)
    ),
    min_size=1,
    max_size=20,
)


def staged_moments(stage: Stage, texts: list[str], zone: str = "Europe/Warsaw", **options: Any) -> list[Any]:
    text = "client_id;ordered_at;amount\n" + "".join(f"a;{each};1\n" for each in texts)
    result = stage(text, zone=zone, **options)
    assert result.rejected == []
    return [(each["ordered_at"], each["ordered_day"]) for each in result.good]


@pytest.mark.parametrize("style", DATES)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=MOMENTS, data=st.data())
def test_reading_what_was_written_gives_the_same_moment(
    stage: Stage, style: str, moments: list[datetime], data: st.DataObject
) -> None:
    times = [*TIMES, *MORE_TIMES.get(style, [])]
    formats = [data.draw(st.sampled_from(DATES[style])) + data.draw(st.sampled_from(times)) for _ in moments]
    texts = [at.strftime(form) for at, form in zip(moments, formats, strict=True)]
    instants = [instant_of(at, WARSAW) for at in moments]
    expected = [(int(at.timestamp()), day_of(at, WARSAW)) for at in instants]
    assert staged_moments(stage, texts, date_format=style) == expected


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["2026-01-02", "2026-12-31 08:30"], "iso"),
        (["2026/01/02"], "ymd"),
        (["2.01.2026", "13.01.2026 7:05"], "dmy"),
        (["1/2/2026", "1/13/2026 7:05 PM"], "mdy"),
        (["19970101", "19970131T120000"], "compact"),
        (["14-Jan-15", "3-Feb-15"], "text"),
        (["14 stycznia 2015 r.", "3 paź 2015 10:05"], "text"),
        (["1421231231", "1421231231.75"], "unix"),
        (["05/05/2026", "06/06/2026"], "dmy"),
        (["soon", ""], None),
    ],
)
def test_a_style_is_recognised_from_its_values(texts: list[str], style: str | None) -> None:
    assert detect(texts, "when") == style


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29 01:59:59", "2026-03-29T00:59:59"),
        ("2026-03-29 02:30:00", "2026-03-29T01:30:00"),
        ("2026-03-29 03:00:00", "2026-03-29T01:00:00"),
        ("2025-10-26 01:59:59", "2025-10-25T23:59:59"),
        ("2025-10-26 02:30:00", "2025-10-26T00:30:00"),
        ("2025-10-26 03:00:00", "2025-10-26T02:00:00"),
        ("2026-01-02T12:00:00Z", "2026-01-02T12:00:00"),
        ("2026-01-02T12:00:00+0530", "2026-01-02T06:30:00"),
        ("2026-01-02T12:00:00-08:00", "2026-01-02T20:00:00"),
        ("2026-01-02 23:30:00+00", "2026-01-02T23:30:00"),
        ("2026-01-02 12:00 UTC", "2026-01-02T12:00:00"),
    ],
)
def test_wall_times_and_offsets_become_the_right_instant(stage: Stage, text: str, utc: str) -> None:
    instant = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert staged_moments(stage, [text]) == [(int(instant.timestamp()), day_of(instant, WARSAW))]


POLISH = "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"
NAMES = "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień"
SHORT = "sty lut mar kwi maj cze lip sie wrz paź lis gru"


@pytest.mark.parametrize("months", [POLISH, NAMES, SHORT, POLISH.upper()])
def test_months_are_read_in_polish(stage: Stage, months: str) -> None:
    texts = [f"3 {month} 2015 r. 10:05" for month in months.split()]
    expected = [instant_of(datetime(2015, month, 3, 10, 5), WARSAW) for month in range(1, 13)]  # noqa: DTZ001
    assert detect(texts, "when") == "text"
    assert staged_moments(stage, texts) == [(int(at.timestamp()), day_of(at, WARSAW)) for at in expected]


@pytest.mark.parametrize(("form", "unit"), [("{0}", 1), ("{0}.5", 1), ("{0}999", 1000)])
def test_unix_times_are_instants(stage: Stage, form: str, unit: int) -> None:
    seconds = [100_000_000, 1_421_231_231, 1_767_225_599]
    texts = [form.format(each) for each in seconds if unit == 1 or each > 10**9]
    expected = [datetime.fromtimestamp(each, UTC) for each in seconds if unit == 1 or each > 10**9]
    assert detect(texts, "when") == "unix"
    assert staged_moments(stage, texts) == [(int(at.timestamp()), day_of(at, WARSAW)) for at in expected]


@pytest.mark.parametrize(("text", "year"), [("31.12.68", None), ("31.12.69", None), ("1.01.70", 1970)])
def test_a_year_of_two_digits_turns_at_seventy(stage: Stage, text: str, year: int | None) -> None:
    result = stage(f"client_id;ordered_at;amount\na;{text};1\nb;1.01.2020;1\n", date_format="dmy")
    first = date_of(result.good[0]["ordered_day"]).year if len(result.good) == 2 else None
    assert first == year


@pytest.mark.parametrize(
    "text", ["31 Feb 2015", "14 Foo 2015", "0 Jan 2015", "Jan 2015", "14 Jan 2015 25:00"]
)
def test_words_that_are_no_date_are_set_aside(stage: Stage, text: str) -> None:
    result = stage(f"client_id;ordered_at;amount\na;{text};1\nb;14 Jan 2015;1\n")
    assert result.codes == [(1, "ordered_at", "not_a_date")]


@pytest.mark.parametrize(
    "name", ["Europe/Warsaw", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
def test_the_clock_agrees_with_the_standard_library_around_every_change(name: str) -> None:
    zone = ZoneInfo(name)
    clock = shop_clock(zone, parse_day("2026-12-31"))
    near = [at + shift for at in clock.changes.tolist() for shift in range(-9000, 9001, 900)]
    instants = np.array(near, dtype=np.int64)
    days = [day_of(datetime.fromtimestamp(at, UTC), zone) for at in near]
    assert clock.days(instants).tolist() == days
    walls = [
        EPOCH + timedelta(seconds=at)
        for shift in (-14400, 0, 20700, 39600)
        for at in (instants + shift).tolist()
    ]
    numbers = np.array([(wall - EPOCH).total_seconds() for wall in walls], dtype=np.int64)
    assert clock.instants(numbers).tolist() == [int(instant_of(wall, zone).timestamp()) for wall in walls]


def test_timestamps_of_parquet_are_shop_time_unless_they_have_a_zone(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "times.parquet"
    naive = [datetime.fromisoformat("2026-01-02T00:30:00.999999")]
    for kind, expected in (
        (pa.timestamp("us"), "2026-01-01T23:30:00"),
        (pa.timestamp("ns", "UTC"), "2026-01-02T00:30:00"),
    ):
        table = pa.table({"client_id": ["a"], "ordered_at": pa.array(naive, kind), "amount": [1]})
        pq.write_table(table, path)
        instant = datetime.fromisoformat(expected).replace(tzinfo=UTC)
        found = stage(path, date_format="dmy").good[0]
        assert (found["ordered_at"], found["ordered_day"]) == (instant.timestamp(), parse_day("2026-01-02"))


def test_dates_of_parquet_are_days(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "dates.parquet"
    pq.write_table(pa.table({"client_id": ["a"], "ordered_at": [date(2026, 1, 2)], "amount": [1]}), path)
    assert stage(path).good[0]["ordered_day"] == parse_day("2026-01-02")
