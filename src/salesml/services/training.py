"""Training every asked model at one as-of date: computation only, recorded afterwards by `models.record`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from salesml.core.errors import TooLittleData
from salesml.core.installation import Installation
from salesml.core.models import Artifact, ModelRole, Target
from salesml.ml.features.engine import Resources
from salesml.ml.history import History
from salesml.ml.material import prepare
from salesml.ml.training import Trained, train
from salesml.services.ports.models import ModelStore


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Trained versions with their files, and for each "<target> <role>" that could not be, the reason."""

    trained: Sequence[tuple[Trained, Artifact]]
    refused: Mapping[str, str]


def train_targets(
    history: History,
    *,
    as_of_day: int,
    targets: Sequence[Target],
    estimator: str | None,
    here: Installation,
    store: ModelStore,
    label: str,
    report: Callable[[str, int, int], None],
    resources: Resources | None = None,
) -> Outcome:
    """Train each target in both roles and save the files under names that begin with `label`.

    Raises TooLittleData when a target can score no client; a kernel model alone may be missing,
    since activity that feeds it may not exist.
    """
    material = prepare(history, as_of_day, resources)
    wanted = [(target, role) for target in targets for role in (ModelRole.CLIENTS, ModelRole.KERNEL)]
    trained: list[tuple[Trained, Artifact]] = []
    refused: dict[str, str] = {}
    for number, (target, role) in enumerate(wanted):
        report(f"training {target} {role}", number, len(wanted))
        try:
            result = train(
                material,
                target,
                role,
                threshold=here.threshold,
                currency=here.currency,
                estimator=estimator,
            )
        except TooLittleData as error:
            if role is ModelRole.CLIENTS:
                raise
            refused[f"{target} {role}"] = str(error)
        else:
            trained.append((result, store.save(result.pipeline, f"{label}-{target}-{role}")))
    return Outcome(trained=trained, refused=refused)
