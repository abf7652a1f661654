"""How people and shops write numbers, and the one plain decimal that each of them means.

A number is read with a decimal point or with a decimal comma, whichever reads it; thousands may be set apart,
a currency may stand before or behind, brackets mean less than zero. Both readings differ in one case only:
`1,234` and `1.234`. What such a number means is told by the others of its file, or chosen.
"""

import re
from collections.abc import Iterable, Mapping

from salesml.core.errors import Ambiguous, InvalidValue
from salesml.data.sql import Step, quoted

DECIMALS = ("point", "comma")
PLAIN_ONLY = "plain"
"""Nothing but digits, a sign and a point: what programs write."""
PLAIN = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)"
MISTAKABLE = "[+-]?[1-9][0-9]{0,2}[.][0-9]{3}"
LONGEST = 64
"""Characters of what may be a number: on longer texts the patterns would take their time."""
UNCLEAR = "[1-9][0-9]{0,2}[.,][0-9]{3}"

# Signs beside numbers, with the currencies that they may mean.
SIGNS = {
    "$": "USD CAD AUD NZD HKD SGD MXN BRL CLP COP ARS TWD",
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
    "MX$": "MXN",
    "\u00a3": "GBP EGP",
    "\u00a5": "JPY CNY",
    "\u20ac": "EUR",
    "z\u0142": "PLN",
    "zl": "PLN",
    "Z\u0142": "PLN",
    "Zl": "PLN",
    "K\u010d": "CZK",
    "kr": "SEK NOK DKK ISK",
    "kn": "HRK",
    "Ft": "HUF",
    "lei": "RON MDL",
    "Lei": "RON MDL",
    "\u043b\u0432": "BGN",
    "\u0440": "RUB",
    "\u0440\u0443\u0431": "RUB",
    "din": "RSD",
    "Fr": "CHF",
    "\u20b9": "INR",
    "\u20b4": "UAH",
    "\u20ba": "TRY",
    "\u20aa": "ILS",
    "\u20a9": "KRW",
    "\u20bd": "RUB",
    "\u20b1": "PHP",
    "\u20ab": "VND",
    "\u20b8": "KZT",
    "\u20a6": "NGN",
    "\u0e3f": "THB",
}
SPACES = " \u00a0\u2007\u2009\u202f"
_QUOTES = "'\u2019"
_BLANK = f"[{SPACES}]*"
_SIGN = "[-+\u2212\u2013]"
_CURRENCY = (
    "(?:[A-Z]{3}|(?:US|C|CA|A|AU|NZ|HK|S|R|MX)?[$]|[\u00a2\u00a3\u00a5\u0e3f\u20a0-\u20bf]"
    "|[Zz][\u0142l]|K\u010d|k[rn][.]?|Ft|[Ll]ei|\u043b\u0432[.]?|\u0440(?:\u0443\u0431)?[.]?|din[.]?|Fr[.]?)"
)
_MESSY = (
    f"([(]?){_BLANK}({_SIGN}?){_BLANK}({_CURRENCY}?){_BLANK}({_SIGN}?){_BLANK}"
    f"([0-9.,](?:[0-9.,{_QUOTES}{SPACES}]*[0-9.,])?)"
    f"{_BLANK}({_CURRENCY}?){_BLANK}({_SIGN}?)([)]?)"
)
"""Bracket, sign, currency, sign, number, currency, sign, bracket."""


def _grouped(separators: str, size: str) -> str:
    return f"[1-9][0-9]{{0,2}}(?:[{separators}][0-9]{{{size}}})*[{separators}][0-9]{{3}}"


_SPACED = _grouped(SPACES + _QUOTES, "3")
_WITH_POINT = f"(?:[0-9]+|{_SPACED}|{_grouped(',', '2,3')})(?:[.][0-9]*)?|[.][0-9]+"
_WITH_COMMA = f"(?:[0-9]+|{_SPACED}|{_grouped('.', '3')})(?:,[0-9]*)?|,[0-9]+"


def plain_text(name: str, decimal: str | None) -> list[Step]:
    """Steps that give {name}_text, the plain decimal of text column `name` (NULL when it is no number),
    {name}_ok, {name}_unclear and {name}_money, the currency written beside the number, if any."""
    simple = f"coalesce(regexp_full_match({name}, {quoted(PLAIN)}), false)"
    if decimal == PLAIN_ONLY:
        return [
            {
                f"{name}_ok": simple,
                f"{name}_text": name,
                f"{name}_unclear": "false",
                f"{name}_money": "NULL::VARCHAR",
            }
        ]
    if decimal != "point":
        simple = f"({simple} AND NOT regexp_full_match({name}, {quoted(MISTAKABLE)}))"
    found, number, mode = f"{name}_found", f"{name}_found.number", f"{name}_mode"
    return [
        {f"{name}_simple": simple},
        {found: f"CASE WHEN NOT {name}_simple THEN {_extracted(name)} END"},
        {mode: f"CASE WHEN {name}_simple THEN NULL ELSE {_mode(found, decimal)} END"},
        {
            f"{name}_text": f"CASE WHEN {name}_simple THEN {name} "
            f"WHEN {mode} = 'point' THEN {_sign(found)} || {_only(number, ',')} "
            f"WHEN {mode} = 'comma' THEN {_sign(found)} || replace({_only(number, '.')}, ',', '.') END",
            f"{name}_unclear": f"coalesce({mode} = 'unclear', false)",
            f"{name}_money": f"nullif(rtrim({found}.money || {found}.unit, '.'), '')",
        },
        {f"{name}_ok": f"{name}_text IS NOT NULL"},
    ]


