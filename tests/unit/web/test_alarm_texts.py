"""Every alarm has words in both languages, and leads somewhere."""

from typing import Any

import pytest

from salesml.core.alarms import Alarm, AlarmCode, Severity
from salesml.core.money import Currency
from salesml.web.alarm_texts import alarm_text
from salesml.web.i18n import language

PLN = Currency("PLN")
MADE: dict[str, Any] = {
    "target": "sales",
    "version": "sales-clients-3",
    "version_id": "3",
    "as_of": "2026-09-30",
}
VALUES: dict[AlarmCode, dict[str, Any]] = {
    AlarmCode.INPUT_DRIFT: {
        **MADE,
        "psi_max": 0.31,
        "features": [{"name": "visits_30d", "psi": 0.31}],
        "count": 3,
    },
    AlarmCode.CALIBRATION_DRIFT: {**MADE, "promised": 0.2, "observed": 0.312},
    AlarmCode.WORSE_THAN_EVIDENCE: {**MADE, "metric": "rmse", "live": 130.76, "promised": 91.2},
    AlarmCode.FORECASTS_OLD: {"as_of": "2026-09-30", "age_days": 53},
    AlarmCode.TRAINING_FAILED: {"job_id": "7", "error": "too little data"},
}
TOLD = {
    AlarmCode.INPUT_DRIFT: ("visits in 30 days and 2 more", "30 dni i 2 inne", "/models/3"),
    AlarmCode.CALIBRATION_DRIFT: ("20.0% to buy within 14 days; 31.2% did", "kupiło 31,2%", "/models/3"),
    AlarmCode.WORSE_THAN_EVIDENCE: ("RMSE PLN 130.76 instead of PLN 91.20", "130,76 zł", "/models/3"),
    AlarmCode.FORECASTS_OLD: ("30 September 2026", "30 września 2026", "/imports"),
    AlarmCode.TRAINING_FAILED: ("The last training failed", "Ostatnie trenowanie", "/jobs"),
}


@pytest.mark.parametrize("code", list(AlarmCode))
def test_an_alarm_says_what_is_wrong_in_both_languages(code: AlarmCode) -> None:
    english, polish, href = TOLD[code]
    alarm = Alarm(code=code, severity=Severity.ALARMING, values=VALUES[code])
    for tongue, part in (("en", english), ("pl", polish)):
        found = alarm_text(language(tongue), alarm, PLN)
        assert part in found.text.replace("\N{NO-BREAK SPACE}", " ")
        assert "%(" not in found.text
        assert (found.tone, found.href) == ("bad", href)
        assert found.link


def test_what_is_only_notable_is_no_error() -> None:
    alarm = Alarm(code=AlarmCode.TRAINING_FAILED, severity=Severity.NOTABLE)
    assert alarm_text(language("en"), alarm, PLN).tone == "warn"
