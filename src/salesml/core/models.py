"""Trained versions of the machine-learning models, and which of them answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Target(StrEnum):
    SALES = "sales"
    PURCHASE = "purchase"


class ModelRole(StrEnum):
    """KERNEL answers the five-feature endpoints; CLIENTS scores stored clients."""

    KERNEL = "kernel"
    CLIENTS = "clients"


class Verdict(StrEnum):
    """Why the gate let a version answer, or did not."""

    FIRST = "first"
    SAME_RECIPE = "same_recipe"
    RETRAIN_HOLDS = "retrain_holds"
    BETTER = "better"
    RETRAIN_WORSE = "retrain_worse"
    NOT_PROVEN = "not_proven"
    OLDER_DATA = "older_data"
    LEAK = "leak"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the gate decided of a version: `code` says why, `values` are the figures of the sentence."""

    promoted: bool
    code: Verdict
    values: Mapping[str, float | int | str] = field(default_factory=dict)


HORIZON_DAYS = {Target.SALES: 30, Target.PURCHASE: 14}
DEFAULT_THRESHOLD = 0.70


@dataclass(frozen=True, kw_only=True)
class Folded:
    """A linear pipeline as plain numbers: score = intercept + sum(coefficient * input).

    Inputs are raw (money in minor units). `imputed` maps a feature that may be null to
    (other feature, factor): its value is then factor * other. With `logistic` the score goes
    through the logistic function; otherwise it is floored at zero. `means` are those of the inputs in
    training: what a feature counts as while it is left out.
    """

    features: tuple[str, ...]
    coefficients: tuple[float, ...]
    intercept: float
    logistic: bool
    imputed: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    means: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A model file: its name in the model folder, content hash, signature and the libraries that wrote it."""

    file_name: str
    sha256: str
    signature: str
    libraries: Mapping[str, str]


def version_name(target: Target, role: ModelRole, version_id: int) -> str:
    return f"{target}-{role}-{version_id}"


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """One trained version.

    `ignored` maps each feature left out to its reason; `metrics` and `baselines` were measured at
    the judge date by a fit that saw nothing later; `training` holds dates, row counts and data hash,
    `parameters` what training chose, `evidence` what else was measured out of time. `intervals` turn a
    forecast into its bounds, None where there are none; `verdict` is None, or the sentence that it is
    not better than a named baseline.
    """

    id: int
    target: Target
    role: ModelRole
    estimator: str
    as_of_day: int
    horizon_days: int
    features: tuple[str, ...]
    ignored: Mapping[str, str]
    metrics: Mapping[str, object]
    baselines: Mapping[str, Mapping[str, object]]
    training: Mapping[str, object]
    parameters: Mapping[str, object] = field(default_factory=dict)
    evidence: Mapping[str, object] = field(default_factory=dict)
    intervals: Mapping[str, object] | None = None
    folded: Folded | None
    artifact: Artifact
    verdict: str | None
    created_at: datetime
    created_by: str

    @property
    def name(self) -> str:
        """What every answer calls this version."""
        return version_name(self.target, self.role, self.id)

    @property
    def ranking_only(self) -> bool:
        """Whether its probabilities order clients but are not to be taken at their word."""
        found = self.evidence.get("calibration")
        return isinstance(found, Mapping) and found.get("reason") is not None


@dataclass(frozen=True, kw_only=True)
class Champion:
    """The version that answers for a target, role and horizon; `revision` grows with every change."""

    target: Target
    role: ModelRole
    horizon_days: int
    version_id: int
    revision: int
    since: datetime
    note: str


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """One change of a champion: who answers since `at`, and who did before (None: nobody)."""

    id: int
    target: Target
    role: ModelRole
    horizon_days: int
    version_id: int
    previous_id: int | None
    at: datetime
    actor: str
    note: str

    @property
    def name(self) -> str:
        """What the version is called that answers since then."""
        return version_name(self.target, self.role, self.version_id)

    @property
    def previous(self) -> str | None:
        """What the version is called that answered before."""
        return None if self.previous_id is None else version_name(self.target, self.role, self.previous_id)
