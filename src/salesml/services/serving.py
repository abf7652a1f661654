"""The two five-feature forecasts, answered from coefficients in memory: no SQL and no file on the way.

A `Serving` polls which versions are champions, and the threshold, off the path of requests. So a
promotion is answered by every process within two polls, and a database that is away stops no answer.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Self

import numpy as np

from salesml.core.errors import NoModel, SalesmlError
from salesml.core.inputs import INPUTS, NAMES, check
from salesml.core.installation import Installation
from salesml.core.models import Champion, Folded, ModelRole, Target
from salesml.core.money import Currency
from salesml.ml import intervals
from salesml.ml.folding import evaluate_folded, evaluate_folded_columns
from salesml.ml.intervals import Intervals
from salesml.services import installation
from salesml.services.answers import Columns, PurchaseAnswer, PurchaseAnswers, SalesAnswer, SalesAnswers
from salesml.services.bounds import OneBounds, bounds_of_one
from salesml.services.ports.unit_of_work import Transactions, UnitOfWork

_LOG = logging.getLogger(__name__)
POLL_S = 0.75
"""A promotion must be answered everywhere within 2 s, the time of the poll itself included."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """A champion as it answers; `ignored` are inputs of the endpoint that the version does not use."""

    target: Target
    name: str
    horizon_days: int
    folded: Folded
    intervals: Intervals | None
    bounds: OneBounds | None
    ranking_only: bool
    ignored: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ServingState:
    """Everything that an answer needs; `revisions` and the installation tell whether it is still true."""

    here: Installation
    revisions: Mapping[Target, int]
    served: Mapping[Target, Served]
    scale: float


def read_state(uow: UnitOfWork, known: ServingState | None = None) -> ServingState:
    """What serves now; `known` itself when nothing has changed since."""
    here = installation.current(uow)
    kernel = {each.target: each for each in uow.models.champions() if each.role is ModelRole.KERNEL}
    revisions = {target: each.revision for target, each in kernel.items()}
    if known is not None and (known.revisions, known.here) == (revisions, here):
        return known
    served = {target: _served(uow, each) for target, each in kernel.items()}
    return ServingState(
        here=here,
        revisions=revisions,
        served={target: each for target, each in served.items() if each is not None},
        scale=10.0**here.currency.exponent,
    )


def _served(uow: UnitOfWork, champion: Champion) -> Served | None:
    version = uow.models.get(champion.version_id)
    if version.folded is None:
        return None
    learned = None if version.intervals is None else intervals.from_json(version.intervals)
    return Served(
        target=version.target,
        name=version.name,
        horizon_days=version.horizon_days,
        folded=version.folded,
        intervals=learned,
        bounds=None if learned is None else bounds_of_one(learned),
        ranking_only=version.ranking_only,
        ignored=tuple(name for name in NAMES[version.target] if name not in version.features),
    )


@dataclass
class Serving:
    """Answers from the newest state that was read; share one between all threads of a process.

    As a context manager it reads once, so that a broken start is seen, and then polls in a thread.
    """

    tx: Transactions
    poll_s: float = POLL_S
    _state: ServingState | None = None
    _read_at: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.refresh()
        self._thread = threading.Thread(target=self._poll, name="serving", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def refresh(self) -> None:
        """Read the state now. Raises what the database raises, keeping the last good state."""
        asked_at = monotonic()
        self._state = self.tx.read(read_state, self._state)
        self._read_at = asked_at

    @property
    def age_s(self) -> float:
        """Seconds since the state was last known to be true; grows while the database is away."""
        return monotonic() - self._read_at

    @property
    def currency(self) -> Currency:
        return self._now().here.currency

    @property
    def threshold(self) -> float:
        return self._now().here.threshold

    def predict_sales(self, inputs: Mapping[str, float | None]) -> SalesAnswer:
        """Raises NoModel while no version answers, InvalidValue for wrong inputs."""
        state, served = self._of(Target.SALES)
        check(Target.SALES, inputs)
        values = dict(inputs)
        values["average_basket_value"] = (values["average_basket_value"] or 0.0) * state.scale
        minor = round(evaluate_folded(served.folded, values))
        lower = upper = None
        if served.bounds is not None:
            least, most = served.bounds(minor, values)
            lower, upper = least / state.scale, most / state.scale
        return SalesAnswer(
            predicted_sales=minor / state.scale,
            lower=lower,
            upper=upper,
            currency=state.here.currency.code,
            horizon_days=served.horizon_days,
            model_version=served.name,
            ignored_features=served.ignored,
        )

    def predict_purchase(self, inputs: Mapping[str, float | None]) -> PurchaseAnswer:
        """Raises NoModel while no version answers, InvalidValue for wrong inputs."""
        state, served = self._of(Target.PURCHASE)
        check(Target.PURCHASE, inputs)
        probability = evaluate_folded(served.folded, inputs)
        return PurchaseAnswer(
            probability=probability,
            decision=int(probability >= state.here.threshold),
            threshold=state.here.threshold,
            ranking_only=served.ranking_only,
            horizon_days=served.horizon_days,
            model_version=served.name,
            ignored_features=served.ignored,
        )

    def predict_sales_columns(self, columns: Columns) -> SalesAnswers:
        """Many clients at once, equal to single answers. Raises NoModel."""
        state, served = self._of(Target.SALES)
        inputs = {
            each.name: columns[each.name] * (state.scale if each.money else 1.0)
            for each in INPUTS[Target.SALES]
        }
        minor = np.rint(evaluate_folded_columns(served.folded, inputs))
        lower = upper = None
        if served.intervals is not None:
            lower, upper = (each / state.scale for each in served.intervals.bounds_of(minor, inputs))
        return SalesAnswers(
            predicted_sales=minor / state.scale,
            lower=lower,
            upper=upper,
            currency=state.here.currency.code,
            horizon_days=served.horizon_days,
            model_version=served.name,
            ignored_features=served.ignored,
        )

    def predict_purchase_columns(self, columns: Columns) -> PurchaseAnswers:
        """Many clients at once, equal to single answers. Raises NoModel."""
        state, served = self._of(Target.PURCHASE)
        probability = evaluate_folded_columns(served.folded, columns)
        return PurchaseAnswers(
            probability=probability,
            decision=(probability >= state.here.threshold).astype(np.int8),
            threshold=state.here.threshold,
            ranking_only=served.ranking_only,
            horizon_days=served.horizon_days,
            model_version=served.name,
            ignored_features=served.ignored,
        )

    def _of(self, target: Target) -> tuple[ServingState, Served]:
        state = self._now()
        served = state.served.get(target)
        if served is None:
            raise NoModel(f"no {target} model answers yet; train one first")
        return state, served

    def _now(self) -> ServingState:
        if self._state is None:
            raise NoModel("no model has been read yet")
        return self._state

    def _poll(self) -> None:
        while not self._stop.wait(self.poll_s):
            # The last good state goes on answering; `age_s` tells how old it is.
            try:
                self.refresh()
            except SalesmlError as error:
                _LOG.warning("serving goes on with a state %.0f s old: %s", self.age_s, error)
            except Exception:
                _LOG.exception("serving goes on with a state %.0f s old", self.age_s)
