"""Ways to read a shop's files, kept under a name."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from salesml.core.errors import InvalidValue
from salesml.core.files import ReadingOptions
from salesml.core.imports import ImportKind

NAME = re.compile(r"\w[\w .-]{0,63}")
_NOT_KEPT = ("max_bytes",)


@dataclass(frozen=True, kw_only=True)
class SavedMapping:
    """`options` are the choices with which files of `kind` are read."""

    name: str
    kind: ImportKind
    options: ReadingOptions
    created_at: datetime
    created_by: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise InvalidValue("name", "must have 1 to 64 letters, digits, blanks, points or dashes")


def kept(options: ReadingOptions) -> Mapping[str, object]:
    """What is stored of choices: those that were made."""
    return {
        name: value
        for name, value in asdict(options).items()
        if name not in _NOT_KEPT and value not in (None, {})
    }


def restored(stored: Mapping[str, object]) -> ReadingOptions:
    """The choices again. Raises InvalidValue for one that there is not."""
    known = {each.name for each in fields(ReadingOptions)} - set(_NOT_KEPT)
    unknown = sorted(stored.keys() - known)
    if unknown:
        raise InvalidValue(
            "options", f"{unknown[0]!r} is not an option; choose from {', '.join(sorted(known))}"
        )
    return ReadingOptions(**stored)  # type: ignore[arg-type]


def merged(saved: ReadingOptions, chosen: ReadingOptions) -> ReadingOptions:
    """What somebody chose now, and for the rest what was saved; columns field by field."""
    asked = {name: value for name, value in vars(chosen).items() if name != "mapping" and value is not None}
    return replace(saved, **asked, mapping={**saved.mapping, **chosen.mapping})
