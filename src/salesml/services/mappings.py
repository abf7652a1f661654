"""Ways to read a shop's files, kept under a name and used again."""

from collections.abc import Sequence
from datetime import datetime

from salesml.core.errors import InvalidValue
from salesml.core.files import FileReading, ReadingOptions
from salesml.core.imports import ImportKind
from salesml.core.mappings import SavedMapping, merged
from salesml.services.ports.unit_of_work import UnitOfWork

_NO_PROFILE = "none"


def put(
    uow: UnitOfWork, name: str, kind: ImportKind, options: ReadingOptions, *, actor: str, now: datetime
) -> SavedMapping:
    """Keep choices under a name, in the place of what was kept under it. Raises InvalidValue."""
    mapping = SavedMapping(name=name, kind=kind, options=options, created_at=now, created_by=actor)
    uow.mappings.put(mapping)
    uow.audit.add(at=now, actor=actor, action="mapping.put", subject=f"mapping {name}", detail={"kind": kind})
    return mapping


def get(uow: UnitOfWork, name: str) -> SavedMapping:
    """Raises NotFound."""
    return uow.mappings.get(name)


def list_mappings(uow: UnitOfWork) -> Sequence[SavedMapping]:
    """All of them, by name."""
    return uow.mappings.list()


def delete(uow: UnitOfWork, name: str, *, actor: str, now: datetime) -> None:
    """Forget one; imports that used it stay as they are. Raises NotFound."""
    uow.mappings.remove(name)
    uow.audit.add(at=now, actor=actor, action="mapping.deleted", subject=f"mapping {name}", detail={})


def applied(uow: UnitOfWork, name: str, kind: ImportKind, chosen: ReadingOptions) -> ReadingOptions:
    """The choices kept under a name, below those made now. Raises NotFound, InvalidValue for one of
    another kind."""
    saved = uow.mappings.get(name)
    if saved.kind is not kind:
        raise InvalidValue("mapping", f"{name} is a mapping of {saved.kind}, not of {kind}")
    return merged(saved.options, chosen)


def settled(reading: FileReading, chosen: ReadingOptions) -> ReadingOptions:
    """The choices that make another file of the same make be read as this one was, without a guess.

    What a known export says of its columns is not repeated: the next file may have more of them, or less.
    """
    known = reading.profile is not None
    return ReadingOptions(
        mapping=chosen.mapping if known else reading.mapping,
        lines=reading.lines,
        date_format=reading.date_format,
        decimal=reading.decimal,
        header=None if reading.header else False,
        sheet=chosen.sheet,
        separator=chosen.separator,
        encoding=chosen.encoding,
        profile=reading.profile or _NO_PROFILE,
        amount="net" if reading.net else None,
        shipping="out" if reading.without_shipping else None,
    )
