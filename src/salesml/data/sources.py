"""Bytes of a file: what it is by its first bytes, what it holds, and a stream of its content."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from salesml.core.errors import FileRefused, FileTooLarge, FileUnreadable
from salesml.data import archives
from salesml.data.encodings import BOMS, MAX_SUSPECTS, Utf8Check

CHUNK = 4 * 1024**2
MIB = 1024**2
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
EXCEL_NAMES = frozenset({".xlsx", ".xlsm", ".xltx"})
# What people rename to .csv most; anything else that is no text is found by its NUL bytes.
FOREIGN = {
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "pdf",
    b"SQLite format 3": "sqlite",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One text of a file: all of it, or one member of a zip archive."""

    path: Path
    compression: str | None
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.path} ({self.member})" if self.member else str(self.path)


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
        raise FileRefused("folder", file=path)
    if not path.is_file():
        raise FileRefused("file_missing", file=path)
    size = path.stat().st_size
    if size == 0:
        raise FileUnreadable("empty", file=path)
    if size > max_bytes:
        raise too_large("too_large", path, size, max_bytes)


def too_large(refusal: str, path: Path, size: int, max_bytes: int) -> FileTooLarge:
    return FileTooLarge(refusal, file=path, **archives.sizes(size, max_bytes))


def first_bytes(path: Path, size: int = 16) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def kind_of(path: Path) -> str:
    """`parquet`, `xlsx`, `zip`, `gzip` or `text`, by the first bytes and the names inside an archive.

    Raises FileUnreadable for other kinds of files, and for what is called a workbook and is none.
    """
    head = first_bytes(path)
    for magic, kind in FOREIGN.items():
        if head.startswith(magic):
            raise FileUnreadable("foreign_format", file=path, format=kind)
    if head.startswith(ZIP):
        with archives.opened(path) as archive:
            names = archive.NameToInfo
        if "mimetype" in names and "content.xml" in names:
            raise FileUnreadable("opendocument", file=path)
        return "xlsx" if "[Content_Types].xml" in names else "zip"
    if path.suffix.lower() in EXCEL_NAMES:
        raise FileUnreadable("not_a_workbook", file=path)
    if head.startswith(PARQUET):
        return "parquet"
    return "gzip" if head.startswith(GZIP) else "text"


def parts(path: Path, compression: str | None, max_bytes: int) -> tuple[Part, ...]:
    """The texts that the file holds. Raises what `archives.tables` raises."""
    if compression != "zip":
        return (Part(path=path, compression=compression),)
    return tuple(Part(path=path, compression="zip", member=name) for name in archives.tables(path, max_bytes))


@contextmanager
def opened(part: Part) -> Iterator[tuple[Any, Callable[[], int]]]:
    """The content as a pyarrow input stream, decompressed, and where in the file reading has come to.

    Raises FileUnreadable where it breaks off.
    """
    if part.member is not None:
        found = archives.member(part.path, part.member)
        with found as (member, place), pa.PythonFile(member, mode="r") as stream:
            yield stream, place
        return
    try:
        with pa.OSFile(str(part.path)) as file, pa.input_stream(file, part.compression) as stream:
            yield stream, file.tell
    except OSError as error:
        if part.compression is None or isinstance(error, FileNotFoundError):
            raise
        raise FileUnreadable("damaged_gzip", file=part.path) from None


def examine(parts: tuple[Part, ...], max_bytes: int, *, wide: bool = False) -> Content:
    """Look at every byte once; `wide` allows the NUL bytes of UTF-16 and UTF-32.

    Raises FileUnreadable for what is no text, FileTooLarge for what unpacks to more than the limit.
    """
    found = [_examined(part, max_bytes, wide=wide) for part in parts]
    marks = {content.bom for content in found}
    if "utf-16" in marks and len(marks) > 1:
        raise FileUnreadable("mixed_encodings", file=parts[0].path)
    return Content(
        bom=found[0].bom,
        is_utf8=all(content.is_utf8 for content in found),
        suspects=b"".join(content.suspects for content in found)[:MAX_SUSPECTS],
    )


def _examined(part: Part, max_bytes: int, *, wide: bool) -> Content:
    check, bom, size = Utf8Check(), None, 0
    with opened(part) as (stream, _):
        while chunk := stream.read(CHUNK):
            if size == 0:
                bom = next((name for mark, name in BOMS.items() if chunk.startswith(mark)), None)
            size += len(chunk)
            if size > max_bytes:
                raise too_large("unpacks_too_large", part.path, size, max_bytes)
            if part.compression == "gzip":
                archives.check_ratio(part.path, size)
            wide = wide or bom == "utf-16"
            if not wide and b"\0" in chunk:
                raise FileUnreadable("binary" if part.member is None else "binary_member", file=part)
            check.feed(chunk)
    if size == 0:
        raise FileUnreadable("empty", file=part)
    return Content(bom=bom, is_utf8=check.finish(), suspects=bytes(check.suspects))
