"""Bring the catalogues up to date with the texts in code and templates: `python tools/messages.py`.

New texts appear in `translations/pl/LC_MESSAGES/messages.po` without a translation, to be written there;
texts that are gone disappear. English is the language of the message ids, so its catalogue fills itself.
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "src/salesml/web"
SOURCE_LANGUAGE = "en"
HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: salesml\n"
"Language: {code}\n"
"Plural-Forms: {plural}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
"""Without dates and names, which would differ in every change."""
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "NN_": (1, 2)}


def extract() -> Catalog:
    """Every text of code and templates."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file, filename="babel.cfg")  # type: ignore[no-untyped-call]
    found = Catalog(project="salesml", charset="utf-8", fuzzy=False)
    for name, line, message, comments, context in extract_from_dir(
        WEB, methods, options, keywords=KEYWORDS, comment_tags=("NOTE:",), strip_comment_tags=True
    ):
        found.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return found


def catalogues() -> Iterator[tuple[str, Path]]:
    """Language code and file of each catalogue."""
    for path in sorted(WEB.glob("translations/*/LC_MESSAGES/messages.po")):
        yield path.parts[-3], path


def read(code: str, path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=code)


def update() -> None:
    """Rewrite every catalogue; texts in order, without line numbers, so that differences stay small."""
    template = extract()
    for code, path in catalogues():
        catalogue = read(code, path)
        catalogue.update(deepcopy(template), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        if code == SOURCE_LANGUAGE:
            _speak_for_themselves(catalogue)
        with path.open("wb") as file:
            file.write(HEADER.format(code=code, plural=catalogue.plural_forms).encode())
            write_po(file, catalogue, width=110, no_location=True, sort_output=True, omit_header=True)


def _speak_for_themselves(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            message.string = message.id


if __name__ == "__main__":
    update()
