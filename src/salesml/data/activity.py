"""Activity files: one client, one day, counts."""

from salesml.core.activity import MAX_COUNT, METRICS
from salesml.core.files import FileReading
from salesml.data import dates, numbers
from salesml.data.codes import Problem
from salesml.data.plan import (
    Plan,
    cleaned_fields,
    decimal_of,
    emails_of,
    missing,
    moment_problems,
    number_problems,
    profile_of,
    text_problems,
)

FIELDS = ("client_id", "day", *METRICS)


def plan(reading: FileReading) -> Plan:
    """The plan of an activity file: whole counts of at least one metric; an empty cell brings nothing."""
    mapped = [name for name in METRICS if name in reading.mapping]
    profile, decimal = profile_of(reading), decimal_of(reading)
    return Plan(
        fields=FIELDS,
        steps=[
            cleaned_fields(FIELDS, guarded=profile.guarded),
            *(step for name in METRICS for step in numbers.parsed(name, decimal)),
            *dates.read("day", reading.date_format),
        ],
        problems=[
            *missing("client_id", "day"),
            *text_problems("client_id"),
            *moment_problems("day", reading.date_format),
            *(problem for name in mapped for problem in _count_problems(name)),
            Problem(
                field=mapped[0],
                code="missing",
                when=" AND ".join(f"{name} IS NULL" for name in mapped),
                words="is empty, and so is every other metric",
            ),
        ],
        outputs={
            "client_external_id": "client_id",
            **{name: f"{name}_digits::BIGINT" for name in METRICS},
        },
        moment="day",
        instant="",
        day="day",
        keys=("client_external_id", "day"),
        key_field="day",
        key_text="(DATE '1970-01-01' + day)::VARCHAR",
        emails=emails_of(reading, "client_id"),
        utc=profile.utc,
    )


def _count_problems(name: str) -> list[Problem]:
    return [
        *number_problems(name, optional=True)[:2],
        Problem(field=name, code="not_whole", when=f"{name}_decimals > 0"),
        Problem(field=name, code="negative", when=f"{name}_digits < 0"),
        Problem(
            field=name,
            code="out_of_range",
            when=f"{name}_ok AND ({name}_digits IS NULL OR {name}_digits > {MAX_COUNT})",
            words=f"is more than {MAX_COUNT}",
        ),
    ]
