"""Which orders cancel each other."""

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesml.core.orders import VOID_WITHIN_SECONDS, LedgerEntry, OrderKind, void_pairs

ONLINE_RETAIL = Path(__file__).resolve().parents[3].parent / "shared/data/online_retail/orders.parquet"
LIMIT = VOID_WITHIN_SECONDS
SALE, CANCELLATION = OrderKind.SALE, OrderKind.CANCELLATION


def sale(id_: int, at: int, amount: int = 100, client: int = 1) -> LedgerEntry:
    return LedgerEntry(id_, client, at, amount, SALE)


def cancel(id_: int, at: int, amount: int = -100, client: int = 1, names: int | None = None) -> LedgerEntry:
    return LedgerEntry(id_, client, at, amount, CANCELLATION, names)


@pytest.mark.parametrize(
    ("entries", "pairs"),
    [
        pytest.param([sale(1, 0), cancel(2, 9)], {(1, 2)}, id="a cancellation takes the sale before it"),
        pytest.param([sale(1, 0), sale(2, 1), cancel(3, 9)], {(2, 3)}, id="of two sales the latest"),
        pytest.param(
            [sale(1, 0), sale(2, 1), cancel(3, 8), cancel(4, 9)], {(2, 3), (1, 4)}, id="then the one before"
        ),
        pytest.param([cancel(1, 0), sale(2, 9)], set(), id="a later sale is never taken"),
        pytest.param(
            [cancel(1, 5), sale(2, 5)], {(2, 1)}, id="a sale of the same instant is, whatever its id"
        ),
        pytest.param([sale(1, 0), cancel(2, LIMIT)], {(1, 2)}, id="a sale of 14 x 24 h before is taken"),
        pytest.param([sale(1, 0), cancel(2, LIMIT + 1)], set(), id="an older one is not"),
        pytest.param([sale(1, 0), cancel(2, 9, client=2)], set(), id="another client's sale is not"),
        pytest.param([sale(1, 0), cancel(2, 9, -99)], set(), id="a sale of another amount is not"),
        pytest.param(
            [sale(1, 0), LedgerEntry(2, 1, 9, -100, OrderKind.REFUND)], set(), id="a refund voids nothing"
        ),
        pytest.param(
            [LedgerEntry(1, 1, 0, 100, OrderKind.ADJUSTMENT), cancel(2, 9)], set(), id="only sales are voided"
        ),
        pytest.param([sale(1, 0, 0), cancel(2, 9, 0)], set(), id="nothing of value zero is voided"),
        pytest.param([sale(1, 0), sale(2, 1), cancel(3, 9, names=1)], {(1, 3)}, id="a named sale is taken"),
        pytest.param([sale(1, 0), cancel(2, 9 * LIMIT, names=1)], {(1, 2)}, id="however old it is"),
        pytest.param([sale(1, 0), cancel(2, 9, client=2, names=1)], {(1, 2)}, id="and whoever cancels it"),
        pytest.param([cancel(1, 0, names=2), sale(2, 9)], {(2, 1)}, id="and even if it is dated later"),
        pytest.param(
            [sale(1, 0, 300), sale(2, 0), cancel(3, 9, names=1)],
            set(),
            id="a part of the named sale voids nothing",
        ),
        pytest.param([sale(1, 0), cancel(2, 9, names=7)], set(), id="naming an unknown sale voids nothing"),
        pytest.param(
            [sale(1, 0), sale(2, 1), cancel(3, 8, names=2), cancel(4, 9)],
            {(2, 3), (1, 4)},
            id="a named sale is no longer there for the rule",
        ),
        pytest.param(
            [sale(1, 0), cancel(2, 9), cancel(3, 9, names=1)],
            {(1, 3)},
            id="of one instant the cancellation that names its sale goes first",
        ),
        pytest.param(
            [sale(1, 0), sale(2, 1), cancel(3, 8), cancel(4, 9, names=2)],
            {(2, 3), (1, 4)},
            id="a named sale taken by the rule before is replaced by what the rule would have taken",
        ),
        pytest.param(
            [sale(1, 0), sale(2, 1), cancel(3, LIMIT), cancel(4, 3 * LIMIT, names=2)],
            {(2, 3), (1, 4)},
            id="as old as the rule allowed then",
        ),
        pytest.param(
            [sale(1, 0), sale(2, 1), cancel(3, LIMIT + 1), cancel(4, LIMIT + 2, names=2)],
            {(2, 3)},
            id="and not older",
        ),
        pytest.param(
            [sale(1, 0), cancel(2, 1), sale(3, 2), cancel(4, 9, names=1)],
            {(1, 2)},
            id="and not later than the cancellation that took it",
        ),
        pytest.param(
            [sale(1, 0), sale(2, 1), cancel(3, 8, names=2), cancel(4, 9, names=2)],
            {(2, 3)},
            id="naming one sale twice voids it once",
        ),
        pytest.param(
            [sale(1, 0), sale(2, 1), sale(3, 2), cancel(4, 7), cancel(5, 8, names=3), cancel(6, 9, names=3)],
            {(3, 4), (2, 5)},
            id="even if it was replaced",
        ),
        pytest.param(
            [sale(1, 0), sale(2, 1), sale(3, 2), cancel(4, 7), cancel(5, 8, names=3), cancel(6, 9, names=2)],
            {(3, 4), (2, 5), (1, 6)},
            id="a replacement can be claimed by name again",
        ),
    ],
)
def test_a_cancellation_voids_its_sale(entries: Sequence[LedgerEntry], pairs: set[tuple[int, int]]) -> None:
    assert set(void_pairs(entries)) == pairs


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerEntry]:
    """Few clients, amounts and instants, so that nearly everything competes for the same sales."""
    size = draw(st.integers(0, 14))
    entry = st.builds(
        lambda at, client, amount, kind, cancels: (client, at * (LIMIT // 4), amount, kind, cancels),
        at=st.integers(0, 9),
        client=st.integers(1, 2),
        amount=st.sampled_from([100, 100, 200]),
        kind=st.sampled_from([SALE, SALE, CANCELLATION, CANCELLATION, OrderKind.REFUND]),
        cancels=st.none() | st.integers(1, size + 1),
    )
    rows = draw(st.lists(entry, min_size=size, max_size=size))
    return [
        LedgerEntry(number, client, at, amount if kind is SALE else -amount, kind, cancels)
        for number, (client, at, amount, kind, cancels) in enumerate(rows, start=1)
    ]


@given(ledgers())
def test_the_money_of_a_pair_sums_to_zero_and_no_order_is_in_two(entries: list[LedgerEntry]) -> None:
    by_id = {entry.id: entry for entry in entries}
    pairs = void_pairs(entries)
    for voided, cancellation in pairs:
        assert by_id[voided].kind is SALE
        assert by_id[cancellation].kind is CANCELLATION
        assert by_id[voided].amount + by_id[cancellation].amount == 0
    assert len({order for pair in pairs for order in pair}) == 2 * len(pairs)


@given(ledgers(), st.integers(0, 9))
def test_later_orders_never_change_an_earlier_pair(entries: list[LedgerEntry], cut: int) -> None:
    earlier = {entry.id: entry for entry in entries if entry.at <= cut * (LIMIT // 4)}
    before = set(void_pairs(earlier.values()))
    assert before == {pair for pair in void_pairs(entries) if earlier.keys() >= set(pair)}


@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_in_which_rows_are_read_does_not_matter(entries: list[LedgerEntry], random: Random) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert void_pairs(shuffled) == void_pairs(entries)


@pytest.mark.skipif(not ONLINE_RETAIL.exists(), reason="the public order files are not beside the repository")
def test_the_cancellations_of_online_retail_are_found() -> None:
    rows = pq.read_table(ONLINE_RETAIL).to_pylist()
    ledger = [
        LedgerEntry(
            number,
            int(row["client_id"]),
            int(row["ordered_at"].replace(tzinfo=UTC).timestamp()),
            round(row["amount"] * 100),
            OrderKind(row["kind"]),
        )
        for number, row in enumerate(rows)
    ]
    pairs = void_pairs(ledger)
    assert (len(pairs), sum(ledger[voided].amount for voided, _ in pairs)) == (116, 348_062_86)
