"""Pages make sentences of their own from the codes and values of refusals."""

import string

import pytest

from salesml.core.errors import Ambiguous, ColumnsMissing, FileTooLarge, FileUnreadable
from salesml.core.refusals import FORMATS, WORDS, Refusal, Value
from salesml.web import i18n, refusals

PL, EN = i18n.language("pl"), i18n.language("en")
TUPLES = ("missing", "columns", "suffixes")
FURTHER = {"no_good_row_but": {"why": "missing"}}
"""Values that the English sentence does not need."""


def values_of(code: str) -> dict[str, Value]:
    """Values of the kinds that the code comes with: what its English sentence tells."""
    found: dict[str, Value] = dict(FURTHER.get(code, {}))
    for _, name, spec, _ in string.Formatter().parse(WORDS[code]):
        if not name or name == "file":
            continue
        is_list = name in TUPLES and not spec
        found[name] = 7.5 if spec else ("amount",) if is_list else "pdf" if name == "format" else f"<{name}>"
    return found


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_code_has_a_sentence_in_both_languages(code: str) -> None:
    refusal = Refusal(code=code, values=values_of(code))
    polish, english = (refusals.sentence(language, refusal) for language in (PL, EN))
    assert polish != english
    assert english != refusal.words("a.csv")
    assert not any("%(" in text or "{" in text for text in (polish, english))
    assert set(refusals.TEXTS) == set(WORDS)


def test_values_are_told_as_a_reader_writes_them() -> None:
    refusal = Refusal(code="too_large", values={"size_mib": 12.5, "limit_mib": 100.0})
    assert refusals.sentence(PL, refusal) == "Plik ma 12,5 MiB, a przyjmowane jest tu najwyżej 100 MiB."
    assert refusals.sentence(EN, refusal) == "The file has 12.5 MiB; at most 100 MiB are taken here."


def test_formats_and_fields_have_names_in_both_languages() -> None:
    assert set(refusals.FORMATS) == set(FORMATS)
    for known in FORMATS:
        refusal = Refusal(code="foreign_format", values={"format": known})
        assert refusals.sentence(PL, refusal) != refusals.sentence(EN, refusal)
    told: dict[str, str | int] = {
        "rows": 3,
        "row": 1,
        "field": "amount",
        "reason": "is empty",
        "why": "missing",
    }
    sentence = refusals.sentence(EN, Refusal(code="no_good_row_but", values=told))
    assert sentence == "No row could be kept; all 3 were set aside. Row 1: Amount is empty."


def test_a_refusal_stands_beside_the_field_that_mends_it() -> None:
    dates = Ambiguous("ambiguous_dates", column="d", value="v", day_first="1", month_first="2")
    numbers = Ambiguous("ambiguous_numbers", column="d", value="v", point="1", comma="2")
    encoding = FileUnreadable("wrong_encoding", file="a.csv", encoding="utf-8")
    large = FileTooLarge("upload_too_large", limit_mib=5)
    found = [refusals.upload_errors(EN, error) for error in (dates, numbers, encoding, large)]
    assert [list(each) for each in found] == [["dates"], ["decimal"], ["encoding"], ["file"]]
    assert found[-1] == {"file": "The file is larger than 5 MiB."}
    missing = refusals.upload_errors(EN, ColumnsMissing("orders", ["amount"], ["Name"]))
    assert set(missing) == {"mapping", "map_amount"}
    assert "Amount" in missing["mapping"]
