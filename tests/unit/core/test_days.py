"""A day is the business day of the shop, whatever the clocks are doing."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.days import SECONDS_PER_DAY, date_of, day_of, epoch_day, instant_of, parse_day
from salesml.core.errors import InvalidValue

WARSAW = ZoneInfo("Europe/Warsaw")
zones = st.sampled_from(["Europe/Warsaw", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]).map(
    ZoneInfo
)


def test_the_first_epoch_day_is_the_first_of_january_1970() -> None:
    assert epoch_day(date(1970, 1, 1)) == 0
    assert date_of(20_000) == date(2024, 10, 4)


@given(st.dates())
def test_days_survive_the_way_to_integers_and_back(day: date) -> None:
    assert date_of(epoch_day(day)) == day
    assert parse_day(day.isoformat()) == epoch_day(day)


@pytest.mark.parametrize("text", ["", "2026-02-30", "31.01.2026", "yesterday", "2026-13-01"])
def test_what_is_no_iso_date_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not a date like") as caught:
        parse_day(text, "registered_at")
    assert caught.value.field == "registered_at"
    assert repr(text) in str(caught.value)


def test_a_time_that_the_clocks_skip_shifts_forward() -> None:
    skipped = datetime(2026, 3, 29, 2, 30)  # noqa: DTZ001 - a time on the shop's clock
    instant = instant_of(skipped, WARSAW)
    assert instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert instant.astimezone(WARSAW).hour == 3


def test_a_time_that_the_clocks_show_twice_is_the_first_of_the_two() -> None:
    twice = datetime(2026, 10, 25, 2, 30, fold=1)  # noqa: DTZ001 - a time on the shop's clock
    assert instant_of(twice, WARSAW) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_time_with_an_offset_keeps_its_meaning() -> None:
    there = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert instant_of(there, WARSAW) == datetime(2026, 7, 1, 17, 0, tzinfo=UTC)


def test_an_order_just_after_midnight_belongs_to_the_new_business_day() -> None:
    summer = instant_of(datetime(2026, 7, 1, 0, 30), WARSAW)  # noqa: DTZ001 - a time on the shop's clock
    assert summer.date() == date(2026, 6, 30)
    assert day_of(summer, WARSAW) == epoch_day(date(2026, 7, 1))


@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31)), zones)  # noqa: DTZ001
def test_the_business_day_is_the_date_on_the_shop_s_clock(local: datetime, zone: ZoneInfo) -> None:
    instant = instant_of(local, zone)
    shown = instant.astimezone(zone).replace(tzinfo=None)
    assert day_of(instant, zone) == epoch_day(shown.date())
    assert shown >= local  # equal, or shifted forward over a gap


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 400 * SECONDS_PER_DAY),
    zones,
)
def test_days_never_run_backwards(instant: datetime, seconds: int, zone: ZoneInfo) -> None:
    assert day_of(instant, zone) <= day_of(instant + timedelta(seconds=seconds), zone)
