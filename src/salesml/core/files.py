"""How files are read: what a person chose, what was understood, what came of staging."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from salesml.core.activity import Coverage
from salesml.core.imports import ImportKind


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """What the person who imports chose; None means "detect".

    `decimal` is what a number such as 1.234 or 1,234 has before its last three digits: `point` or `comma`
    are the decimal mark then. `header` says whether the first row names the columns; `sheet` is the name
    of a workbook's sheet. `profile` is the name of a known export, `none` to recognise none. Of an order,
    `amount` counts `gross` (with tax, as detected) or `net`, and `shipping` is `in` (as detected) or `out`.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    lines: bool | None = None
    date_format: str | None = None
    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    header: bool | None = None
    sheet: str | None = None
    profile: str | None = None
    amount: str | None = None
    shipping: str | None = None
    max_bytes: int = 4 * 1024**3


@dataclass(frozen=True, kw_only=True)
class ReadSoFar:
    """How much of a file has been read: data rows, and `bytes` of the `total_bytes` that it has on the disk,
    still compressed; of a workbook, which is read at once, its share of rows."""

    rows: int
    bytes: int
    total_bytes: int


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A staged file: `rows` data rows read, `good` finished rows, `rejected` data rows set aside.

    `repeated` data rows are equal repeats of an earlier key and are left out. `coverage` are the days of
    activity metrics that the file makes known.
    """

    folder: Path
    rows: int
    good: int
    rejected: int
    repeated: int = 0
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FileReading:
    """How a file was understood: everything that was detected, and everything that was chosen.

    `format` is `csv`, `parquet`, `xlsx` or `jsonl`, `compression` None, `gzip` or `zip`; a `separator` of one
    blank stands for any white space. `mapping` is field -> column; `date_format` is `iso`, `dmy`, `mdy`,
    `ymd`, `compact`, `text` or `unix`; `decimal` is the decimal mark of numbers that could be read with
    either one, None where the file tells none: such a number is then set aside. Without a `header`, columns
    are called `column 1`, `column 2`, ... `profile` names the known export that it is, if any; `net` takes
    tax out of amounts, `without_shipping` what was paid for delivery. `lines` says that rows are line items
    to be summed into orders; `notes` are lines for people.
    """

    kind: ImportKind
    format: str
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    encoding: str | None = None
    separator: str | None = None
    compression: str | None = None
    date_format: str = "iso"
    decimal: str | None = "point"
    header: bool = True
    sheet: str | None = None
    profile: str | None = None
    net: bool = False
    without_shipping: bool = False
    lines: bool = False
    notes: tuple[str, ...] = ()
    sample: tuple[tuple[str | None, ...], ...] = field(default=(), repr=False)
