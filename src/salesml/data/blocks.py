"""What every kind of file gives: blocks of rows as text."""

from dataclasses import dataclass
from typing import Any, NamedTuple


class Malformed(NamedTuple):
    """A row that has not as many fields as the header."""

    row: int
    fields: int
    text: str


@dataclass(frozen=True)
class Block:
    """Some rows. `table` has `row` (int64, data rows from 1) and a text column `raw_<field>` for every field,
    NULL where the field has no column; it is None in a block of malformed rows only."""

    table: Any
    malformed: list[Malformed]
