"""Lists of clients: every order, filter and page, on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from tests.support.ledgers import (
    DAY,
    begin,
    bring_activity,
    bring_orders,
    clear,
    identities_of,
    set_state,
)
from tests.support.populations import RUN_DAY, Figures, Person, populate

from salesml.core.clients import ClientLine, ClientQuery, ClientSort, Span, search_key
from salesml.core.errors import InvalidCursor, NotFound
from salesml.core.imports import ImportKind, ImportState
from salesml.core.pages import Page, encode_cursor
from salesml.db import client_lines, client_pages
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

TODAY = RUN_DAY + 1
FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANNA = Person(
    name="Anna", registered_at=86_400, figures=Figures(sales=100, probability=0.9, recency=3, months=2)
)
FIGURES = st.builds(
    Figures,
    sales=st.sampled_from([0, 0, 5, 7]),
    probability=st.sampled_from([0.0, 0.1, 1 / 3, 0.7, 0.9]),
    recency=st.sampled_from([None, None, 0, 4]),
    months=st.sampled_from([0, 1, 1, 9]),
)
PEOPLE = st.lists(
    st.builds(
        Person,
        name=st.sampled_from([None, "Anna", "anna", "Łucja", "Żaneta", "Zed"]),
        registered_at=st.sampled_from([None, None, 0, 86_400]),
        source=st.sampled_from(["default", "shop"]),
        figures=st.none() | FIGURES,
    ),
    max_size=9,
)
KEYS: dict[ClientSort, Callable[[ClientLine], float | str | None]] = {
    ClientSort.NAME: lambda line: line.client.search_key,
    ClientSort.PREDICTED_SALES: lambda line: line.predicted_sales,
    ClientSort.PURCHASE_PROBABILITY: lambda line: line.purchase_probability,
    ClientSort.DAYS_SINCE_LAST_PURCHASE: lambda line: line.days_since_last_purchase,
    ClientSort.TENURE_MONTHS: lambda line: line.tenure_months if line.as_of_day else None,
    ClientSort.REGISTERED: lambda line: (
        line.client.registered_at.timestamp() if line.client.registered_at else None
    ),
    ClientSort.CREATED: lambda line: line.client.id,
}


def ask(tx: SqlTransactions, query: ClientQuery) -> Page[ClientLine]:
    return tx.read(lambda uow: uow.clients.page(query, threshold=0.7, today=TODAY))


def walk(tx: SqlTransactions, query: ClientQuery) -> Iterator[Page[ClientLine]]:
    cursor = None
    for _ in range(20):
        page = ask(tx, replace(query, cursor=cursor))
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
    pytest.fail("the pages do not end")


def ids(page: Page[ClientLine]) -> list[str]:
    return [line.client.external_ids[0].external_id for line in page.items]


def names(tx: SqlTransactions, query: ClientQuery) -> list[str]:
    return ids(ask(tx, query))


def is_sorted(lines: list[ClientLine], query: ClientQuery) -> bool:
    """Values first, in order; then who has none in the run; then who is not in it; ties by id."""
    key = KEYS[query.sort]
    figure = query.sort not in (ClientSort.NAME, ClientSort.REGISTERED, ClientSort.CREATED)

    def part(line: ClientLine) -> int:
        return 0 if key(line) is not None else 1 if not figure or line.as_of_day else 2

    def before(one: ClientLine, other: ClientLine) -> bool:
        mine, others = ((each, line.client.id) for each, line in ((key(one), one), (key(other), other)))
        if part(one) != part(other):
            return part(one) < part(other)
        if mine[0] is None:
            mine, others = ("", mine[1]), ("", others[1])
        return bool(mine > others if query.descending else mine < others)

    return all(before(one, other) for one, other in pairwise(lines))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ClientSort)
@given(people=PEOPLE)
@FEW
def test_pages_visit_everybody_once_and_in_order(
    tx: SqlTransactions, engine: Engine, sort: ClientSort, descending: bool, people: list[Person]
) -> None:
    clear(engine)
    made = tx.run(populate, people)
    query = ClientQuery(sort=sort, descending=descending, limit=2)
    pages = list(walk(tx, query))
    lines = [line for page in pages for line in page.items]
    assert sorted(line.client.id for line in lines) == sorted(made)
    assert is_sorted(lines, query)
    assert all(len(page.items) == 2 for page in pages[:-1])
    assert {page.total for page in pages} == {len(people)}


SPANS = st.sampled_from(
    [Span(), Span(minimum=0), Span(minimum=5), Span(maximum=5), Span(minimum=1, maximum=4)]
)
QUERIES = st.builds(
    ClientQuery,
    q=st.sampled_from(["", "", "ann", "z", "3"]),
    source=st.sampled_from([None, "shop"]),
    predicted_sales=SPANS,
    purchase_probability=st.sampled_from([Span(), Span(minimum=0.1), Span(maximum=0.7)]),
    days_since_last_purchase=SPANS,
    tenure_months=SPANS,
    decision=st.sampled_from([None, None, 0, 1]),
    sort=st.sampled_from(ClientSort),
    descending=st.booleans(),
    limit=st.just(2),
)


def meets(person: Person, place: int, query: ClientQuery) -> bool:
    figures, key = person.figures, search_key(person.name) or str(place)
    asked: list[tuple[Span, float | None]] = [
        (query.predicted_sales, figures.sales if figures else None),
        (query.purchase_probability, figures.probability if figures else None),
        (query.days_since_last_purchase, figures.recency if figures else None),
        (query.tenure_months, figures.months if figures else None),
    ]
    return (
        (not query.q or key.startswith(query.q) or query.q == str(place))
        and query.source in (None, person.source)
        and all(_inside(span, value) for span, value in asked)
        and (
            query.decision is None
            or (figures is not None and (figures.probability >= 0.7) == bool(query.decision))
        )
    )


def _inside(span: Span, value: float | None) -> bool:
    if span == Span():
        return True
    return (
        value is not None
        and (span.minimum is None or value >= span.minimum)
        and (span.maximum is None or value <= span.maximum)
    )


@pytest.mark.parametrize("few", [0, 10_000])
@given(people=PEOPLE, query=QUERIES)
@settings(FEW, max_examples=25)
def test_both_plans_find_exactly_who_meets_every_filter(
    tx: SqlTransactions,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    people: list[Person],
    query: ClientQuery,
) -> None:
    # With 0 every match makes many, so that the index of the order is walked.
    monkeypatch.setattr(client_pages, "FEW", few)
    clear(engine)
    made = tx.run(populate, people)
    wanted = {client_id for place, client_id in enumerate(made) if meets(people[place], place, query)}
    pages = list(walk(tx, query))
    lines = [line for page in pages for line in page.items]
    assert len(lines) == len({line.client.id for line in lines})
    assert {line.client.id for line in lines} == wanted
    assert is_sorted(lines, query)


def test_a_line_shows_the_newest_figures_and_the_decision_of_the_current_threshold(
    tx: SqlTransactions,
) -> None:
    tx.run(populate, [ANNA])
    (line,) = ask(tx, ClientQuery()).items
    assert (line.as_of_day, line.predicted_sales, line.purchase_probability) == (RUN_DAY, 100, 0.9)
    assert (line.lower, line.upper) == (50, 200)
    assert (line.decision, line.days_since_last_purchase, line.tenure_months) == (1, 3, 2.0)
    assert tx.read(lambda uow: uow.clients.line(line.client.id, threshold=0.7, today=TODAY)) == line
    stricter = tx.read(lambda uow: uow.clients.line(line.client.id, threshold=0.95, today=TODAY))
    assert stricter.decision == 0


def test_who_is_not_scored_has_no_figures_but_a_tenure(tx: SqlTransactions) -> None:
    def make(uow: SqlUnitOfWork) -> None:
        populate(uow, [Person(name="Anna")])
        orders, visits = begin(uow), begin(uow, ImportKind.ACTIVITY)
        bring_orders(uow, orders, [("1", "0", 500)])
        bring_activity(uow, visits, [("0", -30, 1, None)])
        for import_id in (orders, visits):
            set_state(uow, import_id)

    tx.run(make)
    (line,) = ask(tx, ClientQuery()).items
    assert (line.as_of_day, line.predicted_sales, line.decision) == (None, None, None)
    assert (line.lower, line.upper) == (None, None)
    assert line.tenure_months == (TODAY - (DAY - 30)) / 30.4375


def test_nobody_is_scored_before_the_first_run(tx: SqlTransactions) -> None:
    tx.run(lambda uow: identities_of(uow, ["a", "b"], None))
    assert names(tx, ClientQuery(sort=ClientSort.PREDICTED_SALES)) == ["a", "b"]
    assert names(tx, ClientQuery(predicted_sales=Span(minimum=0))) == []


def test_a_search_folds_what_is_asked_and_finds_whole_ids_and_addresses_too(tx: SqlTransactions) -> None:
    def make(uow: SqlUnitOfWork) -> None:
        lucja, _, _ = populate(uow, [Person(name="Łucja"), Person(name="Ula"), Person(name="lu")])
        uow.clients.amend(lucja, {"email": "l@x.pl"})

    tx.run(make)
    assert names(tx, ClientQuery(q=" ŁU")) == ["2", "0"]
    assert names(tx, ClientQuery(q="1")) == ["1"]
    assert names(tx, ClientQuery(q="L@x.pl")) == ["0"]
    assert names(tx, ClientQuery(q="l_")) == names(tx, ClientQuery(q="%")) == []


def test_a_client_is_found_by_a_pair_of_source_and_id(tx: SqlTransactions) -> None:
    tx.run(populate, [ANNA, replace(ANNA, source="shop")])
    tx.run(lambda uow: uow.clients.create("third", ["1"], None))
    assert names(tx, ClientQuery(external_id="1", source="shop")) == ["1"]
    assert ask(tx, ClientQuery(external_id="1")).total == 2
    assert names(tx, ClientQuery(external_id="0", source="shop")) == []


def test_clients_on_their_way_in_or_out_are_not_listed(tx: SqlTransactions) -> None:
    import_id = tx.run(lambda uow: begin(uow, ImportKind.CLIENTS))
    tx.run(populate, [ANNA])
    tx.run(lambda uow: identities_of(uow, ["hidden"], import_id))
    for query in (ClientQuery(), ClientQuery(sort=ClientSort.TENURE_MONTHS), ClientQuery(q="h")):
        page = ask(tx, query)
        assert (ids(page), page.total) == (["0"] * (not query.q), int(not query.q))
    hidden = tx.read(lambda uow: uow.clients.identities("default", ["hidden"]))["hidden"]
    with pytest.raises(NotFound):
        tx.read(lambda uow: uow.clients.line(hidden, threshold=0.7, today=TODAY))
    tx.run(set_state, import_id)
    assert names(tx, ClientQuery()) == ["0", "hidden"]
    tx.run(set_state, import_id, ImportState.REMOVING)
    assert names(tx, ClientQuery(sort=ClientSort.PREDICTED_SALES)) == ["0"]


def test_more_than_the_cap_are_not_counted(tx: SqlTransactions, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (client_pages, client_lines):
        monkeypatch.setattr(module, "COUNT_CAP", 2)
    tx.run(populate, [ANNA] * 3)
    page = ask(tx, ClientQuery())
    assert (page.total, page.total_is_capped, len(page.items)) == (2, True, 3)
    page = ask(tx, ClientQuery(external_id="1"))
    assert (page.total, page.total_is_capped) == (1, False)


def test_a_cursor_is_good_for_its_own_list_only(tx: SqlTransactions) -> None:
    tx.run(populate, [ANNA, ANNA])
    query = ClientQuery(limit=1)
    cursor = ask(tx, query).next_cursor
    assert cursor is not None
    assert names(tx, replace(query, cursor=cursor, limit=9)) == ["1"]
    changed = cursor[:20] + ("A" if cursor[20] != "A" else "B") + cursor[21:]
    others = [replace(query, descending=True), replace(query, q="a"), replace(query, sort=ClientSort.CREATED)]
    for wrong in (
        *(replace(other, cursor=cursor) for other in others),
        *(replace(query, cursor=text) for text in (changed, cursor[:-1], "", "x", "ü", "[]", "A" * 5_000)),
        *(
            replace(query, cursor=encode_cursor(query.scope, values))
            for values in ((0, "a"), (0, 1, 1), (3, "a", 1), (True, "a", 1), (0, "a\0", 1), (0, "a", 2**63))
        ),
    ):
        with pytest.raises(InvalidCursor):
            ask(tx, wrong)
