"""Model cards: one page of Markdown that says what a version is for, and what is known against it.

The sections are those of Mitchell et al., "Model Cards for Model Reporting", FAT* 2019. Every figure is
read from the version's record.
"""

from collections.abc import Mapping
from typing import Any

from salesml.core.days import date_of
from salesml.core.intervals import COVERAGE, TAIL
from salesml.core.models import ModelRole, ModelVersion, Target
from salesml.ml.calibration import MOST_ERROR
from salesml.ml.evaluation import DECIDING_METRIC, METRICS, Metric
from salesml.services import gating, installation, models
from salesml.services.markdown import bullets, code, table, text
from salesml.services.model_evidence import data_span, decision_of
from salesml.services.models import ModelEntry
from salesml.services.ports.unit_of_work import UnitOfWork

_ASKED = {
    Target.SALES: "how much a client will buy, as net sales in {currency},",
    Target.PURCHASE: "how likely a client is to buy at least once",
}
_USES = {
    ModelRole.CLIENTS: "It scores every stored client, for lists, segments and campaigns of this company.",
    ModelRole.KERNEL: "It answers single forecasts over the API, from five inputs that the caller brings.",
}
_NOT_MEANT = (
    "other companies or other shops than the one whose orders it learned from",
    "decisions about people beyond marketing and planning, such as credit or prices for one person",
    "a longer or shorter time ahead than it was trained for",
)


def card(uow: UnitOfWork, version_id: int) -> tuple[str, str]:
    """The version's name, and its card in Markdown. Raises NotFound."""
    entry = models.entry(uow, version_id)
    return entry.version.name, write(entry, installation.current(uow).currency.code)


def write(entry: ModelEntry, currency: str) -> str:
    """The card of a version; `currency` is that of the installation."""
    version = entry.version
    sections = {
        "Intended use": _use(version, currency),
        "Training data": _data(version),
        "Recipe and features": _recipe(version),
        "Evidence": _evidence(version, currency),
        "Past dates": _windows(version, currency),
        "Intervals": _intervals(version, currency) if version.target is Target.SALES else "",
        "Calibration": _calibration(version) if version.target is Target.PURCHASE else "",
        "Limits and caveats": _limits(version),
        "Gate": _gate(entry),
        "Origin": _origin(version),
    }
    written = [f"## {title}\n\n{body}" for title, body in sections.items() if body]
    return "\n\n".join([f"# Model card: {version.name}", *written]) + "\n"


def _use(version: ModelVersion, currency: str) -> str:
    asked = _ASKED[version.target].format(currency=currency)
    about = f"Tells {asked} within {version.horizon_days} days. {_USES[version.role]}"
    return f"{about}\n\nNot meant for:\n\n{bullets(_NOT_MEANT)}"


def _data(version: ModelVersion) -> str:
    lines = [f"data up to {date_of(version.as_of_day)} of this installation's own orders and activity"]
    if (span := data_span(version)) is not None:
        lines += [
            f"{span.rows:,} rows (one for each client and date) from {span.first_date} to {span.last_date}",
            f"SHA-256 of these rows: {code(span.sha256)}",
        ]
    if judged := version.training.get("judge_date"):
        lines.append(
            f"judged at {judged} on {version.training.get('judge_rows', 0):,} clients, not seen before"
        )
    return bullets(lines)


def _recipe(version: ModelVersion) -> str:
    lines = [
        f"estimator: {code(version.estimator)}",
        *(f"{text(name)}: {text(value)}" for name, value in version.parameters.items()),
        f"features: {', '.join(code(name) for name in version.features)}",
        *(f"left out: {code(name)}: {text(reason)}" for name, reason in version.ignored.items()),
    ]
    return bullets(lines)


def _evidence(version: ModelVersion, currency: str) -> str:
    judged = [version.metrics, *version.baselines.values()]
    titles = ["metric", "this version", *(code(name) for name in version.baselines)]
    rows = [
        [_title(metric, currency), *(_figure(each.get(metric.name)) for each in judged)]
        for metric in METRICS[version.target]
        if metric.name in version.metrics
    ]
    reasons: Any = version.metrics.get("reasons", {})
    missing = [f"{code(name)} has no value: {text(why)}" for name, why in reasons.items()]
    return "\n\n".join(filter(None, [table(titles, rows), bullets(missing), _verdict(version)]))


def _verdict(version: ModelVersion) -> str:
    metric = DECIDING_METRIC[version.target]
    return f"Verdict by {code(metric)}: {version.verdict or 'better than every naive baseline'}."


