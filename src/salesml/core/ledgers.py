"""What a ledger of orders looks like, whichever engine holds it: a file that was read, or all that is stored.

The questions are SQL that SQLite, PostgreSQL and DuckDB understand alike, over integers. A ledger is a
table expression of the columns `source, order_id, client` (null for a guest), `instant` (epoch seconds),
`day` (epoch day), `amount` (signed minor units), `kind, cancels` (an order number of the same source).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from salesml.core.orders import LedgerEntry, OrderKind, void_pairs

Ask = Callable[[str], Sequence[Sequence[Any]]]
"""Answers the rows of a SELECT."""
GAP_DAYS = 7
"""From so many days without an order on, somebody should look whether data is missing."""
OUTLIER_MEDIANS = 50
"""A sale of so many medians moves averages, and with them forecasts, by itself."""
LISTED = 20


@dataclass(frozen=True, kw_only=True)
class KindSum:
    """Orders of one kind, and their signed sum."""

    kind: str
    orders: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Days in a row, from the first to the last, without any order."""

    first_day: int
    last_day: int

    @property
    def days(self) -> int:
        return self.last_day - self.first_day + 1


@dataclass(frozen=True, kw_only=True)
class Outlier:
    """A sale far above the median; `medians` is how many times."""

    source: str
    order_id: str
    day: int
    amount: int
    medians: float


@dataclass(frozen=True, kw_only=True)
class VoidPair:
    """A sale and its full cancellation, `after_s` seconds later; `linked` when the source said so itself."""

    source: str
    sale: str
    cancellation: str
    day: int
    amount: int
    after_s: int
    linked: bool


@dataclass(frozen=True, kw_only=True)
class LedgerReport:
    """Sums are minor units. `net` adds up everything, `gross` what is above 0; `guests` are orders without a
    client and `guests_net` their part of `net`. `repeats` are orders that another one equals but for its
    number. Of voids, outliers and gaps the largest LISTED are listed, and all are counted.
    """

    orders: int
    clients: int
    net: int
    gross: int
    zero_orders: int
    guests: int
    guests_net: int
    kinds: tuple[KindSum, ...]
    first_day: int | None
    last_day: int | None
    days_with_orders: int
    gaps: tuple[Gap, ...]
    gap_count: int
    repeats: int
    median_sale: int | None
    outliers: tuple[Outlier, ...]
    outlier_count: int
    voids: tuple[VoidPair, ...]
    void_count: int
    void_sum: int

    @property
    def guests_share(self) -> float | None:
        """Of the net sum; None where that is not above 0."""
        return self.guests_net / self.net if self.net > 0 else None


def describe(ask: Ask, ledger: str) -> LedgerReport:
    """Ask everything of a ledger. `ask` must see one and the same state throughout."""
    sums = ask(_SUMS.format(ledger=ledger))
    days = [row[0] for row in ask(f"SELECT DISTINCT day FROM {ledger} AS o ORDER BY day")]
    gaps = sorted(_gaps(days), key=lambda gap: (-gap.days, gap.first_day))
    median, outliers, outlier_count = _sizes(ask, ledger, sum(row[7] for row in sums))
    voids = sorted(_voids(ask, ledger), key=lambda pair: (-pair.amount, pair.day, pair.sale))
    return LedgerReport(
        orders=sum(row[1] for row in sums),
        clients=_one(ask, f"SELECT count(DISTINCT client) FROM {ledger} AS o"),
        net=sum(row[2] for row in sums),
        gross=sum(row[6] for row in sums),
        zero_orders=sum(row[3] for row in sums),
        guests=sum(row[4] for row in sums),
        guests_net=sum(row[5] for row in sums),
        kinds=tuple(KindSum(kind=row[0], orders=row[1], amount=row[2]) for row in sums),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        days_with_orders=len(days),
        gaps=tuple(gaps[:LISTED]),
        gap_count=len(gaps),
        repeats=_one(ask, _REPEATS.format(ledger=ledger)),
        median_sale=median,
        outliers=outliers,
        outlier_count=outlier_count,
        voids=tuple(voids[:LISTED]),
        void_count=len(voids),
        void_sum=sum(pair.amount for pair in voids),
    )


