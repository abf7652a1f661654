"""Bytes of a file: what it is by its first bytes, what it holds, and a stream of its content."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from salesml.core.errors import FileRefused, FileTooLarge, FileUnreadable
from salesml.data.encodings import BOMS, Utf8Check

CHUNK = 4 * 1024**2
MIB = 1024**2
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
# What people rename to .csv most; anything else that is no text is found by its NUL bytes.
FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook (XLSX)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (XLS)",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
}


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a look at all bytes of a text file found: its BOM's encoding, whether it is UTF-8, and some of
    the bytes around characters that are not ASCII."""

    bom: str | None
    is_utf8: bool
    suspects: bytes


def check_file(path: Path, max_bytes: int) -> None:
    """Raises FileRefused for what is no file, is empty or is too large."""
    if path.is_dir():
        raise FileRefused(f"{path} is a folder; name a file in it")
    if not path.is_file():
        raise FileRefused(f"{path} does not exist")
    size = path.stat().st_size
    if size == 0:
        raise FileUnreadable(f"{path} is empty")
    if size > max_bytes:
        raise too_large(path, size, max_bytes)


def too_large(path: Path, size: int, max_bytes: int, *, what: str = "has") -> FileTooLarge:
    limit = f"the limit is {max_bytes / MIB:,.1f} MiB (setting SALESML_MAX_FILE_MB)"
    return FileTooLarge(f"{path} {what} {size / MIB:,.1f} MiB; {limit}")


def first_bytes(path: Path, size: int = 16) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def is_parquet(path: Path) -> bool:
    return first_bytes(path).startswith(PARQUET)


def compression_of(path: Path) -> str | None:
    """`gzip` or None, by the first bytes. Raises FileUnreadable for other kinds of files."""
    head = first_bytes(path)
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise FileUnreadable(f"{path} is {what}; save it as CSV (plain or gzip) or Parquet")
    return "gzip" if head.startswith(GZIP) else None


@contextmanager
def opened(path: Path, compression: str | None) -> Iterator[Any]:
    """The content as a pyarrow input stream, decompressed. Raises FileUnreadable where it breaks off."""
    try:
        with pa.input_stream(str(path), compression=compression) as stream:
            yield stream
    except OSError as error:
        if compression is None or isinstance(error, FileNotFoundError):
            raise
        raise FileUnreadable(f"{path} is a damaged or incomplete gzip file") from None


def examine(path: Path, compression: str | None, max_bytes: int, *, wide: bool = False) -> Content:
    """Look at every byte once; `wide` allows the NUL bytes of UTF-16 and UTF-32.

    Raises FileUnreadable for what is no text, FileTooLarge for what unpacks to more than the limit.
    """
    check, bom, size = Utf8Check(), None, 0
    with opened(path, compression) as stream:
        while chunk := stream.read(CHUNK):
            if size == 0:
                bom = next((name for mark, name in BOMS.items() if chunk.startswith(mark)), None)
            size += len(chunk)
            if size > max_bytes:
                raise too_large(path, size, max_bytes, what="unpacks to at least")
            wide = wide or bom == "utf-16"
            if not wide and b"\0" in chunk:
                raise FileUnreadable(f"{path} is not a text file: it has NUL bytes; give CSV or Parquet")
            check.feed(chunk)
    if size == 0:
        raise FileUnreadable(f"{path} is empty")
    return Content(bom=bom, is_utf8=check.finish(), suspects=bytes(check.suspects))
