"""How files are read: what a person chose, what was understood, what came of staging."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from salesml.core.activity import Coverage
from salesml.core.imports import ImportKind


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """What the person who imports chose; None means "detect"."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    lines: bool | None = None
    date_format: str | None = None
    separator: str | None = None
    encoding: str | None = None
    max_bytes: int = 4 * 1024**3


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

    `mapping` is field -> column; `date_format` is `iso`, `dmy`, `mdy`, `ymd` or `compact`;
    `lines` says that rows are line items to be summed into orders; `notes` are lines for people.
    """

    kind: ImportKind
    format: str
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    encoding: str | None = None
    separator: str | None = None
    compression: str | None = None
    date_format: str = "iso"
    lines: bool = False
    notes: tuple[str, ...] = ()
    sample: tuple[tuple[str | None, ...], ...] = field(default=(), repr=False)
