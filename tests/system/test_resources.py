"""What the settings allow computing features reaches every job that computes them."""

from pathlib import Path
from typing import Any

import pytest
from tests.support.commands import Salesml
from tests.support.shops import small_shop

from salesml.ml.features import engine
from salesml.ml.features.engine import Resources


def test_training_scoring_and_backtests_keep_to_the_settings(
    salesml: Salesml, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Resources] = []
    original = engine._config

    def noted(resources: Resources, folder: str) -> Any:
        seen.append(resources)
        return original(resources, folder)

    monkeypatch.setattr(engine, "_config", noted)
    spill = tmp_path / "spill"
    spill.mkdir()
    allowed = {"SALESML_MEMORY_MB": "300", "SALESML_TEMP_DIR": str(spill)}
    command = Salesml(salesml.folder, {**salesml.environment, **allowed}, salesml.monkeypatch, salesml.capsys)
    salesml.good("import", "orders", small_shop(tmp_path / "shop")["orders"], "--yes", "--json")
    for words in (("train",), ("score",), ("backtest", "--windows", "1")):
        seen.clear()
        command.good(*words, "--json")
        assert set(seen) == {Resources(memory_mb=300, temp_folder=spill)}, words
    assert list(spill.iterdir()) == []
