"""Backtests that were run: what models would have forecast at past dates, against what happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class StoredBacktest:
    """`result` is what `services.backtests.summary` makes: plain values, money in major units."""

    id: int
    created_at: datetime
    created_by: str
    result: Mapping[str, Any]
