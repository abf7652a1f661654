"""Dates with the month in words, English or Polish: 14-Jan-15, 14 stycznia 2015 r., Jan 14, 2015 2:05 PM."""

import re
import unicodedata
from datetime import date

from salesml.data.sql import Step, quoted

PIVOT = 69
"""A year of two digits from here on is of the last century, as in POSIX and in DuckDB's %y."""
# By number, in English and in Polish; the first three letters tell the month.
MONTHS = (
    ("jan(?:uary)?", "sty(?:czen|cznia)?"),
    ("feb(?:ruary)?", "lut(?:y|ego)?"),
    ("mar(?:ch)?", "mar(?:zec|ca)"),
    ("apr(?:il)?", "kwi(?:ecien|etnia)?"),
    ("may", "maja?"),
    ("june?", "cze(?:rwiec|rwca)?"),
    ("july?", "lip(?:iec|ca)?"),
    ("aug(?:ust)?", "sie(?:rpien|rpnia)?"),
    ("sept?(?:ember)?", "wrz(?:esien|esnia)?"),
    ("oct(?:ober)?", "paz(?:dziernik|dziernika)?"),
    ("nov(?:ember)?", "lis(?:topad|topada)?"),
    ("dec(?:ember)?", "gru(?:dzien|dnia)?"),
)
_MONTH = "|".join(word for words in MONTHS for word in words)
_YEAR = "[0-9]{4}|[0-9]{2}"
_TH = "(?:st|nd|rd|th)?"
_DATE = (
    "(?:[a-z]{2,12}[.]?,? +)?"
    f"(?:([0-9]{{1,2}}){_TH}[ ./-]*({_MONTH})[.]?[ ,./-]*({_YEAR})(?: ?r[.]?)?"
    f"|({_MONTH})[.]? +([0-9]{{1,2}}){_TH},? +({_YEAR}))"
)
PATTERN = f"(?i)^{_DATE}(?:,? *(?:t|at |o |godz[.]? | ) *([0-9]{{1,2}}:.*))?$"
GROUPS = "['day', 'month', 'year', 'us_month', 'us_day', 'us_year', 'time']"
NUMBERS = {
    re.sub(r"\(.*|\?.*", "", word)[:3]: number for number, words in enumerate(MONTHS, 1) for word in words
}


def read_date(text: str) -> tuple[date, str | None] | None:
    """The day, and the text of the time of day behind it; None for what is no such date."""
    found = re.match(PATTERN, _plain(text))
    if found is None:
        return None
    day, month, year = (found[first] or found[second] for first, second in ((1, 5), (2, 4), (3, 6)))
    try:
        return date(full_year(year), NUMBERS[month[:3].lower()], int(day)), found[7]
    except ValueError:
        return None


def full_year(year: str) -> int:
    """A year of four digits, or of two."""
    return int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= PIVOT else 2000)


def steps(column: str) -> list[Step]:
    """Steps that take a text column apart: `day_part`, a date, and `time_text`."""
    month = " ".join(f"WHEN '{word}' THEN {number}" for word, number in NUMBERS.items())
    day, word, year = (
        f"coalesce(nullif(worded.{name}, ''), worded.us_{name})" for name in ("day", "month", "year")
    )
    century = f"CASE WHEN length({year}) = 4 THEN 0 WHEN {year}::INT >= {PIVOT} THEN 1900 ELSE 2000 END"
    return [
        {"worded": f"regexp_extract(strip_accents({column}), {quoted(PATTERN)}, {GROUPS})"},
        {
            "day_part": f"CASE WHEN {year} <> '' THEN TRY_CAST(({year}::INT + {century}) || '-' "
            f"|| CASE lower(left({word}, 3)) {month} END || '-' || {day} AS DATE) END",
            "time_text": "nullif(worded.time, '')",
        },
    ]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))
