"""What somebody should look at, and from when on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

NOTABLE, ALARMING = 0.10, 0.25
"""Population stability index of a feature: below the first nothing, above the second a shift that wants a
look (the usual reading: Siddiqi, Credit Risk Scorecards, 2006)."""
WORSE_BY = 0.25
"""By how much a lived figure may be worse than the promised one."""
BEYOND_CHANCE = 2.58
"""Standard deviations that chance passes once in a hundred times."""


class Severity(StrEnum):
    NOTABLE = "notable"
    ALARMING = "alarming"


class AlarmCode(StrEnum):
    """Why there is an alarm; pages have words for each."""

    INPUT_DRIFT = "input_drift"
    CALIBRATION_DRIFT = "calibration_drift"
    WORSE_THAN_EVIDENCE = "worse_than_evidence"
    FORECASTS_OLD = "forecasts_old"
    TRAINING_FAILED = "training_failed"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`values` are plain JSON, by the code: what drifted, which version, by how much."""

    code: AlarmCode
    severity: Severity
    values: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        return {"code": self.code.value, "severity": self.severity.value, "values": dict(self.values)}

    @staticmethod
    def of(plain: Mapping[str, Any]) -> "Alarm":
        """What `plain` answered, read back."""
        return Alarm(
            code=AlarmCode(plain["code"]), severity=Severity(plain["severity"]), values=plain["values"]
        )
