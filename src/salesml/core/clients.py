"""Clients and the ids by which sources know them."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from salesml.core.errors import InvalidValue

DEFAULT_SOURCE = "default"
MAX_ID_LENGTH = 200

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


@dataclass(frozen=True, kw_only=True)
class Client:
    """A person or company that buys. `external_ids` lists every pair, the oldest first."""

    id: int
    external_ids: tuple[ExternalId, ...]
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    registered_at: datetime | None = None
    search_key: str = field(default="")


def search_key(*parts: str | None) -> str:
    """What names are sorted and searched by: casefolded, without diacritics, ł as l, single spaces."""
    text = unicodedata.normalize("NFKD", " ".join(part for part in parts if part)).casefold()
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(plain.translate(_UNDECOMPOSED).split())
