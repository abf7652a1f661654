"""Client files."""

from salesml.core.clients import CONSENTS
from salesml.core.files import FileReading
from salesml.data import dates
from salesml.data.codes import Problem
from salesml.data.plan import (
    Plan,
    cleaned_fields,
    emails_of,
    missing,
    moment_problems,
    profile_of,
    text_problems,
)

TEXTS = ("first_name", "last_name", "email")
FIELDS = ("client_id", *TEXTS, "registered_at")
YES = "('yes', 'y', 'true', 't', '1', 'tak', 'subscribed', 'granted', 'opted in', 'opt-in')"
NO = "('no', 'n', 'false', 'f', '0', 'nie', 'unsubscribed', 'denied', 'opted out', 'opt-out')"
ADDRESS = "[^@\\s]+@[^@\\s]+[.][^@\\s.]+"


def plan(reading: FileReading) -> Plan:
    """The plan of a client file: a client's id is needed, everything else may be empty."""
    profile = profile_of(reading)
    consents = [name for name in CONSENTS if name in reading.mapping]
    dated = [f"{name}_at" for name in consents if f"{name}_at" in reading.mapping]
    fields = (*FIELDS, *consents, *dated)
    cleaned = cleaned_fields(fields, guarded=profile.guarded)
    return Plan(
        fields=fields,
        steps=[
            cleaned,
            {f"{name}_given": _yes_or_no(name) for name in consents} or {"none": "0"},
            *dates.read("registered_at", reading.date_format),
        ],
        problems=[
            *missing("client_id"),
            *text_problems("client_id", *TEXTS),
            _no_address(),
            *(_neither(name) for name in consents),
            *moment_problems("registered_at", reading.date_format),
        ],
        outputs={
            "client_external_id": "client_id",
            **{name: name for name in TEXTS},
            **{name: f"{name}_given" if name in consents else "NULL::BOOLEAN" for name in CONSENTS},
            **{f"{name}_at": "NULL::BIGINT" for name in CONSENTS if f"{name}_at" not in dated},
        },
        moment="registered_at",
        instant="registered_at",
        day="registered_day",
        keys=("client_external_id",),
        key_field="client_id",
        key_text="client_external_id",
        moments={name: [cleaned, *dates.read(name, reading.date_format)] for name in dated},
        emails=("email", *emails_of(reading, "client_id")),
        utc=profile.utc,
    )


def _yes_or_no(name: str) -> str:
    return f"CASE WHEN lower({name}) IN {YES} THEN true WHEN lower({name}) IN {NO} THEN false END"


def _neither(name: str) -> Problem:
    return Problem(field=name, code="not_yes_or_no", when=f"{name} IS NOT NULL AND {name}_given IS NULL")


def _no_address() -> Problem:
    bad = f"NOT regexp_full_match(email, '{ADDRESS}') OR length(email) > 254"
    return Problem(field="email", code="not_an_email", when=f"email IS NOT NULL AND ({bad})")