def _windows(version: ModelVersion, currency: str) -> str:
    windows: Any = version.evidence.get("windows")
    if not windows:
        return ""
    metrics = [each for each in METRICS[version.target] if _is_plain(windows[0]["metrics"].get(each.name))]
    titles = ["metric", *(each["as_of"] for each in windows)]
    rows = [
        [_title(metric, currency), *(_figure(each["metrics"].get(metric.name)) for each in windows)]
        for metric in metrics
    ]
    return f"The same recipe, fitted at each date on what was known then.\n\n{table(titles, rows)}"


def _intervals(version: ModelVersion, currency: str) -> str:
    if version.intervals is None:
        return "None: there were too few buyers at past dates."
    fared: Any = version.evidence.get("intervals")
    promise = f"Of each client at {COVERAGE:.0%}: {TAIL:.0%} buy less, {TAIL:.0%} more; conformal."
    if fared is None:
        return f"{promise} Not tried out of time: there are too few past dates."
    lines = [
        f"inside their bounds: {fared['coverage']:.1%} of all (promised {COVERAGE:.0%}; zeros add to it)",
        f"beyond a bound above 0: {_share(fared['above'])} of {fared['bounded']:,} (promised {TAIL:.0%})",
        f"buyers where the bound is 0: {_share(fared['bought_at_zero'])} (promised at most {TAIL:.0%})",
        f"mean interval score: {fared['score']:,.2f} {currency} (lower is better)",
    ]
    return f"{promise}\n\nFitted on older dates, at the newest one:\n\n{bullets(lines)}"


def _calibration(version: ModelVersion) -> str:
    found: Any = version.evidence.get("calibration")
    if found is None:
        return ""
    columns = ("clients", "stated", "observed", "lower", "upper")
    rows = [
        [_figure(int(each["clients"])), *(f"{each[name]:.1%}" for name in columns[1:])]
        for each in found["bins"]
    ]
    error = f"Expected calibration error {found['error']:.4f} (at most {MOST_ERROR} is allowed)."
    told = (
        "**Ranking only**: " + _doubt(found)
        if found["reason"]
        else "The probabilities can be taken at their word."
    )
    titles = ["clients", "stated", "observed", "95 % from", "to"]
    return f"{error} {told}\n\n{table(titles, rows)}"


def _doubt(found: Mapping[str, Any]) -> str:
    if found["reason"] == "few_buyers":
        buyers, needed = found["values"]["buyers"], found["values"]["needed"]
        return f"{buyers:,.0f} buyers at past dates are too few to tell ({needed:,.0f} are needed)."
    return "stated and observed shares lie too far apart."


def _limits(version: ModelVersion) -> str:
    lines = [
        "learned from the past: a new range of goods, a price change or another kind of client is not in it",
        "clients without purchases differ only by what else is known of them",
    ]
    if version.target is Target.SALES:
        lines.append("forecasts are floored at zero; refunds that outweigh sales are not foreseen")
    if version.ranking_only:
        lines.append("probabilities order clients and are not to be taken at their word")
    if version.verdict:
        lines.append(text(version.verdict))
    if version.ignored:
        lines.append(f"{len(version.ignored)} features are left out, which the data does not give")
    suspicion: Any = version.evidence.get("suspicion")
    if suspicion:
        lines.append(
            f"**{code(suspicion['feature'])} looks as if it knew the future** (AUC {suspicion['auc']:.3f})"
        )
    return bullets(lines)


def _gate(entry: ModelEntry) -> str:
    decision = decision_of(entry.version)
    lines = [] if decision is None else [text(gating.note(decision))]
    if entry.champion is None:
        lines.append("not in use")
    else:
        lines.append(f"in use since {entry.champion.since:%Y-%m-%d %H:%M} UTC: {text(entry.champion.note)}")
    return bullets(lines)


def _origin(version: ModelVersion) -> str:
    file = version.artifact
    lines = [
        f"trained {version.created_at:%Y-%m-%d %H:%M} UTC by {text(version.created_by)}",
        f"file {code(file.file_name)}, SHA-256 {code(file.sha256)}",
        *(f"{text(name)} {text(number)}" for name, number in sorted(file.libraries.items())),
    ]
    return bullets(lines)


def _title(metric: Metric, currency: str) -> str:
    units = {"money": currency, "money^2": f"{currency}²"}
    unit = units.get(metric.unit, "")
    return f"{code(metric.name)}{f', {unit}' if unit else ''}"


def _figure(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_figure(each)}" for name, each in value.items())
    if isinstance(value, int):
        return f"{value:,}"
    return f"{float(str(value)):z,.4f}"


def _is_plain(value: object) -> bool:
    return not isinstance(value, Mapping)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