def _one(ask: Ask, sql: str) -> int:
    return int(ask(sql)[0][0])


def _gaps(days: Sequence[int]) -> Iterator[Gap]:
    for before, after in pairwise(days):
        if after - before > GAP_DAYS:
            yield Gap(first_day=before + 1, last_day=after - 1)


def _sizes(ask: Ask, ledger: str, sales: int) -> tuple[int | None, tuple[Outlier, ...], int]:
    """The (upper) median sale, the largest outliers, and how many there are."""
    if sales == 0:
        return None, (), 0
    chosen = f"FROM {ledger} AS o WHERE amount > 0"
    median = _one(ask, f"SELECT amount {chosen} ORDER BY amount LIMIT 1 OFFSET {sales // 2}")
    beyond = f"{chosen} AND amount > {OUTLIER_MEDIANS * median}"
    found = ask(
        f"SELECT source, order_id, day, amount {beyond} ORDER BY amount DESC, source, order_id LIMIT {LISTED}"
    )
    outliers = tuple(
        Outlier(source=source, order_id=order_id, day=day, amount=amount, medians=round(amount / median, 1))
        for source, order_id, day, amount in found
    )
    return median, outliers, _one(ask, f"SELECT count(*) {beyond}")


def _voids(ask: Ask, ledger: str) -> Iterator[VoidPair]:
    rows = ask(_CANDIDATES.format(ledger=ledger))
    numbers = {(row[0], row[1]): number for number, row in enumerate(rows)}
    clients: dict[object, int] = {}
    pairs = void_pairs(
        LedgerEntry(
            number,
            clients.setdefault(client, len(clients)),
            instant,
            amount,
            OrderKind(kind),
            _named(numbers, source, cancels),
        )
        for number, (source, _, client, instant, _, amount, kind, cancels) in enumerate(rows)
    )
    for sale, cancellation in pairs:
        sold, back = rows[sale], rows[cancellation]
        yield VoidPair(
            source=sold[0],
            sale=sold[1],
            cancellation=back[1],
            day=sold[4],
            amount=sold[5],
            after_s=back[3] - sold[3],
            linked=_named(numbers, back[0], back[7]) == sale,
        )


def _named(numbers: dict[tuple[str, str], int], source: str, cancels: str | None) -> int | None:
    """The row that a cancellation names. One that is not there at all is as good as none named."""
    return None if cancels is None else numbers.get((source, cancels))


_SUMS = (
    "SELECT kind, count(*), CAST(coalesce(sum(amount), 0) AS bigint), "
    "count(CASE WHEN amount = 0 THEN 1 END), "
    "count(*) - count(client), CAST(coalesce(sum(CASE WHEN client IS NULL THEN amount END), 0) AS bigint), "
    "CAST(coalesce(sum(CASE WHEN amount > 0 THEN amount END), 0) AS bigint), "
    "count(CASE WHEN amount > 0 THEN 1 END) FROM {ledger} AS o GROUP BY kind ORDER BY kind"
)
_REPEATS = (
    "SELECT CAST(coalesce(sum(g.alike - 1), 0) AS bigint) FROM (SELECT count(*) AS alike FROM {ledger} AS o "
    "WHERE client IS NOT NULL GROUP BY client, instant, amount, kind HAVING count(*) > 1) AS g"
)
_CANDIDATES = """
WITH cancelled AS (
  SELECT * FROM {ledger} AS o WHERE kind = 'cancellation' AND amount < 0 AND client IS NOT NULL
)
SELECT source, order_id, client, instant, day, amount, kind, cancels FROM cancelled
UNION ALL
SELECT s.source, s.order_id, s.client, s.instant, s.day, s.amount, s.kind, s.cancels FROM {ledger} AS s
WHERE s.kind = 'sale' AND s.amount > 0 AND s.client IS NOT NULL AND (
  (s.client, -s.amount) IN (SELECT c.client, c.amount FROM cancelled AS c)
  OR (s.source, s.order_id) IN (SELECT c.source, c.cancels FROM cancelled AS c WHERE c.cancels IS NOT NULL)
)
ORDER BY instant, source, order_id
"""
