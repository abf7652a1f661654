"""`salesml models`: what is trained, overruling the gate, the way back, the card; failed trainings."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.commands import SECRET, Salesml

from salesml.core.errors import JobFailed, TooLittleData
from salesml.core.jobs import JobStatus
from salesml.core.models import Champion, ModelRole, Target
from salesml.jobs import training
from salesml.jobs.runner import run_in_foreground
from salesml.services import jobs, models, requests
from salesml.settings import Settings
from salesml.wiring import App, open_app

PATIENCE_S = 120.0


@pytest.fixture
def salesml(
    shop: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Salesml:
    """The command line on a shop with trained models."""
    environment = {
        "SALESML_DATA_DIR": str(shop.data_dir),
        "SALESML_DATABASE_URL": shop.database_url,
        "SALESML_SECRET_KEY": SECRET,
        "COLUMNS": "200",
    }
    return Salesml(tmp_path, environment, monkeypatch, capsys)


def test_versions_are_listed_shown_overruled_and_rolled_back(salesml: Salesml, tmp_path: Path) -> None:
    refused = salesml("models", "roll-back", "sales")
    assert refused.status == 1
    assert "nothing to roll back to" in refused.err
    salesml.good("train", "sales", "--as-of", "2026-08-31")
    listed = salesml.good("models", "list", "--target", "sales", "--role", "clients", "--json").json
    candidate, champion = listed
    assert (candidate["is_champion"], champion["is_champion"]) == (False, True)
    shown = salesml.good("models", "show", candidate["name"])
    assert "gate: candidate: the champion knows data up to 2026-09-30" in shown.out
    assert (
        candidate["data"]["sha256"]
        == salesml.good("models", "show", candidate["id"], "--json").json["data"]["sha256"]
    )
    refused = salesml("models", "promote", candidate["name"])
    assert refused.status == 1
    assert "note: must say why" in refused.err
    promoted = salesml.good("models", "promote", candidate["name"], "--note", "an odd month").out
    assert "an odd month" in promoted
    table = salesml.good("models", "list").out
    assert f"{candidate['name']} instead of {champion['name']}" in table
    back = salesml.good("models", "roll-back", "sales", "--json").json
    assert (back["name"], back["is_champion"]) == (champion["name"], True)
    card = salesml.good("models", "card", champion["name"]).out
    assert card.startswith(f"# Model card: {champion['name']}\n")
    salesml.good("models", "card", champion["id"], "--out", tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text() == card


@pytest.mark.parametrize("name", ["99", "sales-clients-99", "purchase-kernel-1", "newest", "-"])
def test_a_version_that_does_not_exist_is_named(salesml: Salesml, name: str) -> None:
    ended = salesml("models", "show", "--", name)
    assert ended.status == 1
    assert "there is no model version" in ended.err


def champions(app: App) -> Mapping[tuple[Target, ModelRole, int], Champion]:
    found = app.tx.read(lambda uow: uow.models.champions())
    return {(each.target, each.role, each.horizon_days): each for each in found}


def test_a_training_that_is_killed_half_way_leaves_the_champion_in_place(
    shop: Settings, salesml: Salesml
) -> None:
    with open_app(shop) as app:
        before = champions(app)
        asked = app.tx.run(requests.training, list(Target), actor="test", now=datetime.now(UTC))
        files = shop.data_dir / "models"
        known = set(files.glob("*.joblib"))
        process = salesml.start("worker")
        last = time.monotonic() + PATIENCE_S
        while set(files.glob("*.joblib")) == known:
            assert time.monotonic() < last, "no model was written"
            time.sleep(0.01)
        process.kill()
        process.communicate()
        assert app.tx.read(jobs.get, asked.id).status is JobStatus.RUNNING
        assert champions(app) == before
        for each in before.values():
            version = app.tx.read(models.get, each.version_id)
            assert app.models.load(version.artifact) is not None
        assert len(app.tx.read(lambda uow: uow.models.list())) == len(before)


def test_a_training_that_fails_keeps_the_champion_and_says_why(
    shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise TooLittleData("there are 3 buyers, 30 are needed")

    monkeypatch.setattr(training, "train_targets", refuse)
    with open_app(shop) as app:
        before = champions(app)
        asked = app.tx.run(requests.training, list(Target), actor="test", now=datetime.now(UTC))
        with pytest.raises(JobFailed, match="30 are needed"):
            run_in_foreground(app, asked, lambda _: None)
        ended = app.tx.read(jobs.get, asked.id)
        assert (ended.status, ended.error) == (JobStatus.FAILED, "there are 3 buyers, 30 are needed")
        assert champions(app) == before
