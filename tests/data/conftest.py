"""Small files, staged under the same conditions everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from salesml.core.days import parse_day
from salesml.core.files import FileReading, ReadingOptions, Staged
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.data.reader import FileReader

SHA = "0123456789abcdef" * 4


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A staged file with its rows as dictionaries."""

    reading: FileReading
    staged: Staged
    good: list[dict[str, Any]]
    rejected: list[dict[str, Any]]

    @property
    def codes(self) -> list[tuple[int, str, str]]:
        return [(row["row"], row["field"], row["code"]) for row in self.rejected]


def run(path: Path, folder: Path, kind: ImportKind, currency: str, zone: str, **options: Any) -> Outcome:
    reader = FileReader()
    reading = reader.inspect(path, kind, ReadingOptions(**options))
    staged = reader.stage(
        path,
        reading,
        file_sha256=SHA,
        currency=Currency(currency),
        zone=ZoneInfo(zone),
        last_day=parse_day("2026-06-30"),
        folder=folder,
        progress=lambda _: None,
    )
    good = [row for chunk in reader.good(staged, kind, 0, 1000) for row in chunk.to_pylist()]
    rejected = [row for chunk in reader.rejected(staged, 0, 1000) for row in chunk.to_pylist()]
    return Outcome(reading=reading, staged=staged, good=good, rejected=rejected)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file and answer its path: text as UTF-8, bytes as they are."""
    numbers = count()

    def written(content: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / f"{next(numbers)}-{name}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture
def stage(tmp_path: Path, write: Callable[..., Path]) -> Callable[..., Outcome]:
    """Write a file (or take a path), inspect and stage it."""
    numbers = count()

    def staged(
        content: str | bytes | Path,
        kind: ImportKind = ImportKind.ORDERS,
        currency: str = "PLN",
        zone: str = "Europe/Warsaw",
        **options: Any,
    ) -> Outcome:
        path = content if isinstance(content, Path) else write(content)
        return run(path, tmp_path / f"staging-{next(numbers)}", kind, currency, zone, **options)

    return staged
