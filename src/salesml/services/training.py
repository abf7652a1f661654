"""Training every asked model at one as-of date: computation only, recorded afterwards by `models.record`."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from salesml.core.errors import TooLittleData
from salesml.core.installation import Installation
from salesml.core.models import Artifact, Decision, ModelRole, ModelVersion, Target
from salesml.ml.estimators import default_estimator
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.material import Material, prepare
from salesml.ml.training import Trained, train
from salesml.services.gating import Champions, decide
from salesml.services.ports.models import ModelStore

TOGETHER = min(2, os.cpu_count() or 1)
"""Models that are trained beside each other: both targets, where there are processors for them."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A trained version with its file, and what the gate says of it beside the champion of that moment."""

    trained: Trained
    artifact: Artifact
    decision: Decision
    champion_id: int | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of each "<target> <role>": a version, or the reason why there is none."""

    trained: Sequence[Candidate]
    refused: Mapping[str, str]


def train_targets(
    history: History,
    *,
    as_of_day: int,
    targets: Sequence[Target],
    estimator: str | None,
    here: Installation,
    champions: Champions,
    store: ModelStore,
    label: str,
    report: Callable[[str, int, int], None],
    resources: Resources | None = None,
) -> Outcome:
    """Train each target in both roles and save the files under names that begin with `label`.

    Without a named estimator stored clients get the champion's recipe again and, where it is not the
    registry's default, that one too: it challenges the champion. Raises TooLittleData when a target can
    score no client; a kernel model alone may be missing, since activity that feeds it may not exist.
    """
    material = prepare(history, as_of_day, resources)
    wanted = [
        (target, role, recipe)
        for target in targets
        for role in (ModelRole.CLIENTS, ModelRole.KERNEL)
        for recipe in _recipes(target, role, estimator, champions.get((target, role)))
    ]
    trained: list[Candidate] = []
    refused: dict[str, str] = {}
    for number, (target, role, result) in enumerate(_all(material, wanted, here)):
        report(f"training {target} {role}", number, len(wanted))
        if isinstance(result, TooLittleData):
            if role is ModelRole.CLIENTS:
                raise result
            refused[f"{target} {role}"] = str(result)
            continue
        champion = champions.get((target, role))
        trained.append(
            Candidate(
                trained=result,
                artifact=store.save(result.pipeline, f"{label}-{target}-{role}"),
                decision=decide(material, result, champion, store, here.currency.exponent),
                champion_id=None if champion is None else champion.id,
            )
        )
    return Outcome(trained=trained, refused=refused)


def _all(
    material: Material, wanted: Sequence[tuple[Target, ModelRole, str]], here: Installation
) -> Iterator[tuple[Target, ModelRole, Trained | TooLittleData]]:
    """Every wanted model in its order, TOGETHER of them at a time: each fit keeps to one thread of its own.

    The limit stands around all of them: one that was set within a fit would be lifted, by whoever ends
    first, for those still at work.
    """

    def one(target: Target, role: ModelRole, recipe: str) -> Trained | TooLittleData:
        try:
            return train(
                material, target, role, threshold=here.threshold, currency=here.currency, estimator=recipe
            )
        except TooLittleData as error:
            return error

    with threadpool_limits(limits=1), ThreadPoolExecutor(TOGETHER) as pool:
        asked = [pool.submit(one, *each) for each in wanted]
        for (target, role, _), found in zip(wanted, asked, strict=True):
            yield target, role, found.result()


def _recipes(
    target: Target, role: ModelRole, asked: str | None, champion: ModelVersion | None
) -> Sequence[str]:
    """The estimators to train. Single forecasts are answered from coefficients: theirs never changes."""
    usual = default_estimator(target, role)
    if role is ModelRole.KERNEL:
        return [usual]
    if asked is not None:
        return [asked]
    return [usual] if champion is None else list(dict.fromkeys([champion.estimator, usual]))
