"""Every text of the pages is translated into every language, and nothing else stands in the catalogues."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from tools.messages import WEB, catalogues, extract, read

CATALOGUES = dict(catalogues())


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return extract()


@pytest.fixture(params=list(CATALOGUES))
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read(request.param, CATALOGUES[request.param])


def test_there_is_a_catalogue_for_each_language() -> None:
    assert set(CATALOGUES) == {"pl", "en"}


def test_every_text_has_a_translation_that_is_not_fuzzy(texts: Catalog, catalogue: Catalog) -> None:
    missing = [message.id for message in texts if message.id and not _is_done(catalogue, message)]
    assert missing == [], "run: python tools/messages.py, and translate these in messages.po"


def test_no_catalogue_keeps_a_text_that_no_page_shows(texts: Catalog, catalogue: Catalog) -> None:
    known = {message.id for message in texts}
    assert [message.id for message in catalogue if message.id not in known] == []
    assert not catalogue.obsolete


def test_translations_keep_the_blanks_of_the_text(catalogue: Catalog) -> None:
    wrong = [message.id for message in catalogue if message.id and not _keeps_blanks(message)]
    assert wrong == []


def test_templates_hold_no_text_outside_the_catalogues() -> None:
    found = {str(path.relative_to(WEB)): _bare_words(path) for path in WEB.glob("templates/**/*.html")}
    assert {name: words for name, words in found.items() if words} == {}


def _is_done(catalogue: Catalog, message: Message) -> bool:
    found = catalogue.get(message.id)
    if found is None or found.fuzzy:
        return False
    return all(found.string) if isinstance(found.string, tuple | list) else bool(found.string)


def _keeps_blanks(message: Message) -> bool:
    wanted = _blanks(message.id if isinstance(message.id, str) else message.id[-1])
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return all(_blanks(form) == wanted for form in forms)


def _blanks(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|%(?=%)", text))


def _bare_words(path: Path) -> list[str]:
    """Words between tags, outside of expressions; the product's name is the same in every language."""
    text = path.read_text()
    text = re.sub(r"\{% *trans\b.*?\{% *endtrans *%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", "|", text, flags=re.DOTALL)
    text = re.sub(r'[a-z-]+="[^"]*"', "", text)  # attributes that a macro makes
    return [word for word in re.findall(r"[A-Za-zŁłŚśŻżÓó]{2,}", text) if word not in {"salesml", "API"}]
