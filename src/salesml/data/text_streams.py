"""A text as a stream of UTF-8 bytes, whatever its encoding and its white space."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from salesml.core.errors import FileUnreadable
from salesml.data.sources import MIB, Part, opened

BLANK = " "
"""Stands for any white space as a separator."""
BOM = "\ufeff".encode()
LONGEST_ROW = 1 * MIB
CHUNK = 1 * MIB
INNER = re.compile(rb"[ \t]+")
OUTER = re.compile(rb"^[ \t]+|[ \t]+(?=\r?$)", re.MULTILINE)


@contextmanager
def text_stream(part: Part, encoding: str, separator: str | None) -> Iterator["Text"]:
    """The content as UTF-8 bytes; a byte order mark may still stand at the beginning. Where white space
    separates, it becomes one tab, and the mark is gone."""
    with opened(part) as (stream, place):
        text = stream
        if encoding not in ("utf-8", "utf-8-sig"):
            text = pa.transcoding_input_stream(stream, encoding, "utf-8")
        yield Text(Squeezed(text) if separator == BLANK else text, place)


def squeezed(text: bytes) -> bytes:
    """Whole lines without outer white space, and one tab for each inner run of it."""
    return INNER.sub(b"\t", OUTER.sub(b"", text))


@contextmanager
def readable(part: Part, encoding: str) -> Iterator[None]:
    """Turn what the parser says into one clear line."""
    try:
        yield
    except UnicodeError:
        raise FileUnreadable("wrong_encoding", file=part, encoding=encoding) from None
    except pa.ArrowInvalid as error:
        raise _unreadable(part, encoding, str(error)) from None


def _unreadable(part: Part, encoding: str, said: str) -> FileUnreadable:
    if "straddl" in said or "block" in said:
        return FileUnreadable("row_too_long", file=part, limit_mib=LONGEST_ROW // MIB)
    if "UTF8" in said:
        return FileUnreadable("wrong_encoding", file=part, encoding=encoding)
    return FileUnreadable("broken_csv", file=part, reason=said.splitlines()[0][:200])


def lines(stream: "Text", part: Part) -> Iterator[bytes]:
    """Lines without their ends. Raises FileUnreadable for one longer than LONGEST_ROW."""
    rest = b""
    while chunk := stream.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > LONGEST_ROW:
            raise FileUnreadable("line_too_long", file=part, limit_mib=LONGEST_ROW // MIB)
    if rest:
        yield rest


class Text:
    """A file object over a stream. `places` is where in the file reading had come to after every read: who
    reads ahead can look up how far that is what it has worked through."""

    closed = False

    def __init__(self, stream: Any, place: Callable[[], int]) -> None:
        self._stream, self._place = stream, place
        self.places: list[int] = []

    def read(self, size: int) -> bytes:
        chunk: bytes = self._stream.read(size)
        self.places.append(self._place())
        return chunk

    def close(self) -> None:
        self.closed = True


class Squeezed:
    """A file object over a stream, squeezed line by line."""

    closed = False

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._rest = stream.read(CHUNK).removeprefix(BOM)
        self._ready = b""

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and self._fill():
            pass
        answer, self._ready = self._ready[:size], self._ready[size:]
        return answer

    def close(self) -> None:
        self.closed = True

    def _fill(self) -> bool:
        chunk = self._stream.read(CHUNK)
        text = self._rest + chunk
        # A row too long goes on as it is: the parser refuses it.
        end = text.rfind(b"\n") + 1 if chunk and len(text) <= LONGEST_ROW + CHUNK else len(text)
        self._ready += squeezed(text[:end])
        self._rest = text[end:]
        return bool(chunk)
