"""Date styles: recognised in a sample, read in SQL.

A value is a date, optionally followed by a time of day and by an offset. Reading gives wall-clock seconds
since 1970-01-01 and the offset, if the value has one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from salesml.core.days import SECONDS_PER_DAY
from salesml.core.errors import Ambiguous, InvalidValue
from salesml.data import worded_dates
from salesml.data.sql import Step

ZONE = r"Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?"
CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?(?: ?([AaPp])\.?[Mm]\.?)?"
TIME = rf"{CLOCK}(?: ?({ZONE}))?"
"""Hour, minute, second, a or p, offset: the five groups that `read` takes apart."""


@dataclass(frozen=True, kw_only=True)
class DateStyle:
    """`pattern` is the date part, `parts` the order of its groups, `sql` reads {0}, a text of
    that pattern, and `time` is what may follow. Without a pattern, the style is read in its own way."""

    label: str
    pattern: str = ""
    parts: str = "ymd"
    sql: str = ""
    time: str = rf"[T ] *(?:{TIME})"


LONGEST = 64
"""Characters of what may be a date: on longer texts the patterns would take their time."""
_DASHED = "translate({0}, '/.', '--')"
_NUMBERS = r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})"
_SECONDS, _MILLISECONDS = "[0-9]{9,10}(?:[.][0-9]+)?", "[0-9]{13}"


def _two_or_four(form: str) -> str:
    """SQL that reads a dashed date by a form that ends in a year of four digits, or else of two."""
    short = f"try_strptime({_DASHED}, '{form}-%y')"
    long = f"try_strptime({_DASHED}, '{form}-%Y')"
    return f"TRY_CAST(CASE WHEN substr({_DASHED}, -3, 1) = '-' THEN {short} ELSE {long} END AS DATE)"


STYLES: Mapping[str, DateStyle] = {
    "iso": DateStyle(
        label="year-month-day",
        pattern=r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        parts="ymd",
        sql="TRY_CAST({0} AS DATE)",
    ),
    "ymd": DateStyle(
        label="year/month/day",
        pattern=r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})",
        parts="ymd",
        sql=f"TRY_CAST({_DASHED} AS DATE)",
    ),
    "dmy": DateStyle(
        label="day/month/year",
        pattern=_NUMBERS,
        parts="dmy",
        sql=_two_or_four("%d-%m"),
    ),
    "mdy": DateStyle(
        label="month/day/year",
        pattern=_NUMBERS,
        parts="mdy",
        sql=_two_or_four("%m-%d"),
    ),
    "compact": DateStyle(
        label="yyyymmdd",
        pattern=r"([0-9]{4})([0-9]{2})([0-9]{2})",
        parts="ymd",
        sql="TRY_CAST(try_strptime({0}, '%Y%m%d') AS DATE)",
        time=rf"[T ]*(?:{TIME}|[0-9]{{4}}(?:[0-9]{{2}})?(?:{ZONE})?)",
    ),
    "text": DateStyle(label="day, month in words, year"),
    "unix": DateStyle(label="seconds or milliseconds since 1970"),
}


def detect(values: Iterable[str], column: str) -> str | None:
    """The style that reads most of the values; None when no style reads any.

    Raises Ambiguous when day-first and month-first read them equally well.
    """
    distinct = {value for value in (value.strip() for value in values) if 0 < len(value) <= LONGEST}
    counts = {name: sum(_date(name, value) is not None for value in distinct) for name in STYLES}
    best = max(counts, key=lambda name: counts[name])
    if not counts[best]:
        return None
    unlike = [value for value in distinct if _date("dmy", value) != _date("mdy", value)]
    if counts["dmy"] == counts["mdy"] == counts[best] and unlike:
        value = min(unlike)
        first, second = (_date(name, value) for name in ("dmy", "mdy"))
        raise Ambiguous(
            "ambiguous_dates", column=column, value=value, day_first=str(first), month_first=str(second)
        )
    return best


def checked(name: str) -> str:
    """A style that somebody chose. Raises InvalidValue."""
    if name not in STYLES:
        raise InvalidValue("dates", f"{name!r} is not a date style; choose from {', '.join(STYLES)}")
    return name


def _date(name: str, value: str) -> date | None:
    """The day that a style reads, the shop's or in UTC; None when it reads none."""
    style = STYLES[name]
    if name == "text":
        worded = worded_dates.read_date(value)
        return worded[0] if worded and (not worded[1] or re.fullmatch(TIME, worded[1])) else None
    if name == "unix":
        return _unix_date(value)
    match = re.fullmatch(f"{style.pattern}(?:{style.time})?", value)
    if match is None:
        return None
    found = dict(zip(style.parts, match.groups()[:3], strict=True))
    try:
        return date(worded_dates.full_year(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None


def _unix_date(value: str) -> date | None:
    if not re.fullmatch(f"{_SECONDS}|{_MILLISECONDS}", value):
        return None
    seconds = int(value.partition(".")[0]) // (1000 if len(value) == 13 and "." not in value else 1)
    return datetime.fromtimestamp(seconds, UTC).date()


def read(column: str, style: str) -> list[Step]:
    """Steps that read a text column: `wall` (epoch seconds on the wall clock, NULL when it is no date of
    the style) and `zone` (seconds east of UTC, NULL when the value has none)."""
    if style == "unix":
        return [_unix_step(column)]
    if style == "text":
        return [*worded_dates.steps(column), *_time_steps(), _wall()]
    return [*_split(column, style), _date_step(STYLES[style]), *_time_steps(), _wall()]


def _split(column: str, style: str) -> list[Step]:
    if style == "compact":
        bare = f"regexp_full_match(tail, '[0-9]{{4}}([0-9]{{2}})?({ZONE})?')"
        colons = "left(tail, 2) || ':' || substr(tail, 3, 2)"
        colons += " || CASE WHEN regexp_matches(substr(tail, 5, 2), '[0-9]{2}') THEN ':' ELSE '' END"
        return [
            {"date_text": f"left({column}, 8)", "tail": f"nullif(ltrim(substr({column}, 9), 'T '), '')"},
            {"time_text": f"CASE WHEN {bare} THEN {colons} || substr(tail, 5) ELSE tail END"},
        ]
    return [
        # Mostly the eleventh character; `translate` costs more than all the rest.
        {
            "cut": f"CASE WHEN substr({column}, 11, 1) IN ('T', ' ') THEN 11 WHEN contains({column}, 'T') "
            f"THEN strpos(translate({column}, 'T', ' '), ' ') ELSE strpos({column}, ' ') END"
        },
        {
            "date_text": f"CASE WHEN cut > 0 THEN left({column}, cut - 1) ELSE {column} END",
            "time_text": f"CASE WHEN cut > 0 THEN ltrim(substr({column}, cut + 1)) END",
        },
    ]


def _date_step(style: DateStyle) -> Step:
    guarded = (
        f"CASE WHEN regexp_full_match(date_text, '{style.pattern}') THEN {style.sql.format('date_text')} END"
    )
    return {"day_part": guarded}


def _time_steps() -> list[Step]:
    """Plain times take DuckDB's own fast cast; the rest is taken apart by the pattern."""
    simple = "regexp_full_match(time_text, '[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?')"
    groups = "['hour', 'minute', 'second', 'half', 'zone']"
    hour, minute, second = (f"TRY_CAST(clock.{part} AS BIGINT)" for part in ("hour", "minute", "second"))
    return [
        {"quick": f"CASE WHEN {simple} THEN epoch(TRY_CAST(time_text AS TIME))::BIGINT END"},
        {"clock": f"CASE WHEN quick IS NULL THEN regexp_extract(time_text, '^{TIME}$', {groups}) END"},
        {
            "hour": f"CASE WHEN clock.half = '' THEN {hour} WHEN {hour} BETWEEN 1 AND 12 "
            f"THEN {hour} % 12 + CASE WHEN lower(clock.half) = 'p' THEN 12 ELSE 0 END END",
            "minute": minute,
            "second": f"CASE WHEN clock.second = '' THEN 0 ELSE {second} END",
            "offset_text": "nullif(replace(replace(clock.zone, ':', ''), 'UTC', 'Z'), '')",
        },
        {
            "time_part": "CASE WHEN time_text IS NULL THEN 0 WHEN quick < 86400 THEN quick "
            "WHEN hour < 24 AND minute < 60 AND second < 60 THEN hour * 3600 + minute * 60 + second END",
            "zone": "CASE WHEN offset_text = 'Z' THEN 0 WHEN offset_text IS NOT NULL THEN "
            "(substr(offset_text, 2, 2)::BIGINT * 3600 "
            "+ coalesce(TRY_CAST(substr(offset_text, 4) AS BIGINT), 0) * 60) "
            "* CASE left(offset_text, 1) WHEN '-' THEN -1 ELSE 1 END END",
        },
    ]


def _wall() -> Step:
    return {"wall": f"(day_part - DATE '1970-01-01')::BIGINT * {SECONDS_PER_DAY} + time_part"}


def _unix_step(column: str) -> Step:
    return {
        "wall": f"CASE WHEN regexp_full_match({column}, '{_MILLISECONDS}') THEN TRY_CAST({column} AS BIGINT) "
        f"// 1000 WHEN regexp_full_match({column}, '{_SECONDS}') "
        f"THEN TRY_CAST(split_part({column}, '.', 1) AS BIGINT) END",
        "zone": "0::BIGINT",
    }
