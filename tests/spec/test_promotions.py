"""Putting versions in use, and the way back: one specification, both databases."""

from dataclasses import replace
from typing import Any

import pytest
from tests.spec.test_models import NOW, VERSION, add, champion, crown

from salesml.core.errors import AlreadyExists, InvalidValue, NoModel, NotFound
from salesml.core.models import ModelRole, ModelVersion, Target
from salesml.db.transactions import SqlTransactions
from salesml.services import models, promotions

CANDIDATE = replace(
    VERSION,
    evidence={"gate": {"promoted": False, "code": "older_data", "values": {"day": "2026-02-01"}}},
)
KERNEL = (Target.SALES, ModelRole.KERNEL)


def promote(tx: SqlTransactions, version: ModelVersion, note: str = "", **changes: Any) -> models.ModelEntry:
    return tx.run(promotions.promote, version.id, note=note, actor="ann", now=NOW, **changes)


def roll_back(tx: SqlTransactions, **changes: Any) -> models.ModelEntry:
    return tx.run(promotions.roll_back, *KERNEL, actor="ann", now=NOW, **changes)


def test_a_promotion_is_audited_and_can_be_taken_back(tx: SqlTransactions) -> None:
    first, second = add(tx), add(tx)
    tx.run(crown, first, 0)
    entry = tx.run(promotions.promote, second.id, note="better", actor="ann@shop.example", now=NOW)
    assert entry.champion == champion(tx)
    back = tx.run(
        promotions.promote, first.id, note="worse", actor="ann@shop.example", now=NOW, expected_revision=2
    )
    assert (back.version, back.champion) == (first, champion(tx))
    assert [(event.subject, event.detail) for event in tx.read(lambda uow: uow.audit.latest())] == [
        (first.name, {"before": second.name, "note": "worse"}),
        (second.name, {"before": first.name, "note": "better"}),
    ]


def test_a_promotion_upon_an_old_view_changes_nothing(tx: SqlTransactions) -> None:
    first, second = add(tx), add(tx)
    before = tx.run(crown, first, 0)
    with pytest.raises(AlreadyExists):
        tx.run(promotions.promote, second.id, note="", actor="ann", now=NOW, expected_revision=0)
    again = tx.run(promotions.promote, first.id, note="", actor="ann", now=NOW)
    assert again.champion == before == champion(tx)
    assert tx.read(lambda uow: uow.audit.latest()) == []


def test_a_kernel_version_without_coefficients_is_not_promoted(tx: SqlTransactions) -> None:
    with pytest.raises(InvalidValue, match="not linear"):
        tx.run(promotions.promote, add(tx, replace(VERSION, folded=None)).id, note="", actor="ann", now=NOW)


@pytest.mark.parametrize("note", ["", "   "])
def test_what_the_gate_left_a_candidate_needs_a_note(tx: SqlTransactions, note: str) -> None:
    first, second = add(tx), add(tx, CANDIDATE)
    before = tx.run(crown, first, 0)
    with pytest.raises(InvalidValue, match="knows data up to 2026-02-01") as refused:
        promote(tx, second, note)
    assert refused.value.field == "note"
    assert champion(tx) == before
    crowned = promote(tx, second, "our month was odd").champion
    assert crowned is not None
    assert (crowned.version_id, crowned.note) == (second.id, "our month was odd")


def test_a_version_that_the_gate_let_through_needs_no_note(tx: SqlTransactions) -> None:
    passed = replace(VERSION, evidence={"gate": {"promoted": True, "code": "first", "values": {}}})
    assert promote(tx, add(tx, passed)).champion == champion(tx)


def test_a_roll_back_brings_the_version_before_and_is_audited(tx: SqlTransactions) -> None:
    first, second = add(tx), add(tx, CANDIDATE)
    tx.run(crown, first, 0)
    promote(tx, second, "try it")
    found = tx.read(promotions.way_back, *KERNEL)
    assert (found.version, found.champion, found.revision) == (first, second, 2)
    back = roll_back(tx, expected_revision=2)
    assert (back.version, back.champion) == (first, champion(tx))
    assert tx.read(lambda uow: uow.audit.latest())[0].action == "model.rolled_back"
    assert tx.read(lambda uow: uow.audit.latest())[0].detail == {
        "before": second.name,
        "note": f"rolled back from {second.name}",
    }
    assert roll_back(tx, note="better so").version == second


def test_a_roll_back_upon_an_old_view_changes_nothing(tx: SqlTransactions) -> None:
    first, second = add(tx), add(tx)
    tx.run(crown, first, 0)
    promote(tx, second)
    before = champion(tx)
    with pytest.raises(AlreadyExists, match="someone else"):
        roll_back(tx, expected_revision=1)
    assert champion(tx) == before


def test_without_an_earlier_version_there_is_no_way_back(tx: SqlTransactions) -> None:
    with pytest.raises(NoModel):
        roll_back(tx)
    tx.run(crown, add(tx), 0)
    with pytest.raises(NotFound, match="nothing to roll back to"):
        roll_back(tx)


def test_each_horizon_has_a_way_back_of_its_own(tx: SqlTransactions) -> None:
    month, quarters = add(tx), [add(tx, replace(VERSION, horizon_days=90)) for _ in range(2)]
    for version in (month, *quarters):
        promote(tx, version)
    with pytest.raises(NotFound):
        roll_back(tx)
    assert roll_back(tx, horizon_days=90).version == quarters[0]
    held = champion(tx)
    assert held is not None
    assert held.version_id == month.id


def test_promotions_come_page_by_page_and_by_target_and_role(tx: SqlTransactions) -> None:
    purchase = add(tx, replace(VERSION, target=Target.PURCHASE, horizon_days=14))
    first, second = add(tx), add(tx)
    for version in (first, purchase, second):
        promote(tx, version)
    page = tx.read(promotions.page, limit=2)
    assert [(each.name, each.previous) for each in page.items] == [
        (second.name, first.name),
        (purchase.name, None),
    ]
    rest = tx.read(promotions.page, limit=2, cursor=page.next_cursor)
    assert [each.name for each in rest.items] == [first.name]
    only = tx.read(promotions.page, target=Target.PURCHASE, role=ModelRole.KERNEL)
    assert [each.name for each in only.items] == [purchase.name]
    assert tx.read(promotions.page, role=ModelRole.CLIENTS).items == ()