def detect(columns: Mapping[str, Iterable[str]]) -> str | None:
    """What numbers that could be read in two ways mean, by the others of the file: `point` or `comma`; None
    when nothing tells, and nothing needs it. Raises Ambiguous."""
    told: set[str] = set()
    unclear: list[tuple[str, str]] = []
    for column, values in columns.items():
        for value in {value.strip() for value in values}:
            found = readings(value)
            told |= found if len(found) == 1 else set()
            unclear += [(column, value)] if len(found) == 2 else []
    if unclear and not told:
        column, value = min(unclear)
        raise Ambiguous(
            "ambiguous_numbers",
            column=column,
            value=value,
            point=plain(value, "point"),
            comma=plain(value, "comma"),
        )
    return told.pop() if len(told) == 1 else None


def foreign(name: str, code: str) -> str:
    """SQL: whether the number of a column has another currency beside it than the one of this code. A sign
    that several currencies share, such as $, may be any of them."""
    own = [code, *(sign for sign, codes in SIGNS.items() if code in codes.split())]
    listed = ", ".join(quoted(sign) for sign in own)
    return f"coalesce({name}_money NOT IN ({listed}), false)"


def checked(decimal: str) -> str:
    """A decimal mark that somebody chose. Raises InvalidValue."""
    if decimal not in DECIMALS:
        raise InvalidValue("decimal", f"{decimal!r} is not a decimal mark; choose from {', '.join(DECIMALS)}")
    return decimal


def readings(text: str) -> set[str]:
    """The marks that matter for a number, `point`, `comma` or both; none for a whole number and for what is
    no number."""
    found = re.fullmatch(_MESSY, text) if len(text) <= LONGEST else None
    if found is None:
        return set()
    number = found[5]
    patterns = {"point": _WITH_POINT, "comma": _WITH_COMMA}
    read = {mark for mark, pattern in patterns.items() if re.fullmatch(pattern, number)}
    if len(read) == 2 and not re.fullmatch(UNCLEAR, number):
        return set()
    return read


def plain(text: str, decimal: str) -> str:
    """A number of people as a plain decimal, by one of its readings."""
    found = re.fullmatch(_MESSY, text)
    number = found[5] if found else text
    digits = "".join(
        char for char in number if char.isdigit() or char == {"point": ".", "comma": ","}[decimal]
    )
    negative = found is not None and (found[1] or any(found[group] not in ("", "+") for group in (2, 4, 7)))
    return ("-" if negative else "") + digits.replace(",", ".")


def unmistakable(number: str) -> str:
    """A plain decimal that no reading takes for thousands: 1.234 is 1.2340."""
    return number + "0" if re.fullmatch(MISTAKABLE, number) else number


def _extracted(name: str) -> str:
    groups = "['open', 'before', 'money', 'inside', 'number', 'unit', 'after', 'shut']"
    return f"regexp_extract({name}, {quoted(f'^{_MESSY}$')}, {groups})"


def _mode(found: str, decimal: str | None) -> str:
    """`point` or `comma`, `unclear`, or NULL for what is no number."""
    number = f"{found}.number"
    one_sign = f"length({found}.before || {found}.inside || {found}.after || {found}.open) <= 1"
    brackets = f"({found}.open = '') = ({found}.shut = '')"
    return (
        f"CASE WHEN NOT ({one_sign} AND {brackets}) THEN NULL "
        f"WHEN regexp_full_match({number}, {quoted(UNCLEAR)}) THEN {quoted(decimal or 'unclear')} "
        f"WHEN regexp_full_match({number}, {quoted(_WITH_POINT)}) THEN 'point' "
        f"WHEN regexp_full_match({number}, {quoted(_WITH_COMMA)}) THEN 'comma' END"
    )


def _sign(found: str) -> str:
    signs = f"{found}.before || {found}.inside || {found}.after || {found}.open"
    return f"CASE WHEN ({signs}) IN ('', '+') THEN '' ELSE '-' END"


def _only(number: str, grouping: str) -> str:
    """The number without what sets its thousands apart."""
    return f"translate({number}, {quoted(grouping + SPACES + _QUOTES)}, '')"
