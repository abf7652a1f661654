"""Which features move the forecasts of a version most, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesml.core.models import ModelVersion, Target
from salesml.core.money import Currency
from salesml.web.feature_texts import label
from salesml.web.i18n import Language

SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Moves:
    """How much a feature moves a forecast in the mean, up or down, as written; `share` of the largest."""

    name: str
    amount: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Importance:
    """The SHOWN features that move forecasts most, the first one most; `others` move them less."""

    rows: tuple[Moves, ...]
    others: int


def importance(language: Language, version: ModelVersion, currency: Currency) -> Importance:
    """Without rows where the version's evidence does not tell."""
    stored: Any = version.evidence.get("importance")
    moving: Mapping[str, float] = {name: mean for name, mean in (stored or {}).items() if mean > 0}
    ranked = sorted(moving.items(), key=lambda pair: -pair[1])
    rows = tuple(
        Moves(
            name=label(language, name),
            amount=_written(language, version.target, mean, currency),
            share=mean / ranked[0][1],
        )
        for name, mean in ranked[:SHOWN]
    )
    return Importance(rows=rows, others=len(ranked) - len(rows))


def _written(language: Language, target: Target, mean: float, currency: Currency) -> str:
    if target is Target.SALES:
        return language.money(currency.to_major(round(mean)), currency.code)
    return language.gettext("%(num)s pp", num=language.number(mean * 100, 2))
