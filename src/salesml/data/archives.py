"""Zip archives: which members are read, and their bytes, under limits.

Nothing is ever unpacked to disk, and the names of members are only shown.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from salesml.core.errors import FileTooLarge, FileUnreadable

MIB = 1024**2
MAX_ENTRIES = 1_000
MAX_RATIO = 250
"""Real tables rarely pack better than 1 : 50."""
FREE_BYTES = 32 * MIB
"""What unpacks to less is harmless whatever its ratio."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive. Raises FileUnreadable where it is damaged, also while it is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DAMAGED as error:
        raise FileUnreadable("damaged_zip", file=path, reason=str(error)[:200]) from None


def checked(path: Path, archive: zipfile.ZipFile, max_bytes: int) -> list[zipfile.ZipInfo]:
    """The members that are files, by the archive's own order.

    Raises FileUnreadable for too many members, passwords and names that point elsewhere, FileTooLarge for
    what unpacks to more than the limit or is packed too well to be a table.
    """
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise FileUnreadable("too_many_members", file=path, members=len(infos), limit=MAX_ENTRIES)
    if len({info.filename for info in infos}) < len(infos):
        raise FileUnreadable("twin_members", file=path)
    for info in infos:
        _check_member(path, info)
    unpacked = sum(info.file_size for info in infos)
    if unpacked > max_bytes:
        raise FileTooLarge("unpacks_too_large", file=path, **sizes(unpacked, max_bytes))
    check_ratio(path, unpacked)
    return [info for info in infos if not info.is_dir()]


def sizes(size: int, max_bytes: int) -> dict[str, float]:
    """What refusals tell of a size in bytes and its limit."""
    return {"size_mib": round(size / MIB, 1), "limit_mib": round(max_bytes / MIB, 1)}


def check_ratio(path: Path, unpacked: int) -> None:
    """Raises FileTooLarge for what is packed too well to be a table; `unpacked` is in bytes."""
    packed = path.stat().st_size
    if unpacked > max(FREE_BYTES, packed * MAX_RATIO):
        raise FileTooLarge("packed_too_well", file=path, ratio=MAX_RATIO)


def tables(path: Path, max_bytes: int) -> tuple[str, ...]:
    """Names of the members that are read as tables: all but what operating systems leave behind.

    Raises FileUnreadable when there is none, and what `checked` raises.
    """
    with opened(path) as archive:
        names = tuple(info.filename for info in checked(path, archive, max_bytes) if not _is_litter(info))
    if not names:
        raise FileUnreadable("no_members", file=path)
    return names


@contextmanager
def member(path: Path, name: str) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """The bytes of one member, never more than the archive says that it has, and where in the archive
    reading has come to: in proportion, for it is unpacked from more than is asked for at a time."""
    with opened(path) as archive, archive.open(name) as file:
        info = archive.getinfo(name)

        def place() -> int:
            return info.header_offset + info.compress_size * file.tell() // max(info.file_size, 1)

        yield file, place  # type: ignore[misc]  # ZipExtFile is a BinaryIO in all but name


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = PureWindowsPath(name).parts
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor or ".." in parts or "\0" in name:
        raise FileUnreadable("member_outside", file=path, member=name[:80])
    if info.flag_bits & 1:
        raise FileUnreadable("locked", file=path)


def _is_litter(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    return "__MACOSX" in path.parts or path.name.startswith(".") or path.name == "Thumbs.db"
