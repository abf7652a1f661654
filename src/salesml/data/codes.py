"""Why a row is set aside: stable codes, and the words for people."""

from dataclasses import dataclass

MAX_RAW = 200
"""Characters of a refused value that are kept."""

WORDS = {
    "missing": "is empty",
    "not_a_number": "is not a plain decimal number",
    "unclear_number": "can be read in two ways; choose with --decimal point or --decimal comma",
    "not_whole": "is not a whole number",
    "too_precise": "has more decimals than can be summed exactly",
    "not_a_date": "is not a date of the file's style",
    "not_text": "has a character that cannot be stored, such as NUL",
    "future": "is in the future",
    "too_old": "is before 1970",
    "not_a_currency": "is not the code of a currency, such as PLN",
    "no_rate": "has no exchange rate of its day, nor of the seven days before",
    "no_sale": "says that the order is no sale, or not yet",
    "not_an_email": "is not an e-mail address",
    "not_yes_or_no": "is neither yes nor no",
    "unknown_kind": "is not sale, cancellation, refund or adjustment",
    "negative": "must not be negative",
    "positive": "must not be positive",
    "out_of_range": "is out of range",
    "too_long": "is too long",
    "conflict": "was given before with other values",
    "incomplete_order": "belongs to an order of which another line is set aside",
    "not_an_object": "is not an object of fields",
    "unknown_field": "is not a field of these records",
    "not_a_string": "must be a text, in quotes",
    "erased": "belongs to a client who was erased",
    "malformed_row": "has another number of fields than the header",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What can be wrong with a field of one row: `when` is an SQL condition; the value follows the words."""

    field: str
    code: str
    when: str
    words: str = ""

    @property
    def reason(self) -> str:
        return self.words or WORDS[self.code]
