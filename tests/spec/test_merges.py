"""Making two clients one and two again: one specification, both databases."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from tests.support.ledgers import (
    NOW,
    begin,
    bring_activity,
    bring_clients,
    bring_orders,
    contents,
    identities_of,
    set_state,
    take_back,
)
from tests.support.scores import score, version

from salesml.core.clients import ExternalId
from salesml.core.errors import InvalidValue, NotFound
from salesml.core.imports import ImportKind, ImportState
from salesml.core.merges import DuplicateGroup, gained
from salesml.core.models import Target
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.services import installation, merges

BY: dict[str, Any] = {"actor": "ann@shop.example", "now": NOW}


@pytest.fixture
def tx(engine: Engine) -> SqlTransactions:
    """An installation, as the figures of the main page need one."""
    made = SqlTransactions(engine)
    made.run(installation.initialise, currency="PLN", timezone="Europe/Warsaw", now=NOW)
    return made


def people(uow: SqlUnitOfWork, *emails: str) -> list[int]:
    """Clients A, B, C ... of the given addresses, with orders, activity and, if few, forecasts."""
    names = [chr(ord("A") + place) for place in range(len(emails))]
    import_id = begin(uow)
    bring_orders(uow, import_id, [(f"order {name}", name, 100 + place) for place, name in enumerate(names)])
    bring_activity(uow, import_id, [(name, 0, 3, None) for name in names])
    set_state(uow, import_id)
    ids = [client(uow, name) for name in names]
    for client_id, name, email in zip(ids, names, emails, strict=True):
        uow.clients.amend(client_id, {"first_name": name, "email": email})
    if len(ids) <= 3:
        score(uow, version(uow, Target.SALES), version(uow, Target.PURCHASE))
    return ids


def client(uow: SqlUnitOfWork, name: str) -> int:
    found = uow.clients.find(ExternalId(source="default", external_id=name))
    assert found is not None
    return found.id


def without_summaries(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: rows for name, rows in contents(engine).items() if name not in ("summaries", "audit_events")
    }


def test_what_was_of_two_clients_is_of_one(tx: SqlTransactions) -> None:
    first, second = tx.run(people, "a@x.pl", "a@x.pl")
    (merged,) = tx.run(merges.merge, first, [second], **BY)
    assert (merged.client_id, merged.merged_client_id, merged.first_name) == (first, second, "B")
    assert merged.external_ids == (ExternalId(source="default", external_id="B"),)
    with pytest.raises(NotFound):
        tx.read(lambda uow: uow.clients.get(second))
    assert tx.read(client, "B") == first
    told = tx.read(lambda uow: uow.clients.get(first))
    assert [one.external_id for one in told.external_ids] == ["A", "B"]
    assert tx.read(lambda uow: uow.orders.ledger(first)).column("amount").to_pylist() == [100, 101]
    assert tx.read(lambda uow: uow.activity.daily(first)).num_rows == 2
    assert tx.read(lambda uow: uow.clients.roster()).num_rows == 1


def test_undoing_a_merge_leaves_everything_as_it_was(tx: SqlTransactions, engine: Engine) -> None:
    first, second, third = tx.run(people, "a@x.pl", "a@x.pl", "a@x.pl")
    tx.run(merges.keep_apart, [second, third], **BY)
    tx.run(
        lambda uow: uow.clients.amend(
            second, {"registered_at": 1000, "registered_day": 0, "ad_user_data": True, "ad_user_data_at": 5}
        )
    )
    before = without_summaries(engine)
    (merged,) = tx.run(merges.merge, first, [second], **BY)
    told = tx.read(lambda uow: uow.clients.get(first))
    assert told.registered_at is not None
    assert told.consents["ad_user_data"].granted
    assert without_summaries(engine) != before
    assert tx.run(merges.undo, merged.id, **BY) == second
    assert without_summaries(engine) == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_merges_into_one_client_are_undone_in_any_order(
    tx: SqlTransactions, engine: Engine, order: tuple[int, int]
) -> None:
    first, second, third = tx.run(people, "a@x.pl", "a@x.pl", "a@x.pl")
    before = without_summaries(engine)
    inner = tx.run(merges.merge, second, [third], **BY)
    outer = tx.run(merges.merge, first, [second], **BY)
    both = [inner[0].id, outer[0].id]
    for place in order:
        tx.run(merges.undo, both[place], **BY)
    assert without_summaries(engine) == before


def test_what_came_for_a_merged_client_goes_with_it_again(tx: SqlTransactions) -> None:
    first, second = tx.run(people, "a@x.pl", "a@x.pl")
    (merged,) = tx.run(merges.merge, first, [second], **BY)

    def order_more(uow: SqlUnitOfWork) -> None:
        import_id = begin(uow)
        bring_orders(uow, import_id, [("later", "B", 7)])
        set_state(uow, import_id)

    tx.run(order_more)
    assert tx.run(merges.undo, merged.id, **BY) == second
    assert tx.read(lambda uow: uow.orders.ledger(second)).column("amount").to_pylist() == [101, 7]


def test_a_value_that_somebody_changed_since_stays(tx: SqlTransactions) -> None:
    first, second = tx.run(people, "a@x.pl", "a@x.pl")
    tx.run(lambda uow: uow.clients.amend(first, {"first_name": None, "last_name": None}))
    (merged,) = tx.run(merges.merge, first, [second], **BY)
    assert tx.read(lambda uow: uow.clients.get(first)).first_name == "B"
    tx.run(lambda uow: uow.clients.amend(first, {"first_name": "Anna"}))
    tx.run(merges.undo, merged.id, **BY)
    assert tx.read(lambda uow: uow.clients.get(first)).first_name == "Anna"
    assert tx.read(lambda uow: uow.clients.get(second)).first_name == "B"


def test_a_merged_client_comes_back_under_another_id_if_its_own_was_given_away(tx: SqlTransactions) -> None:
    first, second = tx.run(people, "a@x.pl", "a@x.pl")
    (merged,) = tx.run(merges.merge, first, [second], **BY)

    def take_its_place(uow: SqlUnitOfWork) -> int:
        import_id = begin(uow)
        identities_of(uow, ["D"], import_id)
        set_state(uow, import_id)
        return client(uow, "D")

    other = tx.run(take_its_place)
    restored = tx.run(merges.undo, merged.id, **BY)
    assert restored not in (first, other)
    assert tx.read(client, "B") == restored
    assert tx.read(client, "D") == other


def test_an_import_is_taken_back_whether_its_clients_were_merged_or_not(
    tx: SqlTransactions, engine: Engine
) -> None:
    def bring(uow: SqlUnitOfWork) -> tuple[int, int, int]:
        import_id = begin(uow)
        bring_orders(uow, import_id, [("1", "A", 1), ("2", "B", 2)])
        set_state(uow, import_id)
        return import_id, client(uow, "A"), client(uow, "B")

    import_id, first, second = tx.run(bring)
    (merged,) = tx.run(merges.merge, first, [second], **BY)
    tx.run(take_back, import_id)
    left = without_summaries(engine)
    assert [name for name in ("clients", "client_ids", "client_merges", "orders") if left[name]] == []
    with pytest.raises(NotFound):
        tx.run(merges.undo, merged.id, **BY)


def test_clients_of_one_address_are_proposed_until_they_are_merged_or_called_two_people(
    tx: SqlTransactions,
) -> None:
    first, second, third, other = tx.run(people, "a@x.pl", "a@x.pl", "b@x.pl", "b@x.pl")
    found = tx.read(proposed)
    assert [(group.email, group.total) for group in found] == [("a@x.pl", 2), ("b@x.pl", 2)]
    one, _ = found[0].candidates
    assert (one.client.id, one.orders, one.net, one.last_order_day) == (first, 1, 100, 20_000)
    tx.run(merges.keep_apart, [third, other], **BY)
    assert [group.email for group in tx.read(proposed)] == ["a@x.pl"]
    tx.run(merges.merge, first, [second], **BY)
    assert tx.read(proposed) == []


def proposed(uow: SqlUnitOfWork) -> list[DuplicateGroup]:
    return list(uow.merges.duplicates(5))


def test_proposals_come_page_by_page(tx: SqlTransactions) -> None:
    tx.run(people, "a@x.pl", "a@x.pl", "b@x.pl", "b@x.pl")
    found = tx.read(lambda uow: uow.merges.duplicates(1))
    assert [group.email for group in found] == ["a@x.pl"]
    found = tx.read(lambda uow: uow.merges.duplicates(5, "a@x.pl"))
    assert [group.email for group in found] == ["b@x.pl"]


def test_of_three_with_one_pair_apart_all_are_still_proposed(tx: SqlTransactions) -> None:
    first, second, third = tx.run(people, "a@x.pl", "a@x.pl", "a@x.pl")
    tx.run(merges.keep_apart, [first, second], **BY)
    (group,) = tx.read(lambda uow: uow.merges.duplicates(5))
    assert group.distinct == {(first, second)}
    tx.run(merges.keep_apart, [first, second, third], **BY)
    assert tx.read(lambda uow: uow.merges.duplicates(5)) == []


def test_clients_of_an_unpublished_import_are_neither_proposed_nor_merged(tx: SqlTransactions) -> None:
    first, second = tx.run(people, "a@x.pl", "b@x.pl")

    def hide(uow: SqlUnitOfWork) -> int:
        import_id = begin(uow)
        identities_of(uow, ["C"], import_id)
        return import_id

    import_id = tx.run(hide)
    with pytest.raises(NotFound):
        tx.run(merges.merge, first, [second + 1], **BY)
    tx.run(set_state, import_id, ImportState.PUBLISHED)
    tx.run(merges.merge, first, [second + 1], **BY)


@pytest.mark.parametrize("others", [[], [1, 1], list(range(2, 40))])
def test_nobody_is_merged_with_nobody_twice_or_in_masses(tx: SqlTransactions, others: list[int]) -> None:
    with pytest.raises(InvalidValue):
        tx.run(merges.merge, 1, others, **BY)


def test_a_merged_client_is_erased_with_all_that_the_merge_kept(tx: SqlTransactions, engine: Engine) -> None:
    first, second = tx.run(people, "a@x.pl", "secret@x.pl")
    tx.run(merges.merge, first, [second], **BY)

    def erase(uow: SqlUnitOfWork) -> None:
        uow._session.info["erased_digest"] = _digest
        uow.clients.erase(first, NOW + timedelta(days=1))

    tx.run(erase)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM erased")).scalar_one() == 2
    assert "secret@x.pl" not in str(contents(engine))


def _digest(source: str, external_id: str) -> bytes:
    return sha256(f"{source}:{external_id}".encode()).digest()


CONSENT = st.tuples(st.sampled_from([None, False, True]), st.sampled_from([None, 1, 2]))


@given(kept=CONSENT, gone=CONSENT)
def test_of_a_consent_the_newer_word_counts_and_without_dates_the_refusal(
    kept: tuple[bool | None, int | None], gone: tuple[bool | None, int | None]
) -> None:
    def row(consent: tuple[bool | None, int | None]) -> dict[str, object]:
        named = dict.fromkeys(("first_name", "last_name", "email", "registered_at", "registered_day"))
        consents = {
            f"{name}{end}": value
            for name in ("marketing_email", "ad_user_data", "ad_personalization")
            for end, value in zip(("", "_at"), consent, strict=True)
        }
        return named | consents

    after = row(kept) | gained(row(kept), row(gone))
    granted, at = after["marketing_email"], after["marketing_email_at"]
    said = [one for one in (kept, gone) if one[0] is not None]
    if not said:
        assert granted is None
    elif len(said) == 1:
        assert (granted, at) == said[0]
    elif kept[1] is None and gone[1] is None:
        assert granted is (kept[0] and gone[0])
    else:
        assert at == max(one[1] or 0 for one in said)


def changed_by_an_import(uow: SqlUnitOfWork) -> tuple[int, int, int, int]:
    """Clients A and B of one import; another one of clients gave B an address. Both imports, both clients."""
    first = begin(uow)
    bring_orders(uow, first, [("1", "A", 1), ("2", "B", 2)])
    set_state(uow, first)
    second = begin(uow, ImportKind.CLIENTS)
    bring_clients(uow, second, [("B", "Barbara", "b@x.pl")])
    set_state(uow, second)
    return first, second, client(uow, "A"), client(uow, "B")


def test_a_client_that_was_taken_apart_belongs_to_its_import_again(
    tx: SqlTransactions, engine: Engine
) -> None:
    def bring(uow: SqlUnitOfWork) -> tuple[int, int, int]:
        import_id = begin(uow)
        bring_orders(uow, import_id, [("1", "A", 1), ("2", "B", 2)])
        set_state(uow, import_id)
        return import_id, client(uow, "A"), client(uow, "B")

    import_id, first, second = tx.run(bring)
    before = without_summaries(engine)
    (merged,) = tx.run(merges.merge, first, [second], **BY)
    tx.run(merges.undo, merged.id, **BY)
    assert without_summaries(engine) == before
    tx.run(take_back, import_id)
    assert without_summaries(engine)["clients"] == []


def test_what_an_import_changed_is_put_back_after_a_client_was_taken_apart(tx: SqlTransactions) -> None:
    _, second, kept, other = tx.run(changed_by_an_import)
    (merged,) = tx.run(merges.merge, kept, [other], **BY)
    assert tx.run(merges.undo, merged.id, **BY) == other
    assert tx.read(lambda uow: uow.clients.get(other)).email == "b@x.pl"
    tx.run(take_back, second)
    assert tx.read(lambda uow: uow.clients.get(other)).email is None


def test_what_an_import_changed_is_put_back_although_it_was_undone_while_the_client_was_merged(
    tx: SqlTransactions,
) -> None:
    _, second, kept, other = tx.run(changed_by_an_import)
    (merged,) = tx.run(merges.merge, kept, [other], **BY)
    tx.run(take_back, second)
    assert tx.run(merges.undo, merged.id, **BY) == other
    told = tx.read(lambda uow: uow.clients.get(other))
    assert (told.email, told.first_name) == (None, None)
