"""The gate on models that were really trained."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from salesml.core.activity import METRICS
from salesml.core.errors import ModelRefused
from salesml.core.installation import Installation
from salesml.core.models import Artifact, ModelRole, ModelVersion, Target, Verdict
from salesml.core.money import Currency
from salesml.ml.artifacts import SignedModelStore
from salesml.ml.history import History
from salesml.ml.material import Material, prepare
from salesml.ml.training import Trained, train
from salesml.services import gating
from salesml.services.training import train_targets

pytestmark = pytest.mark.slow

AS_OF = 20_240
PLN = Currency("PLN")
HERE = Installation(
    id="i",
    currency=PLN,
    timezone="Europe/Warsaw",
    simulated=False,
    threshold=0.7,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def store(tmp_path: Path) -> SignedModelStore:
    return SignedModelStore(tmp_path, b"k" * 32)


def trained(material: Material, target: Target = Target.PURCHASE, **changes: Any) -> Trained:
    return replace(
        train(material, target, ModelRole.CLIENTS, threshold=0.7, currency=PLN, estimator=_linear(target)),
        **changes,
    )


def _linear(target: Target) -> str:
    return "linear" if target is Target.SALES else "logistic"


def champion(found: Trained, artifact: Artifact, **changes: Any) -> ModelVersion:
    version = ModelVersion(
        id=1,
        target=found.target,
        role=found.role,
        estimator=found.estimator,
        as_of_day=found.as_of_day,
        horizon_days=found.horizon_days,
        features=found.features,
        ignored=found.ignored,
        metrics=found.metrics,
        baselines=found.baselines,
        training=found.training,
        folded=found.folded,
        artifact=artifact,
        verdict=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        created_by="ann",
    )
    return replace(version, **changes)


def test_the_first_version_answers_at_once(material: Material, store: SignedModelStore) -> None:
    decision = gating.decide(material, trained(material), None, store, 2)
    assert (decision.promoted, decision.code) == (True, Verdict.FIRST)
    assert gating.note(decision) == "first valid version"


def test_a_version_with_older_data_stays_a_candidate(material: Material, store: SignedModelStore) -> None:
    new = trained(material)
    newer = champion(new, store.save(new.pipeline, "a"), as_of_day=AS_OF + 1)
    decision = gating.decide(material, new, newer, store, 2)
    assert (decision.promoted, decision.code) == (False, Verdict.OLDER_DATA)
    assert gating.note(decision) == "candidate: the champion knows data up to 2025-06-02"


def test_a_retrain_is_measured_against_what_the_champion_itself_would_have_said(
    shop: History, material: Material, store: SignedModelStore
) -> None:
    old = train(
        prepare(shop, AS_OF - 60),
        Target.SALES,
        ModelRole.CLIENTS,
        threshold=0.7,
        currency=PLN,
        estimator="linear",
    )
    version = champion(old, store.save(old.pipeline, "old"))
    decision = gating.decide(material, trained(material, Target.SALES), version, store, 2)
    assert decision.code in {Verdict.RETRAIN_HOLDS, Verdict.RETRAIN_WORSE}
    assert decision.values["loss"] == pytest.approx(trained(material, Target.SALES).metrics["rmse"])
    assert decision.values["loss_before"] != decision.values["loss"]


def test_a_retrain_that_became_worse_is_not_promoted(material: Material, store: SignedModelStore) -> None:
    good = trained(material)
    version = champion(good, store.save(good.pipeline, "good"), as_of_day=AS_OF - 30)
    spoilt = replace(good.windows[0], predicted=np.clip(1 - good.windows[0].predicted, 0.01, 0.99))
    decision = gating.decide(material, replace(good, windows=[spoilt]), version, store, 2)
    assert (decision.promoted, decision.code) == (False, Verdict.RETRAIN_WORSE)
    assert gating.note(decision).startswith("candidate: worse than the champion by more than 2%")


def test_a_retrain_within_the_same_month_is_the_same_recipe(
    material: Material, store: SignedModelStore
) -> None:
    new = trained(material)
    decision = gating.decide(material, new, champion(new, store.save(new.pipeline, "a")), store, 2)
    assert (decision.promoted, decision.code) == (True, Verdict.SAME_RECIPE)


def test_another_recipe_is_compared_with_the_champions_refitted_at_the_same_dates(
    material: Material, store: SignedModelStore
) -> None:
    new = trained(material)
    version = champion(new, store.save(new.pipeline, "a"))
    blind = [replace(each, predicted=np.full(len(each.predicted), 0.5)) for each in new.windows]
    worse = gating.decide(material, replace(new, estimator="coin", windows=blind), version, store, 2)
    assert (worse.promoted, worse.code) == (False, Verdict.NOT_PROVEN)
    assert worse.values["windows"] == 3
    seer = [replace(each, predicted=np.where(each.rows.bought == 1, 0.99, 0.01)) for each in new.windows]
    better = gating.decide(material, replace(new, estimator="seer", windows=seer), version, store, 2)
    assert (better.promoted, better.code) == (True, Verdict.BETTER)
    assert gating.note(better).startswith("better than the champion's recipe")


def test_a_champion_that_cannot_be_opened_any_more_does_not_stop_its_retrain(
    material: Material, store: SignedModelStore
) -> None:
    new = trained(material)
    lost = replace(store.save(new.pipeline, "a"), signature="00")
    with pytest.raises(ModelRefused):
        store.load(lost)
    decision = gating.decide(material, new, champion(new, lost, as_of_day=AS_OF - 30), store, 2)
    assert decision.promoted


def test_a_leak_planted_in_the_data_blocks_even_the_first_version(
    shop: History, store: SignedModelStore
) -> None:
    """Clicks are booked on the day before each purchase of the coming fortnight, at every training date."""
    planted = replace(shop, activity=_with_clicks_of_the_future(shop))
    decision = gating.decide(prepare(planted, AS_OF), trained(prepare(planted, AS_OF)), None, store, 2)
    assert (decision.promoted, decision.code) == (False, Verdict.LEAK)
    assert decision.values["feature"] == "ad_clicks"
    assert "ad_clicks looks as if it knew the future" in gating.note(decision)


def _with_clicks_of_the_future(shop: History) -> pa.Table:
    orders = shop.orders.to_pydict()
    clicks: dict[tuple[int, int], int] = {}
    for client, day in zip(orders["client_id"], orders["day"], strict=True):
        for as_of in range(AS_OF - 240, AS_OF + 1, 30):
            if as_of < day <= as_of + 14:
                clicks[client, as_of] = 50
    quiet: Mapping[str, list[Any]] = shop.activity.set_column(
        shop.activity.schema.get_field_index("ad_clicks"),
        "ad_clicks",
        pa.nulls(shop.activity.num_rows, pa.int64()),
    ).to_pydict()
    known = {(c, d): n for n, (c, d) in enumerate(zip(quiet["client_id"], quiet["day"], strict=True))}
    rows = {name: list(values) for name, values in quiet.items()}
    for (client, day), count in clicks.items():
        if (client, day) in known:
            rows["ad_clicks"][known[client, day]] = count
            continue
        for name in rows:
            rows[name].append({"client_id": client, "day": day, "ad_clicks": count}.get(name))
    types = {"client_id": pa.int64(), "day": pa.int32(), **dict.fromkeys(METRICS, pa.int64())}
    return pa.table({name: pa.array(rows[name], kind) for name, kind in types.items()})


def test_every_decision_has_its_sentence() -> None:
    assert set(gating.NOTES) == set(Verdict)


@pytest.mark.parametrize(
    ("champion_recipe", "asked", "expected"),
    [
        (None, None, ["blend"]),
        ("blend", None, ["blend"]),
        ("linear", None, ["linear", "blend"]),
        ("linear", "tweedie", ["tweedie"]),
    ],
)
def test_the_champions_recipe_is_trained_again_and_the_default_challenges_it(
    shop: History,
    store: SignedModelStore,
    champion_recipe: str | None,
    asked: str | None,
    expected: list[str],
) -> None:
    held = {}
    if champion_recipe is not None:
        old = trained(prepare(shop, AS_OF - 60), Target.SALES)
        held = {(Target.SALES, ModelRole.CLIENTS): replace(
            champion(old, store.save(old.pipeline, "old")), estimator=champion_recipe
        )}  # fmt: skip
    outcome = train_targets(
        shop,
        as_of_day=AS_OF,
        targets=[Target.SALES],
        estimator=asked,
        here=HERE,
        champions=held,
        store=store,
        label="job",
        report=lambda _stage, _done, _total: None,
    )
    by_role = [each.trained.estimator for each in outcome.trained if each.trained.role is ModelRole.CLIENTS]
    assert by_role == expected
    assert [e.trained.estimator for e in outcome.trained if e.trained.role is ModelRole.KERNEL] == ["linear"]


def test_models_that_are_trained_beside_each_other_are_the_same_every_time(
    shop: History, store: SignedModelStore
) -> None:
    def once() -> list[tuple[str, object]]:
        outcome = train_targets(
            shop,
            as_of_day=AS_OF,
            targets=list(Target),
            estimator=None,
            here=HERE,
            champions={},
            store=store,
            label="job",
            report=lambda _stage, _done, _total: None,
        )
        return [(each.artifact.sha256, each.trained.metrics) for each in outcome.trained]

    assert once() == once()
