"""Every code that a user can meet stands in docs/errors.md, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path

from salesml.core.errors import SalesmlError
from salesml.core.refusals import WORDS as REFUSALS
from salesml.data.codes import WORDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"


def family(kind: type[SalesmlError]) -> Iterator[type[SalesmlError]]:
    for child in kind.__subclasses__():
        yield child
        yield from family(child)


def documented(part: int) -> list[str]:
    return [code for code, _ in rows(part)]


def rows(part: int) -> list[tuple[str, str]]:
    """Code and second cell of a table of the page: errors, rows set aside, refused files."""
    return re.findall(r"^\| `(\w+)` \| *(.*?) *\|", PAGE.read_text().split("\n## ")[part], re.MULTILINE)


def test_every_error_code_is_explained() -> None:
    assert sorted(documented(0)) == sorted({error.code for error in family(SalesmlError)})


def test_every_reason_to_set_a_row_aside_is_explained() -> None:
    assert sorted(documented(1)) == sorted(WORDS)


def test_every_refusal_is_explained_with_its_values() -> None:
    told = {code: set(re.findall(r"`(\w+)`", values)) for code, values in rows(2)}
    assert sorted(documented(2)) == sorted(REFUSALS)
    for code, words in REFUSALS.items():
        assert set(re.findall(r"\{(\w+)", words)) - {"file"} <= told[code], code
