"""Trained versions and champions: one specification, both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from salesml.core.errors import AlreadyExists, NotFound
from salesml.core.models import Artifact, Champion, Decision, Folded, ModelRole, ModelVersion, Target, Verdict
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork
from salesml.ml.training import Trained
from salesml.services import models
from salesml.services.training import Candidate

NOW = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
VERSION = ModelVersion(
    id=0,
    target=Target.SALES,
    role=ModelRole.KERNEL,
    estimator="linear",
    as_of_day=20_484,
    horizon_days=30,
    features=("purchases_30d", "days_since_last_purchase"),
    ignored={"visits_30d": "not in the data"},
    metrics={"r2": 0.25, "confusion": [[1, 2], [3, 4]], "precision": None},
    baselines={"mean": {"rmse": 0.1}},
    training={"dates": [20_424, 20_454], "rows": 120},
    folded=Folded(
        features=("purchases_30d", "days_since_last_purchase"),
        coefficients=(1.5, -2.25e-7),
        intercept=0.1,
        logistic=False,
        imputed={"days_since_last_purchase": ("tenure_months", 30.4375)},
    ),
    artifact=Artifact(file_name="a.joblib", sha256="00ff", signature="aa", libraries={"numpy": "2.4.0"}),
    parameters={"blend": {"linear": 0.5}},
    evidence={"windows": [{"as_of": "2026-01-01"}]},
    intervals={"levels": [0.1, 0.9]},
    verdict=None,
    created_at=NOW,
    created_by="cli:root",
)


def crown(uow: SqlUnitOfWork, version: ModelVersion, expected_revision: int) -> Champion:
    return uow.models.crown(
        version.target,
        version.role,
        version.id,
        expected_revision=expected_revision,
        actor="cli:root",
        note="first",
        now=NOW,
    )


def champion(tx: SqlTransactions, role: ModelRole = ModelRole.KERNEL) -> Champion | None:
    return tx.read(lambda uow: uow.models.champion(Target.SALES, role))


def add(tx: SqlTransactions, version: ModelVersion = VERSION) -> ModelVersion:
    return tx.run(lambda uow: uow.models.add(version))


def test_a_version_is_read_as_it_was_added_under_a_new_id(tx: SqlTransactions) -> None:
    added = add(tx)
    assert added.id > 0
    assert added == replace(VERSION, id=added.id)
    assert tx.read(lambda uow: uow.models.get(added.id)) == added


def test_a_version_without_folded_form_is_read_without_one(tx: SqlTransactions) -> None:
    added = add(tx, replace(VERSION, folded=None, verdict="not better than the mean"))
    assert tx.read(lambda uow: uow.models.get(added.id)) == replace(
        VERSION, id=added.id, folded=None, verdict="not better than the mean"
    )


def test_a_metric_that_is_not_a_number_is_refused_on_both_databases(tx: SqlTransactions) -> None:
    with pytest.raises((StatementError, ValueError), match="not JSON compliant"):
        add(tx, replace(VERSION, metrics={"r2": float("nan")}))


def test_an_unknown_version_is_not_found(tx: SqlTransactions) -> None:
    with pytest.raises(NotFound):
        tx.read(lambda uow: uow.models.get(99))


def test_versions_are_listed_newest_first_and_by_target(tx: SqlTransactions) -> None:
    first, second = add(tx), add(tx, replace(VERSION, target=Target.PURCHASE))
    third = add(tx)
    assert tx.read(lambda uow: uow.models.list()) == [third, second, first]
    assert tx.read(lambda uow: uow.models.list(Target.SALES)) == [third, first]


def test_every_file_of_a_version_is_needed(tx: SqlTransactions) -> None:
    add(tx)
    add(tx, replace(VERSION, artifact=replace(VERSION.artifact, file_name="b.joblib")))
    assert tx.read(lambda uow: uow.models.file_names()) == {"a.joblib", "b.joblib"}


def test_the_first_champion_has_revision_one_and_roles_are_apart(tx: SqlTransactions) -> None:
    assert champion(tx) is None
    version = add(tx)
    crowned = tx.run(crown, version, 0)
    assert crowned == Champion(
        target=Target.SALES,
        role=ModelRole.KERNEL,
        horizon_days=30,
        version_id=version.id,
        revision=1,
        since=NOW,
        note="first",
    )
    assert champion(tx) == crowned
    assert champion(tx, ModelRole.CLIENTS) is None


def test_a_champion_is_replaced_by_whoever_knows_its_revision(tx: SqlTransactions) -> None:
    old, new = add(tx), add(tx)
    tx.run(crown, old, 0)
    assert tx.run(crown, new, 1).revision == 2
    for stale in (0, 1):
        with pytest.raises(AlreadyExists, match="someone else"):
            tx.run(crown, old, stale)
    found = champion(tx)
    assert found is not None
    assert (found.version_id, found.revision) == (new.id, 2)


def test_each_horizon_has_a_champion_of_its_own(tx: SqlTransactions) -> None:
    month, quarter = add(tx), add(tx, replace(VERSION, horizon_days=90))
    assert tx.run(crown, month, 0).horizon_days == 30
    assert tx.run(crown, quarter, 0).horizon_days == 90
    held = tx.read(lambda uow: uow.models.champion(Target.SALES, ModelRole.KERNEL, 90))
    assert held is not None
    assert held.version_id == quarter.id
    assert [each.horizon_days for each in tx.read(lambda uow: uow.models.champions())] == [30, 90]


def test_promotions_are_remembered_with_who_answered_before(tx: SqlTransactions) -> None:
    old, new = add(tx), add(tx)
    tx.run(crown, old, 0)
    tx.run(crown, new, 1)
    found = tx.read(lambda uow: uow.models.promotions(Target.SALES, ModelRole.KERNEL, 30, limit=9))
    assert [(each.version_id, each.previous_id) for each in found] == [(new.id, old.id), (old.id, None)]
    assert {(each.actor, each.note, each.at) for each in found} == {("cli:root", "first", NOW)}
    assert tx.read(lambda uow: uow.models.promotions(Target.SALES, ModelRole.KERNEL, 90, limit=9)) == []


def test_a_version_of_another_role_cannot_be_champion(tx: SqlTransactions) -> None:
    version = add(tx)
    with pytest.raises(NotFound):
        tx.run(crown, replace(version, role=ModelRole.CLIENTS), 0)
    with pytest.raises(NotFound):
        tx.run(crown, replace(version, id=99), 0)


@pytest.mark.parametrize("revision", [0, 1])
def test_of_many_that_crown_at_one_revision_one_succeeds(tx: SqlTransactions, revision: int) -> None:
    version = add(tx)
    if revision:
        tx.run(crown, version, 0)
    together = Barrier(6)

    def race(_: int) -> bool:
        together.wait()
        try:
            tx.run(crown, version, revision)
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(race, range(6))) == 1


def test_versions_are_listed_by_target_and_role_and_from_an_id_on(tx: SqlTransactions) -> None:
    clients = replace(VERSION, role=ModelRole.CLIENTS)
    purchase = replace(VERSION, target=Target.PURCHASE)
    made = [add(tx, each).id for each in (VERSION, clients, purchase, VERSION)]

    def ids(*args: Any, **kwargs: Any) -> list[int]:
        return [each.id for each in tx.read(lambda uow: uow.models.list(*args, **kwargs))]

    assert ids() == made[::-1]
    assert ids(Target.SALES) == [made[3], made[1], made[0]]
    assert ids(Target.SALES, ModelRole.KERNEL) == [made[3], made[0]]
    assert ids(limit=2) == [made[3], made[2]]
    assert ids(limit=2, before_id=made[2]) == [made[1], made[0]]


def test_every_champion_is_told_at_once(tx: SqlTransactions) -> None:
    assert tx.read(lambda uow: uow.models.champions()) == []
    sales, purchase = add(tx), add(tx, replace(VERSION, target=Target.PURCHASE))
    crowned = [tx.run(crown, version, 0) for version in (purchase, sales)]
    assert tx.read(lambda uow: uow.models.champions()) == crowned


def test_the_threshold_of_the_best_f1_is_that_of_who_scores_clients(tx: SqlTransactions) -> None:
    assert tx.read(models.best_f1_threshold) is None
    for role, level in ((ModelRole.KERNEL, 0.2), (ModelRole.CLIENTS, 0.4)):
        metrics = {"best_f1": {"threshold": level, "precision": 0.5, "recall": 0.5, "f1": 0.5}}
        tx.run(
            crown,
            add(tx, replace(VERSION, target=Target.PURCHASE, role=role, horizon_days=14, metrics=metrics)),
            0,
        )
        found = tx.read(models.best_f1_threshold)
        assert found is not None
        assert found["threshold"] == level


def candidate(estimator: str, champion_id: int | None, *, promoted: bool = True) -> Candidate:
    """A trained version as far as recording looks at it."""
    trained = Trained(
        pipeline=None,
        target=Target.SALES,
        role=ModelRole.CLIENTS,
        estimator=estimator,
        as_of_day=20_454,
        features=("purchases_30d",),
        ignored={},
        metrics={},
        baselines={},
        training={},
        evidence={},
        intervals=None,
        folded=None,
        verdict=None,
        served_days=(),
        windows=(),
    )
    code = Verdict.SAME_RECIPE if promoted else Verdict.CHANGED
    return Candidate(
        trained=trained,
        artifact=VERSION.artifact,
        decision=Decision(promoted=promoted, code=code),
        champion_id=champion_id,
    )


def recorded(tx: SqlTransactions, *candidates: Candidate) -> list[bool]:
    result: Any = tx.run(models.record, candidates, {}, "ann", NOW)
    return [each["champion"] for each in result["versions"]]


def test_a_challenger_counts_beside_the_retrain_that_was_recorded_with_it(tx: SqlTransactions) -> None:
    held = add(tx, replace(VERSION, role=ModelRole.CLIENTS))
    tx.run(crown, held, 0)
    assert recorded(tx, candidate("linear", held.id), candidate("blend", held.id)) == [True, True]
    assert tx.read(models.champion, Target.SALES, ModelRole.CLIENTS).estimator == "blend"


def test_a_version_stays_a_candidate_where_another_was_promoted_meanwhile(tx: SqlTransactions) -> None:
    held, other = (add(tx, replace(VERSION, role=ModelRole.CLIENTS)) for _ in range(2))
    tx.run(crown, held, 0)
    tx.run(crown, other, 1)
    assert recorded(tx, candidate("blend", held.id)) == [False]
    newest = tx.read(lambda uow: uow.models.list())[0]
    assert newest.evidence["gate"] == {"promoted": False, "code": "changed", "values": {}}
    assert tx.read(models.champion, Target.SALES, ModelRole.CLIENTS).id == other.id
