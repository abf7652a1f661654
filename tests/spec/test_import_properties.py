"""Files in whatever pieces, order and number give the same tables, whole pipeline on a real database."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from tests.support.importing import bring

from salesml.services import reports
from salesml.wiring import App

Cells = tuple[int, str, int, int]
"""Order number, client ("" for a guest), day of June 2026, cents."""
ORDERS = st.lists(
    st.tuples(
        st.integers(1, 30), st.sampled_from(["a", "b", "007", ""]), st.integers(1, 28), st.integers(0, 9999)
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda cells: cells[0],
)
QUICK = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
numbers = count()


def a_file(folder: Path, rows: Sequence[Cells], *, numbered: bool = True) -> Path:
    path = folder / f"{next(numbers)}.csv"
    head = "order_id," if numbered else ""
    lines = (
        f"{f'{number},' if numbered else ''}{client},2026-06-{day:02},{cents / 100:.2f}\n"
        for number, client, day, cents in rows
    )
    path.write_text(f"{head}client_id,ordered_at,amount\n{''.join(lines)}")
    return path


def stored(engine: Engine, source: str) -> list[tuple[object, ...]]:
    """A source's orders and the clients that have an identity in it."""
    orders = (
        "SELECT o.order_id, i.external_id, o.ordered_at, o.amount, o.kind FROM orders AS o "
        "LEFT JOIN client_ids AS i ON i.id = o.identity_id WHERE o.source = :source ORDER BY o.order_id"
    )
    clients = "SELECT external_id FROM client_ids WHERE source = :source ORDER BY external_id"
    with engine.connect() as connection:
        found = [connection.execute(text(sql), {"source": source}) for sql in (orders, clients)]
        return [tuple(row) for rows in found for row in rows]


@QUICK
@given(rows=ORDERS, dice=st.randoms(use_true_random=False))
def test_any_split_in_any_order_with_any_repeats_gives_the_same_tables(
    app: App, engine: Engine, tmp_path: Path, rows: list[Cells], dice: Random
) -> None:
    shuffled = list(rows)
    dice.shuffle(shuffled)
    cut = dice.randint(0, len(rows))
    pieces = [piece for piece in (shuffled[:cut], shuffled[cut:], rows[:2]) if piece]
    whole, split = f"whole {next(numbers)}", f"split {next(numbers)}"
    bring(app, a_file(tmp_path, rows), source=whole)
    bring(app, a_file(tmp_path, rows), source=whole)
    for piece in pieces:
        assert bring(app, a_file(tmp_path, piece), source=split)["rejected"] == 0
    assert stored(engine, whole) == stored(engine, split)


@QUICK
@given(rows=ORDERS)
def test_a_differing_repeat_is_set_apart_and_what_was_stored_stays(
    app: App, engine: Engine, tmp_path: Path, rows: list[Cells]
) -> None:
    source = f"conflict {next(numbers)}"
    bring(app, a_file(tmp_path, rows), source=source)
    before = stored(engine, source)
    new = [(99, "c", 1, 100), (100, "", 2, 200)]
    other = [(number, client, day, cents + 1) for number, client, day, cents in rows]
    result = bring(app, a_file(tmp_path, [*other, *new]), source=source)
    assert (result["rejected"], result["reasons"]) == (len(rows), {"conflict": len(rows)})
    assert set(before) < set(stored(engine, source))


@QUICK
@given(rows=ORDERS, times=st.integers(2, 3))
def test_without_numbers_a_file_counts_once_and_every_row_in_it(
    app: App, engine: Engine, tmp_path: Path, rows: list[Cells], times: int
) -> None:
    source = f"unnumbered {next(numbers)}"
    file = a_file(tmp_path, rows * times, numbered=False)
    for _ in range(2):
        bring(app, file, source=source)
    orders = [row for row in stored(engine, source) if len(row) > 1]
    assert len(orders) == len(rows) * times
    assert sum(int(str(row[3])) for row in orders) == times * sum(cents for *_, cents in rows)


ANY_ROWS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from(["a", ""]),
        st.sampled_from(["2026-06-01", "2026-06-02", "never"]),
        st.one_of(st.integers(-300, 9999), st.none()),
    ),
    max_size=14,
)
"""Order number, client, day, cents or an unreadable amount; numbers recur."""


@QUICK
@given(rows=ANY_ROWS, lines=st.booleans())
def test_money_in_is_money_kept_and_money_set_aside(
    app: App, tmp_path: Path, rows: list[tuple[int, str, str, int | None]], lines: bool
) -> None:
    rows = [(99, "a", "2026-06-03", 5), *rows]
    path = tmp_path / f"{next(numbers)}.csv"
    written = [
        f"{number},{client},{day},{'' if cents is None else f'{cents / 100:.2f}'}{',1' if lines else ''}\n"
        for number, client, day, cents in rows
    ]
    head = "order_id,client_id,ordered_at," + ("unit_price,quantity" if lines else "amount")
    path.write_text(f"{head}\n{''.join(written)}")
    done = bring(app, path, source=f"money {next(numbers)}")
    told = app.tx.read(reports.of_import, int(str(done["import_id"])))
    assert told is not None
    assert told.file.ledger is not None
    counted = rows if lines else list(_without_repeats(rows))
    assert told.file.ledger.net + sum(each.amount for each in told.file.refused) == sum(
        cents for *_, cents in counted if cents is not None
    )
    assert told.file.unreadable == sum(cents is None for *_, cents in counted)
    assert {each.currency for each in told.file.refused} <= {None}


def _without_repeats(
    rows: Sequence[tuple[int, str, str, int | None]],
) -> Iterator[tuple[int, str, str, int | None]]:
    """All rows but good ones that equal the first good one of their number: those are ignored."""
    first: dict[int, int] = {}
    for place, row in enumerate(rows):
        is_good = row[2] != "never" and row[3] is not None and row[3] >= 0
        earlier = first.setdefault(row[0], place) if is_good else place
        if earlier == place or rows[earlier] != row:
            yield row
