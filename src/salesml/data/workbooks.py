"""Tables as XLSX workbooks, row by row, in bounded memory.

Every cell is written as what it is: a text is never taken for a formula, a link or a number.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import xlsxwriter

from salesml.core.days import date_of
from salesml.core.exports import ExportColumn, Holds
from salesml.core.money import Currency

SHEET_ROWS = 1_048_575
"""Rows of one sheet below its header; Excel has no more."""
_WIDTHS: Mapping[Holds, int] = {Holds.TEXT: 24, Holds.INSTANT: 18, Holds.MONEY: 14, Holds.DAY: 12}
_USUAL_WIDTH = 12


class Workbook:
    """Takes a table chunk by chunk; a table that is too long for one sheet goes on in the next one."""

    def __init__(
        self,
        file: IO[bytes],
        columns: Sequence[ExportColumn],
        *,
        currency: Currency,
        zone: ZoneInfo,
        folder: Path,
    ) -> None:
        self._columns, self._row = columns, 0
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "tmpdir": str(folder),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "use_zip64": True,
            },
        )
        self._heading = self._book.add_format({"bold": True, "bottom": 1})
        money = f"#,##0.{'0' * currency.exponent}" if currency.exponent else "#,##0"
        formats = {Holds.MONEY: money, Holds.DAY: "yyyy-mm-dd", Holds.INSTANT: "yyyy-mm-dd hh:mm"}
        self._formats = {
            holds: self._book.add_format({"num_format": text}) for holds, text in formats.items()
        }
        self._values: Mapping[Holds, Callable[[Any], Any]] = {
            Holds.MONEY: lambda minor: float(currency.to_major(minor)),
            Holds.DAY: date_of,
            Holds.INSTANT: lambda at: datetime.fromtimestamp(at, UTC).astimezone(zone).replace(tzinfo=None),
        }
        self._sheet = self._new_sheet()

    def write(self, rows: pa.Table) -> None:
        """Add a chunk."""
        values = [rows[column.name].to_pylist() for column in self._columns]
        for row in zip(*values, strict=True):
            if self._row == SHEET_ROWS:
                self._sheet = self._new_sheet()
            self._row += 1
            for place, (column, value) in enumerate(zip(self._columns, row, strict=True)):
                if value is not None:
                    self._write(place, column.holds, value)

    def close(self) -> None:
        """Complete the file."""
        self._book.close()

    def _write(self, place: int, holds: Holds, value: Any) -> None:
        match holds:
            case Holds.TEXT:
                self._sheet.write_string(self._row, place, value)
            case Holds.FLAG:
                self._sheet.write_boolean(self._row, place, value)
            case Holds.DAY | Holds.INSTANT:
                told = self._values[holds](value)
                self._sheet.write_datetime(self._row, place, told, self._formats[holds])
            case Holds.MONEY:
                self._sheet.write_number(self._row, place, self._values[holds](value), self._formats[holds])
            case _:
                self._sheet.write_number(self._row, place, value)

    def _new_sheet(self) -> Any:
        sheet = self._book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, _WIDTHS.get(column.holds, _USUAL_WIDTH))
            sheet.write_string(0, place, column.name, self._heading)
        self._row = 0
        return sheet
