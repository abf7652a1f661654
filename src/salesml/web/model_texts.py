"""Words for what training writes down by name: metrics, baselines, reasons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from salesml.core.models import ModelRole, ModelVersion, Target
from salesml.web.i18n import ABSENT, N_, Language

TARGETS: Mapping[Target, str] = {
    Target.SALES: N_("Sales forecast"),
    Target.PURCHASE: N_("Purchase prediction"),
}
ROLES: Mapping[ModelRole, tuple[str, str]] = {
    ModelRole.CLIENTS: (N_("Stored clients"), N_("Scores every client that is stored here.")),
    ModelRole.KERNEL: (N_("Five inputs"), N_("Answers single forecasts over the API, from five inputs.")),
}
"""Name and explanation."""
ESTIMATORS: Mapping[str, str] = {
    "linear": N_("linear regression"),
    "logistic": N_("logistic regression"),
    "penalised_logistic": N_("regularised logistic regression"),
    "tweedie": N_("Tweedie regression"),
    "two_stage": N_("two stages: who buys, for how much"),
    "boosting": N_("boosted decision trees"),
    "bgnbd": N_("BG/NBD"),
    "blend": N_("blend of models"),
}
BASELINES: Mapping[str, str] = {
    "repeat_last_30_days": N_("Same as the last 30 days"),
    "mean_spend": N_("Mean spend"),
    "average_client": N_("Average client"),
    "base_rate": N_("Same rate for everybody"),
    "repeat_last_14_days": N_("By the last 14 days"),
    "by_recency": N_("By the last purchase"),
}


@dataclass(frozen=True, kw_only=True)
class MetricText:
    """A metric as people read it: `unit` is money, money2, share or empty; `digits` decimals."""

    name: str
    label: str
    hint: str
    unit: str = ""
    digits: int = 3


METRICS: Mapping[Target, tuple[MetricText, ...]] = {
    Target.SALES: (
        MetricText(name="r2", label=N_("R²"), hint=N_("share of the differences explained; 1 is perfect")),
        MetricText(name="mae", label=N_("MAE"), hint=N_("mean error of a client"), unit="money", digits=2),
        MetricText(
            name="rmse",
            label=N_("RMSE"),
            hint=N_("the same, large errors weigh more"),
            unit="money",
            digits=2,
        ),
        MetricText(name="mse", label=N_("MSE"), hint=N_("mean squared error"), unit="money2", digits=0),
        MetricText(
            name="aggregate_error",
            label=N_("Error of the total"),
            hint=N_("forecast of all clients against what they bought"),
            unit="share",
            digits=1,
        ),
    ),
    Target.PURCHASE: (
        MetricText(
            name="accuracy",
            label=N_("Accuracy"),
            hint=N_("decisions that were right"),
            unit="share",
            digits=1,
        ),
        MetricText(
            name="precision",
            label=N_("Precision"),
            hint=N_("buyers among those selected"),
            unit="share",
            digits=1,
        ),
        MetricText(
            name="recall", label=N_("Recall"), hint=N_("buyers who were selected"), unit="share", digits=1
        ),
        MetricText(
            name="roc_auc",
            label=N_("ROC AUC"),
            hint=N_("how well buyers are ranked first; 0.5 is chance, 1 perfect"),
        ),
        MetricText(
            name="log_loss", label=N_("Log loss"), hint=N_("error of the probabilities; less is better")
        ),
        MetricText(
            name="brier",
            label=N_("Brier score"),
            hint=N_("squared error of the probabilities; less is better"),
        ),
    ),
}

_REASONS = (
    (r"constant in the training data", N_("the same for every client")),
    (r"unknown at (?P<day>\S+): the data has no (?P<metric>\w+)", N_("there is no such data")),
    (
        r"unknown at (?P<day>\S+): it needs (?P<days>\d+) days of orders before",
        N_("on %(day)s it needs %(days)s days of orders before"),
    ),
    (r".*: the data has no (?P<metric>\w+)", N_("there is no such data")),
    (
        r"unknown at (?P<day>\S+): (?P<metric>\w+) is known from (?P<first>\S+) to (?P<last>\S+)",
        N_("known only from %(first)s to %(last)s, not on %(day)s"),
    ),
    (
        r"known at (?P<known>\d+) of (?P<all>\d+) training dates, (?P<needed>\d+) are needed: .*",
        N_("known at %(known)s of %(all)s training dates; %(needed)s are needed"),
    ),
    (
        r"no client reaches the threshold (?P<threshold>\S+)",
        N_("nobody reached the threshold of %(threshold)s"),
    ),
    (r"nobody bought", N_("nobody bought")),
    (r"everybody bought", N_("everybody bought")),
    (r"actual sales add up to 0", N_("there were no sales")),
    (r"actual sales do not differ between clients", N_("all clients bought for the same amount")),
    (r"not better than (?P<baseline>\w+)", N_("not better than: %(baseline)s")),
    (r"rolled back from (?P<name>\S+)", N_("rolled back from %(name)s")),
)


def said(language: Language, text: str) -> str:
    """A reason that training wrote down, in the reader's language; as it is where nobody translated it."""
    parts = [_said(language, part) for part in text.split("; ")]
    return "; ".join(parts)


