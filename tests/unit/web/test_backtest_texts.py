"""What league tables say in both languages."""

import pytest

from salesml.core.models import Target
from salesml.ml.baselines import PURCHASE_BASELINES, SALES_BASELINES
from salesml.ml.contest import contenders_for
from salesml.ml.evaluation import METRICS
from salesml.web import backtest_texts
from salesml.web.i18n import language


def test_every_model_and_every_baseline_has_a_name() -> None:
    names = {name for target in Target for name in contenders_for(target)} | {*SALES_BASELINES}
    known = backtest_texts.names()
    assert sorted((names | {*PURCHASE_BASELINES}) - known.keys()) == []


@pytest.mark.parametrize("target", list(Target))
def test_every_column_is_a_metric(target: Target) -> None:
    assert {column.name for column in backtest_texts.COLUMNS[target]} <= {
        metric.name for metric in METRICS[target]
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no date could be judged", "Żadnej daty nie dało się ocenić."),
        ("judged at 1 of 3 dates", "Oceniony na 1 z 3 dat."),
        ("judged at 1 of 3 dates: failed: no", "Oceniony na 1 z 3 dat. Nie powiodło się (no)."),
        (
            "its label ends on 2026-10-30, the orders on 2026-09-30",
            "Prognozowany okres kończy się 30 paź 2026, a zamówienia są znane do 30 wrz 2026.",
        ),
        ("something new", "something new"),
    ],
)
def test_reasons_are_told_in_the_readers_language(text: str, expected: str) -> None:
    assert backtest_texts.reason(language("pl"), text) == expected
