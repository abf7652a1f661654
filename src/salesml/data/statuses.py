"""What shops say of an order's state: whether it is a sale yet, or not any more.

A word that is not known here is a step of an order on its way, such as "Packed": a sale.
"""

_UNPAID = (
    "pending( payment)?|pending_payment|awaiting .*payment.*|on[- _]hold|holded|open|((checkout|auto)-)?draft"
    "|new \\(unpaid\\)|unpaid|not paid|expired|authorized|uncaptured|payment[ _]review|requires[ _].*"
    "|incomplete|oczek\\S* na (w?plat\\S*|przelew\\S*)|nieoplacon\\S*|niezaplacon\\S*|wstrzyman\\S*"
    "|szkic|robocz\\S*"
)
_FAILED = (
    "fail\\S*|cancel+ed|void(ed)?|payment error|error|uncollectible|declined|blocked|trash|deleted|fraud"
    "|suspected fraud|abandoned|0|false|anulow\\S*|odrzucon\\S*|nieudan\\S*|blad platnosci|usuniet\\S*"
)
NO_SALE = f"(wc-)?({_UNPAID}|{_FAILED})"
"""A pattern of words, lower-cased and without diacritics, of orders that are no sale."""
REFUNDED = "(wc-)?(refund(ed)?|closed|charge[ _]?back|zwrot|zwrocon\\S*)"
"""A pattern of words of sales whose whole amount went back."""


def word(column: str) -> str:
    """SQL: a status as the patterns compare it."""
    return f"lower(strip_accents(replace(replace({column}, 'ł', 'l'), 'Ł', 'L')))"
