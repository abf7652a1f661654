"""How the estimators of stored clients are built from the named features."""

from collections.abc import Sequence
from typing import Any

from salesml.core.errors import TooLittleData
from salesml.core.models import HORIZON_DAYS, Target
from salesml.ml.blending import PurchaseBlend, SalesBlend
from salesml.ml.buyers import BuyerPurchase, BuyerSales
from salesml.ml.estimators import TENURE, inputs_of
from salesml.ml.features.definitions import DEFINED
from salesml.ml.loglinear import LogInputs
from salesml.ml.penalised import Explained, PenalisedLogistic
from salesml.ml.pipelines import SEED
from salesml.ml.trees import PurchaseTrees, SalesTrees
from salesml.ml.twostage import TweedieSales, TwoStageSales

HABITS = ("purchase_days", "days_since_last_purchase", "days_since_first_purchase", "spend_total")
"""All that the buy-till-you-die model reads."""
TREES_NEED = 300
"""Clients who bought, without whom trees only learn chance."""
SALES_PRIOR = {"tweedie": 0.25, "two_stage": 0.15, "boosting": 0.2, "bgnbd": 0.4}
PURCHASE_PRIOR = {"penalised_logistic": 0.5, "boosting": 0.25, "bgnbd": 0.25}
"""What did best on the average of past dates of several shops, long before any that is reported."""
SALES_PRIOR_WITH_ACTIVITY = {"tweedie": 0.2, "two_stage": 0.35, "boosting": 0.4, "bgnbd": 0.05}
PURCHASE_PRIOR_WITH_ACTIVITY = {"penalised_logistic": 0.45, "boosting": 0.5, "bgnbd": 0.05}
"""The same where activity is known, of which BG/NBD sees nothing."""


def tweedie(features: Sequence[str]) -> Any:
    """A generalised linear model of sales."""
    return _on_logs(features, TweedieSales())


def penalised_logistic(features: Sequence[str]) -> Any:
    """A logistic regression of logarithms, held by a penalty."""
    return _on_logs(features, PenalisedLogistic())


def two_stage(features: Sequence[str]) -> Any:
    """Does a client buy, and how much."""
    return _on_logs(features, TwoStageSales())


def sales_boosting(features: Sequence[str]) -> Any:  # noqa: ARG001
    """Boosted trees for sales."""
    return SalesTrees(random_state=SEED)


def purchase_boosting(features: Sequence[str]) -> Any:  # noqa: ARG001
    """Boosted trees for a purchase."""
    return PurchaseTrees(random_state=SEED)


def sales_bgnbd(features: Sequence[str]) -> Any:
    """Raises TooLittleData where the habits of clients do not differ."""
    return BuyerSales(**_habits(features), horizon_days=HORIZON_DAYS[Target.SALES])


def purchase_bgnbd(features: Sequence[str]) -> Any:
    """Raises TooLittleData where the habits of clients do not differ."""
    return BuyerPurchase(**_habits(features), horizon_days=HORIZON_DAYS[Target.PURCHASE])


def sales_blend(features: Sequence[str]) -> Any:
    """The default for sales; what the data cannot feed is left out."""
    members = [("tweedie", tweedie(features)), ("two_stage", two_stage(features))]
    members += [("boosting", sales_boosting(features))]
    if set(HABITS) <= set(features):
        members.append(("bgnbd", sales_bgnbd(features)))
    prior = SALES_PRIOR_WITH_ACTIVITY if _with_activity(features) else SALES_PRIOR
    return SalesBlend(members, prior=prior, needs={"boosting": TREES_NEED})


def purchase_blend(features: Sequence[str]) -> Any:
    """The default for a purchase; what the data cannot feed is left out."""
    members = [("penalised_logistic", penalised_logistic(features))]
    members += [("boosting", purchase_boosting(features))]
    if set(HABITS) <= set(features):
        members.append(("bgnbd", purchase_bgnbd(features)))
    prior = PURCHASE_PRIOR_WITH_ACTIVITY if _with_activity(features) else PURCHASE_PRIOR
    return PurchaseBlend(members, prior=prior, needs={"boosting": TREES_NEED})


def _with_activity(features: Sequence[str]) -> bool:
    return any(DEFINED[name].metric is not None for name in features)


def _on_logs(features: Sequence[str], model: object) -> Explained:
    inputs = inputs_of(features)
    waiting = [place for place, name in enumerate(inputs) if DEFINED[name].nullable]
    tenure = inputs.index(TENURE) if TENURE in inputs else None
    return Explained([("logs", LogInputs(tenure=tenure, waiting=waiting)), ("model", model)])


def _habits(features: Sequence[str]) -> dict[str, int]:
    missing = [name for name in HABITS if name not in features]
    if missing:
        raise TooLittleData(f"bgnbd needs {', '.join(missing)}, which the data does not give")
    inputs = inputs_of(features)
    return {
        each: inputs.index(name)
        for each, name in zip(("days", "recency", "first", "spend"), HABITS, strict=True)
    }
