"""What the file of an import is like, and what was stored before and after it."""

from salesml.core.plain import from_plain, to_plain
from salesml.core.reports import FileReport, ImportReport, Totals
from salesml.core.sources import Moved
from salesml.services.ports.unit_of_work import UnitOfWork

_BEFORE = "before"


def begin(uow: UnitOfWork, import_id: int) -> None:
    """Note what is stored before an import writes anything."""
    uow.reports.keep(import_id, {_BEFORE: to_plain(uow.reports.totals())})


def keep(uow: UnitOfWork, import_id: int, file: FileReport, moved: Moved | None = None) -> None:
    """Keep the report of an import that has just become visible."""
    before = from_plain(Totals, (uow.reports.of_import(import_id) or {})[_BEFORE])
    report = ImportReport(file=file, before=before, after=uow.reports.totals(), moved=moved)
    uow.reports.keep(import_id, to_plain(report))


def of_import(uow: UnitOfWork, import_id: int) -> ImportReport | None:
    """What was found when the import was made; None if it never became visible."""
    found = uow.reports.of_import(import_id)
    return from_plain(ImportReport, found) if found is not None and "file" in found else None
