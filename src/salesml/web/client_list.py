"""What the address of the client list asks for, and the addresses that lead on from it.

Everything that the list shows stands in its address, so that a link, the Back button and a browser without
JavaScript show the same. An empty or senseless part asks for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from salesml.core.clients import ANY, ClientQuery, ClientSort, Span
from salesml.core.money import Currency
from salesml.web.i18n import N_

PATH = "/clients"
PER_PAGE = 25
MAX_STEPS_BACK = 40
DEFAULT_SORT = ClientSort.PREDICTED_SALES
_MAX_TEXT = 200

RECENCIES: Mapping[str, tuple[str, Span]] = {
    "30": (N_("in the last 30 days"), Span(maximum=30)),
    "90": (N_("in the last 90 days"), Span(maximum=90)),
    "over90": (N_("more than 90 days ago"), Span(minimum=91)),
    "over180": (N_("more than 180 days ago"), Span(minimum=181)),
    "over365": (N_("more than a year ago"), Span(minimum=366)),
}
"""Choices of the filter by the last purchase: text and span of days."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """`falling` is the direction that the first click asks for."""

    sort: ClientSort
    label: str
    falling: bool = True
    numeric: bool = True


COLUMNS = (
    Column(sort=ClientSort.NAME, label=N_("Client"), falling=False, numeric=False),
    Column(sort=ClientSort.PREDICTED_SALES, label=N_("Forecast, 30 days")),
    Column(sort=ClientSort.PURCHASE_PROBABILITY, label=N_("Will buy, 14 days"), numeric=False),
    Column(sort=ClientSort.DAYS_SINCE_LAST_PURCHASE, label=N_("Last purchase"), falling=False),
    Column(sort=ClientSort.TENURE_MONTHS, label=N_("Client for")),
    Column(sort=ClientSort.REGISTERED, label=N_("Registered")),
)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The list that an address asks for: the filters as they were typed, order and place.

    `trail` are the cursors of the pages before this one, the first page not counted.
    """

    q: str = ""
    probability: str = ""
    forecast: str = ""
    decision: str = ""
    recency: str = ""
    sort: ClientSort = DEFAULT_SORT
    falling: bool = True
    cursor: str = ""
    trail: tuple[str, ...] = ()

    def query(self, currency: Currency) -> ClientQuery:
        """What to ask the clients for."""
        return ClientQuery(
            q=self.q,
            purchase_probability=_at_least(self.probability, Decimal("0.01")),
            predicted_sales=_at_least(self.forecast, Decimal(10) ** currency.exponent),
            decision={"1": 1, "0": 0}.get(self.decision),
            days_since_last_purchase=RECENCIES[self.recency][1] if self.recency in RECENCIES else ANY,
            sort=self.sort,
            descending=self.falling,
            limit=PER_PAGE,
            cursor=self.cursor or None,
        )

    @property
    def order(self) -> str:
        """Column and direction, as one choice names them."""
        return f"{self.sort.value}.{'desc' if self.falling else 'asc'}"

    @property
    def is_filtered(self) -> bool:
        return any((self.q, self.probability, self.forecast, self.decision, self.recency))

    @property
    def address(self) -> str:
        """The address that asks for this, without what goes without saying."""
        default = Listing()
        told = {
            "q": self.q,
            "probability": self.probability,
            "forecast": self.forecast,
            "decision": self.decision,
            "recency": self.recency,
            "sort": "" if self.sort is default.sort else self.sort.value,
            "dir": "" if self.falling == _is_falling(self.sort) else "desc" if self.falling else "asc",
            "cursor": self.cursor,
            "trail": ".".join(self.trail),
        }
        given = urlencode({name: value for name, value in told.items() if value})
        return f"{PATH}?{given}" if given else PATH

    def exported(self, as_format: str) -> str:
        """The address of all that meets the same conditions, in the same order, as a file."""
        query = self.first.address.partition("?")[2]
        return f"/exports/clients?{query}{'&' if query else ''}format={as_format}"

    def sorted_by(self, column: Column) -> str:
        """The address of the same list in a column's order, or in the opposite one if it is that already."""
        falling = not self.falling if column.sort is self.sort else column.falling
        return replace(self.first, sort=column.sort, falling=falling).address

    @property
    def first(self) -> "Listing":
        return replace(self, cursor="", trail=())

    def previous(self) -> str | None:
        """The address of the page before; None on the first one."""
        if not self.cursor:
            return None
        before = self.trail[-1] if self.trail else ""
        return replace(self, cursor=before, trail=self.trail[:-1]).address

    def next(self, cursor: str | None) -> str | None:
        """The address of the page that begins at a cursor; None for None."""
        if cursor is None:
            return None
        trail = (*self.trail, self.cursor) if self.cursor else ()
        return replace(self, cursor=cursor, trail=trail[-MAX_STEPS_BACK:]).address


def listing(asked: Mapping[str, str]) -> Listing:
    """The list that the parameters of an address ask for."""
    texts = {
        name: asked.get(name, "").strip()[:_MAX_TEXT]
        for name in ("q", "probability", "forecast", "decision", "recency")
    }
    chosen, _, way = asked.get("order", "").partition(".")
    sort = _sort(chosen or asked.get("sort", ""))
    direction = way or asked.get("dir", "")
    return Listing(
        **texts,
        sort=sort,
        falling=_is_falling(sort) if direction not in ("asc", "desc") else direction == "desc",
        cursor=asked.get("cursor", ""),
        trail=tuple(part for part in asked.get("trail", "").split(".") if part)[-MAX_STEPS_BACK:],
    )


def _sort(name: str) -> ClientSort:
    return ClientSort(name) if name in [column.sort.value for column in COLUMNS] else DEFAULT_SORT


def _is_falling(sort: ClientSort) -> bool:
    return next(column.falling for column in COLUMNS if column.sort is sort)


def _at_least(text: str, factor: Decimal) -> Span:
    """A span from a number as a person types it, with a comma or a point."""
    try:
        value = Decimal(text.replace(",", ".").replace(" ", "").replace("\u00a0", ""))
    except InvalidOperation:
        return ANY
    return Span(minimum=float(value * factor)) if value.is_finite() else ANY
