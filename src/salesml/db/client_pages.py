"""Pages of clients: sorted by an index, filtered inside it, counted up to a cap.

Figures of clients stand in `client_activity` (aliased `a`), one row for each client of the newest run, with
an index for each order that holds every filter too. Whoever is not in the run comes last.

A page is made of up to three parts, each ordered by (key, id): clients with a value, clients of the run
without one, clients who are not in the run. The count picks the plan: of few matches all are collected by
the most telling filter and sorted; of many the index of the order is walked until the page is full.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.clients import CONSENTS, ClientQuery, ClientSort
from salesml.core.errors import InvalidCursor
from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.pages import COUNT_CAP, REFUSED, CursorValue, decode_cursor, encode_cursor
from salesml.db.bulk import execute
from salesml.db.client_filters import Filter, filters_of
from salesml.db.visibility import visible

FEW = 2_000
"""Up to so many matches, collecting and sorting them all costs less than looking for them on the way."""
CLIENT = "c.id, c.first_name, c.last_name, c.email, c.registered_at, c.search_key, " + ", ".join(
    f"c.{name}, c.{name}_at" for name in CONSENTS
)
"""What is stored of a client itself."""
COLUMNS = (
    f"{CLIENT}, a.tenure_months, a.as_of_day, "
    "a.predicted_sales, b.lower, b.upper, a.purchase_probability, a.days_since_last_purchase"
)
"""What a line shows of a client, with SNAPSHOT joined."""
SNAPSHOT = (
    "LEFT JOIN client_activity AS a ON a.run_id = :run AND a.client_id = c.id "
    "LEFT JOIN sales_predictions AS b ON b.run_id = :run AND b.client_id = c.id "
    f"AND b.horizon_days = {HORIZON_DAYS[Target.SALES]}"
)


class Part(IntEnum):
    """Where in the list a client stands; part of a cursor."""

    VALUED = 0
    WITHOUT_VALUE = 1
    NOT_SCORED = 2


@dataclass(frozen=True, kw_only=True)
class _Order:
    """A column that a list is sorted by; `kind` is what its values are in a cursor."""

    alias: str
    column: str
    kind: type
    nullable: bool = False

    @property
    def key(self) -> str:
        return f"{self.alias}.{self.column}"


_ORDERS: Mapping[ClientSort, _Order] = {
    ClientSort.NAME: _Order(alias="c", column="search_key", kind=str),
    ClientSort.PREDICTED_SALES: _Order(alias="a", column="predicted_sales", kind=int),
    ClientSort.PURCHASE_PROBABILITY: _Order(alias="a", column="purchase_probability", kind=float),
    ClientSort.DAYS_SINCE_LAST_PURCHASE: _Order(
        alias="a", column="days_since_last_purchase", kind=int, nullable=True
    ),
    ClientSort.TENURE_MONTHS: _Order(alias="a", column="tenure_months", kind=float),
    ClientSort.REGISTERED: _Order(alias="c", column="registered_at", kind=int, nullable=True),
    # Ids ascend in the order in which clients were made.
    ClientSort.CREATED: _Order(alias="c", column="id", kind=int),
}


@dataclass(frozen=True, kw_only=True)
class _Best:
    """`source` selects the ids that meet all filters but the `rest`."""

    source: str
    rest: list[Filter]


@dataclass(frozen=True, kw_only=True)
class Position:
    """The last row of a page: where the next one goes on."""

    part: Part
    key: CursorValue
    client_id: int


class ClientPages:
    """Answers one query in one transaction."""

    def __init__(self, session: Session, query: ClientQuery, run_id: int, threshold: float) -> None:
        self._session, self._query = session, query
        self._order = _ORDERS[query.sort]
        self._direction = "DESC" if query.descending else "ASC"
        self._visible = visible(session, "c")
        self._filters, values = filters_of(session, query)
        self._parameters: dict[str, object] = {"run": run_id, "threshold": threshold, **values}
        self._asks_for_figures = any(each.alias == "a" for each in self._filters)

    def position(self) -> Position | None:
        """Where the query's cursor points; None at the beginning. Raises InvalidCursor."""
        if self._query.cursor is None:
            return None
        kinds = ((int,), (self._order.kind, type(None)), (int,))
        part, key, client_id = decode_cursor(self._query.scope, self._query.cursor, kinds)
        if part not in list(Part):
            raise InvalidCursor(REFUSED)
        return Position(part=Part(int(str(part))), key=key, client_id=int(str(client_id)))

    def cursor(self, position: Position) -> str:
        return encode_cursor(self._query.scope, (int(position.part), position.key, position.client_id))

    def total(self) -> int:
        """How many clients there are, up to COUNT_CAP + 1."""
        if not self._filters:
            return self._count(f"SELECT 1 FROM clients AS c WHERE {self._visible}")
        if self._visible == "TRUE" and not self._best.rest:
            return self._count(self._best.source)
        return self._count(f"SELECT 1 {self._collected(None)}")

    def rows(self, total: int, after: Position | None) -> Iterator[tuple[Part, Any]]:
        """Up to one row more than the page has, each with the part that it is of."""
        missing = self._query.limit + 1
        few = bool(self._filters) and total <= FEW
        for part in self._parts(after):
            begin = after if after is not None and after.part is part else None
            sql = self._page(part, few, begin)
            rows = execute(self._session, sql, self._parameters | {"limit": missing}).all()
            yield from ((part, row) for row in rows)
            missing -= len(rows)
            if missing <= 0:
                return

    def _parts(self, after: Position | None) -> Iterator[Part]:
        exists = {
            Part.VALUED: True,
            Part.WITHOUT_VALUE: self._order.nullable,
            Part.NOT_SCORED: self._order.alias == "a" and not self._asks_for_figures,
        }
        first = Part.VALUED if after is None else after.part
        return (part for part in Part if exists[part] and part >= first)

    def _page(self, part: Part, few: bool, after: Position | None) -> str:
        """The ids from an index first, then everything that a line shows of them."""
        walks_figures = not few and self._order.alias == "a" and part is not Part.NOT_SCORED
        client_id = "a.client_id" if walks_figures else "c.id"
        key = "NULL" if part is Part.NOT_SCORED else self._order.key
        ids = self._collected(part) if few else self._walked(walks_figures)
        conditions = [self._belonging(part), *self._after(part, after, client_id)]
        ordered = "" if part is Part.NOT_SCORED else f"{key} {self._direction},"
        return (
            f"SELECT p.key, {COLUMNS} FROM (SELECT {client_id} AS id, {key} AS key {ids} "
            f"AND {' AND '.join(conditions)} ORDER BY {ordered} {client_id} {self._direction} LIMIT :limit) "
            f"AS p CROSS JOIN clients AS c {SNAPSHOT} WHERE c.id = p.id "
            f"ORDER BY {ordered and f'p.key {self._direction},'} p.id {self._direction}"
        )

    def _belonging(self, part: Part) -> str:
        """What makes a client one of this part."""
        if part is Part.NOT_SCORED:
            return _NOT_IN_RUN
        return f"{self._order.key} IS {'NOT NULL' if part is Part.VALUED else 'NULL'}"

    def _after(self, part: Part, after: Position | None, client_id: str) -> list[str]:
        if after is None:
            return []
        self._parameters |= {"after_key": after.key, "after_id": after.client_id}
        sign = "<" if self._query.descending else ">"
        if part is Part.VALUED:
            return [f"({self._order.key}, {client_id}) {sign} (:after_key, :after_id)"]
        return [f"{client_id} {sign} :after_id"]

    def _walked(self, figures: bool) -> str:
        """FROM and WHERE that walk the index of the order and check each row."""
        conditions = [each.condition if self._walks(each) else each.hidden for each in self._filters]
        if not figures:
            source = "clients AS c" + (" CROSS JOIN client_activity AS a" if self._asks_for_figures else "")
            joined = [*_OF_RUN * self._asks_for_figures, self._visible]
        elif self._visible == "TRUE" and all(each.alias == "a" for each in self._filters):
            source, joined = "client_activity AS a", ["a.run_id = :run"]
        else:
            source = "client_activity AS a CROSS JOIN clients AS c"
            joined = ["a.run_id = :run", "c.id = a.client_id", self._visible]
        return f"FROM {source} WHERE {' AND '.join([*joined, *conditions])}"

    def _walks(self, each: Filter) -> bool:
        return (each.alias, each.column) == (self._order.alias, self._order.column)

    @cached_property
    def _best(self) -> _Best:
        """The filter with the fewest matches; its index answers every other one of the figures too."""
        best = self._filters[0]
        if len(self._filters) > 1:
            best = min(self._filters, key=lambda each: self._count(each.source))
        rest = [each for each in self._filters if each is not best]
        inside = [each for each in rest if each.alias == best.alias == "a"]
        return _Best(
            source=" AND ".join([best.source, *(each.hidden for each in inside)]),
            rest=[each for each in rest if each not in inside],
        )

    def _collected(self, part: Part | None) -> str:
        """FROM and WHERE of all matches, beginning with the most telling filter."""
        joined, conditions = "", [each.condition for each in self._best.rest]
        ordered = self._order.alias == "a" and part in (Part.VALUED, Part.WITHOUT_VALUE)
        if ordered or any(each.alias == "a" for each in self._best.rest):
            joined, conditions = "CROSS JOIN client_activity AS a", [*_OF_RUN, *conditions]
        return (
            f"FROM ({self._best.source}) AS f CROSS JOIN clients AS c {joined} "
            f"WHERE {' AND '.join(['c.id = f.id', *conditions, self._visible])}"
        )

    def _count(self, source: str) -> int:
        sql = f"SELECT count(*) FROM ({source} LIMIT {COUNT_CAP + 1}) AS counted"
        return int(execute(self._session, sql, self._parameters).scalar_one())


_OF_RUN = ("a.run_id = :run", "a.client_id = c.id")
_NOT_IN_RUN = "NOT EXISTS (SELECT 1 FROM client_activity AS n WHERE n.run_id = :run AND n.client_id = c.id)"
