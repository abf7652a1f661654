"""The build hook: quick when nothing changed, clear when something is wrong."""

import os
from pathlib import Path

import hatch_build
import pytest


def test_nothing_is_fetched_while_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    hatch_build.build()
    monkeypatch.setattr(hatch_build, "npm", lambda *_, **__: pytest.fail("npm ran"))
    hatch_build.build()


def test_another_lock_file_fetches_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hatch_build, "_fingerprint", lambda: "another")
    monkeypatch.setattr(hatch_build, "npm", lambda *_, **__: 1)
    with pytest.raises(SystemExit, match=r"npm could not fetch the front end's packages"):
        hatch_build.build()


def test_what_was_built_stays_when_npm_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(hatch_build.VENDOR.rglob("*"))
    test_another_lock_file_fetches_anew(monkeypatch)
    assert sorted(hatch_build.VENDOR.rglob("*")) == before


def test_an_icon_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="names 'no-such-icon'"):
        hatch_build._symbol(tmp_path, "no-such-icon")


def test_a_changed_catalogue_is_compiled_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "pl/LC_MESSAGES"
    folder.mkdir(parents=True)
    source, compiled = folder / "messages.po", folder / "messages.mo"
    source.write_text('msgid ""\nmsgstr ""\n"Language: pl\\n"\n\nmsgid "Clients"\nmsgstr "Klienci"\n')
    monkeypatch.setattr(hatch_build, "TRANSLATIONS", tmp_path)
    hatch_build.compile_catalogues()
    assert b"Klienci" in compiled.read_bytes()
    source.write_text(source.read_text().replace("Klienci", "Osoby"))
    os.utime(compiled, (0, 0))
    hatch_build.compile_catalogues()
    assert b"Osoby" in compiled.read_bytes()


def test_the_lock_file_names_no_registry() -> None:
    for lock in (hatch_build.FRONTEND, hatch_build.ROOT / "tests/browser/chromium"):
        text = (lock / "package-lock.json").read_text()
        assert '"resolved"' not in text
        assert '"integrity"' in text
