"""How the rows of one kind of file become typed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salesml.core.clients import MAX_ID_LENGTH
from salesml.data.codes import Problem
from salesml.data.sql import Step


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`steps` make columns of the text columns `fields`; the first of `problems` that holds sets a row aside.

    `outputs` are the typed columns by name, without `row` and times. The field `moment` gives the columns
    `instant` (epoch seconds, unless empty) and `day`. Rows are the same thing when their `keys` are equal;
    an empty `keys` says that every row counts. A row that differs from an earlier one of its key is reported
    under `key_field` with the value `key_text` (SQL over outputs).
    """

    fields: Sequence[str]
    steps: Sequence[Step]
    problems: Sequence[Problem]
    outputs: Mapping[str, str]
    moment: str
    instant: str
    day: str
    keys: tuple[str, ...]
    key_field: str
    key_text: str


def cleaned_fields(fields: Sequence[str]) -> Step:
    """Every field from its text `raw_<field>`, which has no outer white space; empty is NULL."""
    return {name: f"nullif(raw_{name}, '')" for name in fields}


def text_problems(*fields: str) -> list[Problem]:
    """What any text that is stored must not be."""
    long = f"has more than {MAX_ID_LENGTH} characters"
    return [
        problem
        for name in fields
        for problem in (
            Problem(field=name, code="too_long", when=f"length({name}) > {MAX_ID_LENGTH}", words=long),
            Problem(field=name, code="not_text", when=f"contains({name}, chr(0))"),
        )
    ]


def missing(*fields: str) -> list[Problem]:
    return [Problem(field=name, code="missing", when=f"{name} IS NULL") for name in fields]


def moment_problems(field: str, style: str) -> list[Problem]:
    """A value that is no date; what is too late or too early is found once the zone is applied."""
    words = f"is not a date of the style {style}"
    return [
        Problem(field=field, code="not_a_date", when=f"{field} IS NOT NULL AND wall IS NULL", words=words),
    ]
