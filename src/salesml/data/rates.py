"""Files of exchange rates.

Either one rate a row, under the headers `currency`, `day` and `rate`; or one day a row and one currency a
column, as the National Bank of Poland publishes its table A
(https://nbp.pl/en/statistic-and-financial-reporting/rates/archive-table-a-csv-xls/): a header such as
`100HUF` says how many units the rate buys.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from salesml.core.days import epoch_day
from salesml.core.errors import FileUnreadable, InvalidValue
from salesml.core.rates import Rate
from salesml.data import sources
from salesml.data.profiles import plain

MAX_BYTES = 16 * 1024**2
ENCODINGS = ("utf-8-sig", "cp1250")
SEPARATORS = ";\t,"
DAY = ("day", "date", "data", "dzien")
CURRENCY = ("currency", "currencycode", "code", "waluta", "kodwaluty", "kod")
RATE = ("rate", "exchangerate", "mid", "kurs", "kurssredni")
UNITS = re.compile(r"([0-9]*) *([A-Z]{3})")


def read_rates(path: Path) -> Sequence[Rate]:
    """The rates of a CSV file. Raises FileRefused, InvalidValue naming the row."""
    sources.check_file(path, MAX_BYTES)
    lines = _text(path).splitlines()
    separator = max(SEPARATORS, key=lambda char: lines[0].count(char) if lines else 0)
    rows = list(csv.reader(lines, delimiter=separator))
    header = [cell.strip() for cell in rows[0]]
    found = {plain(name): index for index, name in reversed(list(enumerate(header)))}
    day = _column(found, DAY)
    if day is None:
        raise FileUnreadable("rates_without_day", file=path)
    currency, rate = _column(found, CURRENCY), _column(found, RATE)
    units = {index: match for index, name in enumerate(header) if (match := UNITS.fullmatch(name))}
    if currency is not None and rate is not None:
        rates = list(_long(rows, day, currency, rate))
    elif units:
        rates = list(_wide(rows, day, units))
    else:
        raise FileUnreadable("rates_unknown", file=path)
    if not rates:
        raise FileUnreadable("rates_without_rows", file=path)
    return rates


def _text(path: Path) -> str:
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable("rates_encoding", file=path)


def _column(found: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((found[name] for name in names if name in found), None)


def _long(rows: Sequence[Sequence[str]], day: int, currency: int, rate: int) -> Iterator[Rate]:
    for number, row in enumerate(rows[1:], 1):
        if any(cell.strip() for cell in row):
            if len(row) <= max(day, currency, rate):
                raise InvalidValue("row", "has fewer fields than the header", row=number)
            yield _rate(number, row[currency], row[day], row[rate], 1)


def _wide(rows: Sequence[Sequence[str]], day: int, units: Mapping[int, re.Match[str]]) -> Iterator[Rate]:
    """Rows without a day hold names of currencies and the like."""
    for number, row in enumerate(rows[1:], 1):
        if len(row) <= day or not row[day].strip()[:1].isdigit():
            continue
        for index, match in units.items():
            if index < len(row) and row[index].strip():
                yield _rate(number, match[2], row[day], row[index], int(match[1] or 1))


def _rate(number: int, currency: str, day: str, rate: str, units: int) -> Rate:
    try:
        value = Decimal(rate.strip().replace("\u00a0", "").replace(",", ".")) / units
        return Rate(currency=currency.strip().upper(), day=_day(day.strip()), rate=value)
    except InvalidOperation:
        raise InvalidValue("rate", f"{rate.strip()!r} is not a number", row=number) from None
    except InvalidValue as error:
        raise InvalidValue(error.field, error.reason, row=number) from None


def _day(text: str) -> int:
    digits = re.fullmatch(r"([0-9]{4})[-./]?([0-9]{2})[-./]?([0-9]{2})", text)
    try:
        year, month, day = (int(part) for part in digits.groups()) if digits else (0, 0, 0)
        return epoch_day(date(year, month, day))
    except ValueError:
        raise InvalidValue("day", f"{text!r} is not a day such as 2026-01-31") from None
