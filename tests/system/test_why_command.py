"""`salesml why`: a client's forecasts as the sum of their reasons."""

from pathlib import Path

import pytest
from tests.support.commands import SECRET, Salesml

from salesml.settings import Settings

CLIENT = "000001"


@pytest.fixture
def salesml(
    shop: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Salesml:
    """The command line on a shop that is scored."""
    environment = {
        "SALESML_DATA_DIR": str(shop.data_dir),
        "SALESML_DATABASE_URL": shop.database_url,
        "SALESML_SECRET_KEY": SECRET,
        "COLUMNS": "200",
    }
    return Salesml(tmp_path, environment, monkeypatch, capsys)


def test_a_forecast_is_told_as_the_sum_of_its_reasons(salesml: Salesml) -> None:
    found = salesml.good("why", CLIENT, "--json").json
    assert (found["client_id"], found["source"]) == (CLIENT, "default")
    for target, predicted in (
        ("sales", found["sales"]["predicted_sales"]),
        ("purchase", found["purchase"]["probability"]),
    ):
        why = found["reasons"][target]
        moved = why["base"] + sum(part["amount"] for part in why["parts"]) + why["others"] + why["floor"]
        assert moved == pytest.approx(predicted, abs=1e-4)
        assert why["parts"]


def test_reasons_are_told_in_plain_english(salesml: Salesml) -> None:
    found = salesml.good("why", CLIENT, "--json").json
    told = salesml.good("why", CLIENT).out.replace("\u00a0", " ")
    assert f"Forecast from {found['as_of']}" in told
    assert f"Net sales in 30 days: PLN {found['sales']['predicted_sales']:,.2f}" in told
    assert f"Buys within 14 days: {found['purchase']['probability']:.1%}" in told
    assert told.count("where everybody starts") == told.count("the forecast ") == 2
    assert not any(part["feature"] in told for part in found["reasons"]["sales"]["parts"])


def test_a_client_who_is_not_there_is_said_to_be_missing(salesml: Salesml) -> None:
    ended = salesml("why", "nobody", "--source", "default")
    assert ended.status == 1
    assert "source default has no client nobody" in ended.err


def test_a_client_without_forecasts_is_said_to_have_none(salesml: Salesml, tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    file.write_text("client_id,first_name\nnewcomer,Anna\n")
    salesml.good("import", "clients", file, "--yes")
    ended = salesml("why", "newcomer")
    assert ended.status == 1
    assert "no forecast of client newcomer is stored; first run: salesml score" in ended.err
