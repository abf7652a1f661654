"""Figures for those who watch from outside, out of what is prepared for the main page."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from salesml.core.days import day_of
from salesml.services import dashboard, installation
from salesml.services.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """`age_days` of the newest forecasts, None before the first; by target, what the input that drifted most
    reached; by metric, what (target, version) had on the newest forecasts whose days are over."""

    age_days: int | None
    psi_max: Mapping[str, float]
    live: Mapping[str, Mapping[tuple[str, str], float]]


def read(uow: UnitOfWork, now: datetime) -> Gauges:
    """Figures for those who watch: read, not computed, but for the age."""
    found, live = dashboard.summary(uow), defaultdict[str, dict[tuple[str, str], float]](dict)
    if found is None:
        return Gauges(age_days=None, psi_max={}, live={})
    for target, told in found.gauges.get("live", {}).items():
        for name, value in told["metrics"].items():
            live[name][target, told["version"]] = value
    age_days = None
    if found.scored is not None:
        age_days = day_of(now, installation.current(uow).zone) - found.scored.as_of_day
    return Gauges(age_days=age_days, psi_max=found.gauges.get("psi_max", {}), live=live)
