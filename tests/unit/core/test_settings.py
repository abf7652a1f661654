"""Settings are read once, from SALESML_* variables, and refuse what they do not understand."""

import os
from pathlib import Path

import pytest

from salesml.core.errors import SettingsInvalid
from salesml.settings import Settings, load_settings

SECRET = "a secret that must never be shown anywhere"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("SALESML_")]:
        monkeypatch.delenv(name)


def test_defaults_need_no_environment() -> None:
    settings = load_settings()
    assert (settings.currency, settings.timezone) == ("PLN", "Europe/Warsaw")
    assert settings.url == "sqlite:///data/salesml.db"


def test_variables_are_read_and_a_database_url_wins_over_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESML_DATA_DIR", "/srv/shop")
    monkeypatch.setenv("SALESML_CURRENCY", " gbp ")
    assert load_settings().url == "sqlite:////srv/shop/salesml.db"
    assert load_settings().currency == "GBP"
    monkeypatch.setenv("SALESML_DATABASE_URL", "postgresql+psycopg://db/shop")
    assert load_settings().url == "postgresql+psycopg://db/shop"


def test_what_the_caller_says_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SALESML_DATA_DIR", "/srv/shop")
    assert load_settings(data_dir=tmp_path).data_dir == tmp_path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALESML_CURRENCY", "zloty"),
        ("SALESML_TIMEZONE", "Europe/Nowhere"),
        ("SALESML_TIMEZONE", "../../etc/passwd"),
        ("SALESML_TIMEZONE", ""),
        ("SALESML_MAX_FILE_MB", "0"),
        ("SALESML_MAX_FILE_MB", "many"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.currency = "EUR"  # type: ignore[misc]


def test_the_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESML_SECRET_KEY", SECRET)
    settings = load_settings()
    assert settings.secret_key.get_secret_value() == SECRET
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert SECRET not in shown


def test_every_setting_says_what_it_means() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
