"""Clients and the ids by which sources know them."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from salesml.core.errors import InvalidValue

DEFAULT_SOURCE = "default"
MAX_ID_LENGTH = 200
MAX_EMAIL = 254
CONSENTS = ("marketing_email", "ad_user_data", "ad_personalization")
"""What a client may agree to: mails that advertise, data given to advertisers, advertisements made to fit."""

# Letters of European alphabets that Unicode does not take apart, as CLDR's Latin-ASCII writes them.
_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
    | {"ħ": "h", "ŧ": "t", "\u0131": "i", "ŋ": "n", "ĸ": "q"}
)


@dataclass(frozen=True, kw_only=True)
class ExternalId:
    """The text by which one source knows a client; leading zeros and 19 digits are kept."""

    source: str
    external_id: str

    def __post_init__(self) -> None:
        for name, value in (("source", self.source), ("external_id", self.external_id)):
            if not value or value != value.strip() or len(value) > MAX_ID_LENGTH:
                raise InvalidValue(name, f"must have 1 to {MAX_ID_LENGTH} characters, no outer spaces")
            if "\0" in value:
                raise InvalidValue(name, "must not have a NUL character")


@dataclass(frozen=True, kw_only=True)
class Consent:
    """`at` is when it was given or taken back, None if nobody knows."""

    granted: bool
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Client:
    """A person or company that buys. `external_ids` lists every pair, the oldest first; `consents` has
    those of CONSENTS of which anything is known."""

    id: int
    external_ids: tuple[ExternalId, ...]
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    registered_at: datetime | None = None
    search_key: str = field(default="")
    consents: Mapping[str, Consent] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ClientLine:
    """A client as lists and the detail show it: the figures of the newest scoring run, None without one.

    Money in minor units; `lower` and `upper` bound the forecast of sales; `decision` by the current
    threshold; `tenure_months` of a client who is not scored counts up to today.
    """

    client: Client
    tenure_months: float | None = None
    as_of_day: int | None = None
    predicted_sales: int | None = None
    lower: int | None = None
    upper: int | None = None
    purchase_probability: float | None = None
    decision: int | None = None
    days_since_last_purchase: int | None = None


class ClientSort(StrEnum):
    """What a list of clients is ordered by; those without a value come last, whatever the direction."""

    NAME = "name"
    PREDICTED_SALES = "predicted_sales"
    PURCHASE_PROBABILITY = "purchase_probability"
    DAYS_SINCE_LAST_PURCHASE = "days_since_last_purchase"
    TENURE_MONTHS = "tenure_months"
    REGISTERED = "registered"
    CREATED = "created"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Values from `minimum` to `maximum`, both included; None leaves a side open."""

    minimum: float | None = None
    maximum: float | None = None


ANY = Span()


@dataclass(frozen=True, kw_only=True)
class ClientQuery:
    """Which clients a list has, in which order. Money in minor units.

    `q` is the beginning of a name or e-mail, or a whole external id or e-mail address. `decision` is by
    the current threshold. A client without a value is in no list that asks for one.
    """

    q: str = ""
    external_id: str | None = None
    source: str | None = None
    predicted_sales: Span = ANY
    purchase_probability: Span = ANY
    days_since_last_purchase: Span = ANY
    tenure_months: Span = ANY
    decision: int | None = None
    sort: ClientSort = ClientSort.NAME
    descending: bool = False
    limit: int = 50
    cursor: str | None = None

    @property
    def scope(self) -> str:
        """What a cursor belongs to: everything but the page itself."""
        return repr(replace(self, limit=1, cursor=None))


def clean_name(field: str, text: str | None) -> str | None:
    """A name as it is stored: trimmed, None when nothing is left. Raises InvalidValue."""
    name = (text or "").strip()
    if len(name) > MAX_ID_LENGTH:
        raise InvalidValue(field, f"must have at most {MAX_ID_LENGTH} characters")
    if "\0" in name:
        raise InvalidValue(field, "must not have a NUL character")
    return name or None


def normal_email(text: str) -> str:
    """An e-mail address as it is stored and compared: composed (NFC), casefolded and trimmed."""
    return unicodedata.normalize("NFC", text.strip().casefold())


def address_of(external_id: str) -> str | None:
    """The e-mail address that an id is, if it is one: some shops know their clients by nothing else."""
    is_one = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", external_id) and external_id == normal_email(
        external_id
    )
    return external_id if is_one and len(external_id) <= MAX_EMAIL else None


def search_key(*parts: str | None) -> str:
    """What names are sorted and searched by: casefolded, without diacritics, ł as l, single spaces."""
    text = unicodedata.normalize("NFKD", " ".join(part for part in parts if part)).casefold()
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(plain.translate(_UNDECOMPOSED).split())
