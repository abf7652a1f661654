"""How the rows of one kind of file become typed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from salesml.core.clients import MAX_ID_LENGTH
from salesml.core.files import FileReading
from salesml.data.codes import Problem
from salesml.data.number_styles import PLAIN_ONLY
from salesml.data.profiles import NO_PROFILE, find_profile
from salesml.data.profiles.base import Profile
from salesml.data.sql import Step


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`steps` make columns of the text columns `fields`; the first of `problems` that holds sets a row aside.

    `outputs` are the typed columns by name, without `row` and times. The field `moment` gives the columns
    `instant` (epoch seconds, unless empty) and `day`. Rows are the same thing when their `keys` are equal;
    an empty `keys` says that every row counts. A row that differs from an earlier one of its key is reported
    under `key_field` with the value `key_text` (SQL over outputs).

    Further `moments`, by name with the steps that read them, give columns of their own names in epoch
    seconds, and their days as `{name}_day`; the same skip holds for their steps.
    The text of `emails` is normalised before anything else. `utc` says that a time without a zone is UTC.
    Rows for which `skip` holds (unless it is empty) are passed over without a word.
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
    moments: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    emails: tuple[str, ...] = ()
    utc: bool = False
    skip: str = ""


def profile_of(reading: FileReading) -> Profile:
    """The known export that a file is; one that says nothing for any other."""
    if reading.profile is None:
        return Profile(name=NO_PROFILE, title="", kind=reading.kind)
    return find_profile(reading.profile)


def decimal_of(reading: FileReading) -> str | None:
    """How numbers are written; programs that send JSON write them plainly."""
    return PLAIN_ONLY if reading.format == "json" else reading.decimal


def emails_of(reading: FileReading, *fields: str) -> tuple[str, ...]:
    """Those fields of ids whose columns hold e-mail addresses."""
    return tuple(name for name in fields if "mail" in reading.mapping.get(name, "").lower())


def cleaned_fields(fields: Sequence[str], *, guarded: bool = False, instead: Step | None = None) -> Step:
    """Every field from its text `raw_<field>`, which has no outer white space; empty is NULL. `guarded`
    takes away the apostrophe before what looks like a formula; `instead` are expressions for some fields."""
    text = "regexp_replace({0}, '^''([=+@-])', '\\1')" if guarded else "{0}"
    return {name: f"nullif({text.format(f'raw_{name}')}, '')" for name in fields} | dict(instead or {})


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


def number_problems(name: str, *, optional: bool = False) -> list[Problem]:
    """Of a parsed column; one that is empty has none if it is `optional`."""
    given = f"{name} IS NOT NULL AND " if optional else ""
    return [
        Problem(field=name, code="unclear_number", when=f"{given}{name}_unclear"),
        Problem(field=name, code="not_a_number", when=f"{given}NOT {name}_ok"),
        Problem(field=name, code="out_of_range", when=f"{given}{name}_digits IS NULL"),
    ]


def moment_problems(field: str, style: str) -> list[Problem]:
    """A value that is no date; what is too late or too early is found once the zone is applied."""
    words = f"is not a date of the style {style}"
    return [
        Problem(field=field, code="not_a_date", when=f"{field} IS NOT NULL AND wall IS NULL", words=words),
    ]
