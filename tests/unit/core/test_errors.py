"""Errors are a small family: each has a code of its own and says one line."""

from collections.abc import Iterator

import pytest

from salesml.core import errors
from salesml.core.errors import ColumnsMissing, InvalidValue, SalesmlError


def _family(error: type[SalesmlError]) -> Iterator[type[SalesmlError]]:
    yield error
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _family(child)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in _family(SalesmlError)]
    assert len(codes) > 10
    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and code == code.lower() and " " not in code for code in codes)


@pytest.mark.parametrize(("row", "text"), [(None, "amount: is odd"), (3, "row 3, amount: is odd")])
def test_a_wrong_value_names_field_and_row(row: int | None, text: str) -> None:
    error = InvalidValue("amount", "is odd", row=row)
    assert str(error) == text
    assert (error.field, error.reason, error.row) == ("amount", "is odd", row)


def test_a_file_of_another_kind_is_refused_with_the_option_that_would_help() -> None:
    error = ColumnsMissing("orders", ["client_id", "amount"], ["Name", "City"])
    assert "--map client_id=COLUMN --map amount=COLUMN" in str(error)
    assert "Name, City" in str(error)
