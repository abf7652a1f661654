"""Client files."""

from salesml.core.files import FileReading
from salesml.core.imports import ImportKind
from salesml.data import dates
from salesml.data.columns import SYNONYMS
from salesml.data.plan import Plan, cleaned_fields, missing, moment_problems, text_problems

FIELDS = tuple(SYNONYMS[ImportKind.CLIENTS])
TEXTS = ("first_name", "last_name", "email")


def plan(reading: FileReading) -> Plan:
    """The plan of a client file: a client's id is needed, everything else may be empty."""
    return Plan(
        fields=FIELDS,
        steps=[cleaned_fields(FIELDS), *dates.read("registered_at", reading.date_format)],
        problems=[
            *missing("client_id"),
            *text_problems("client_id", *TEXTS),
            *moment_problems("registered_at", reading.date_format),
        ],
        outputs={"client_external_id": "client_id", **{name: name for name in TEXTS}},
        moment="registered_at",
        instant="registered_at",
        day="registered_day",
        keys=("client_external_id",),
        key_field="client_id",
        key_text="client_external_id",
    )
