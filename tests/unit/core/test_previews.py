"""Fields that a preview offers, and previews that are kept as documents."""

from salesml.core.files import FileReading
from salesml.core.imports import ImportCounts, ImportKind, RejectedRow
from salesml.core.plain import from_plain, to_plain
from salesml.core.previews import PREVIEW_FIELDS, Preview, PreviewRows
from salesml.core.reports import FileReport
from salesml.data.columns import SYNONYMS


def test_every_field_that_can_be_mapped_is_offered() -> None:
    offered = {kind: sorted(fields) for kind, fields in PREVIEW_FIELDS.items()}
    assert offered == {kind: sorted(fields) for kind, fields in SYNONYMS.items()}


def test_a_preview_survives_being_kept() -> None:
    reading = FileReading(
        kind=ImportKind.ORDERS, format="csv", columns=("a", "b"), mapping={"amount": "a"}, decimal=None
    )
    preview = Preview(
        reading=reading, counts=ImportCounts(rows=3, net=-7), reasons={"conflict": 1}, file=FileReport()
    )
    kept = from_plain(Preview, to_plain(preview))
    assert kept == preview
    assert kept.reading.kind is ImportKind.ORDERS
    rows = PreviewRows(
        cells=(("1", None),),
        good=({"amount": 5},),
        rejected=(RejectedRow(row=1, field="day", code="missing", reason="is empty"),),
    )
    assert from_plain(PreviewRows, to_plain(rows)) == rows