def _said(language: Language, text: str) -> str:
    for pattern, message in _REASONS:
        if found := re.fullmatch(pattern, text):
            values = {name: _value(language, name, value) for name, value in found.groupdict().items()}
            return language.gettext(message, **values)
    return text


def _value(language: Language, name: str, value: str) -> str:
    if name in ("day", "first", "last"):
        return language.day(date.fromisoformat(value))
    if name == "threshold":
        return language.percent(Decimal(value))
    return language.gettext(BASELINES[value]) if value in BASELINES else value


def measured(language: Language, metric: MetricText, values: Mapping[str, object], currency: str) -> str:
    """A metric's value as people read it; a dash where it has none."""
    value = values.get(metric.name)
    if not isinstance(value, int | float):
        return ABSENT
    if metric.unit == "money":
        return language.money(value, currency, metric.digits)
    if metric.unit == "money2":
        return f"{language.number(value, metric.digits)} {currency}²"
    if metric.unit == "share":
        return language.percent(value, metric.digits)
    return language.number(value, metric.digits)


@dataclass(frozen=True, kw_only=True)
class MetricRow:
    """A metric of a version beside the same of each baseline; `reason` says why there is none."""

    label: str
    hint: str
    value: str
    baselines: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How a version was measured; `confusion` is {tn, fp, fn, tp} of a purchase prediction, and
    `baselines` are the names of the columns."""

    rows: tuple[MetricRow, ...]
    baselines: tuple[str, ...]
    confusion: Mapping[str, int] | None
    threshold: float | None
    judge_day: date | None
    judged: int


def evidence(language: Language, version: ModelVersion, currency: str) -> Evidence:
    """What is shown of a version's metrics."""
    metrics, reasons = version.metrics, version.metrics.get("reasons")
    known = reasons if isinstance(reasons, Mapping) else {}
    rows = tuple(
        MetricRow(
            label=language.gettext(metric.label),
            hint=language.gettext(metric.hint),
            value=measured(language, metric, metrics, currency),
            baselines=tuple(
                measured(language, metric, each, currency) for each in version.baselines.values()
            ),
            reason=said(language, str(known[metric.name])) if metric.name in known else None,
        )
        for metric in METRICS[version.target]
    )
    confusion, threshold = metrics.get("confusion_matrix"), metrics.get("threshold")
    judge = version.training.get("judge_date")
    return Evidence(
        rows=rows,
        baselines=tuple(language.gettext(BASELINES.get(name, name)) for name in version.baselines),
        confusion={str(name): int(str(count)) for name, count in confusion.items()}
        if isinstance(confusion, Mapping)
        else None,
        threshold=float(threshold) if isinstance(threshold, int | float) else None,
        judge_day=date.fromisoformat(str(judge)) if judge else None,
        judged=int(str(version.training.get("judge_rows", 0))),
    )
