"""`salesml models`: what is trained, overruling the gate, the way back, the card."""

from pathlib import Path

import pytest
from tests.support.commands import SECRET, Salesml

from salesml.settings import Settings


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
