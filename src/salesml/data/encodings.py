"""Encodings of text files."""

import codecs

from charset_normalizer import from_bytes

from salesml.core.errors import InvalidValue

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
CANDIDATES = ["cp1250", "iso8859_2", "cp1252", "latin_1"]
"""Old one-byte encodings of Polish and western European shops. The last one reads any byte."""
MAX_SUSPECTS = 64 * 1024


class Utf8Check:
    """Tells whether chunks of bytes are UTF-8 together, keeping some of what is not ASCII."""

    def __init__(self) -> None:
        self.suspects = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._valid = True
        self._pending = False

    def feed(self, chunk: bytes) -> None:
        if chunk.isascii() and not self._pending:
            return
        self._collect(chunk)
        if self._valid:
            self._decode(chunk, final=False)
            self._pending = bool(self._valid and self._decoder.getstate()[0])

    def finish(self) -> bool:
        if self._valid:
            self._decode(b"", final=True)
        return self._valid

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self._valid = False

    def _collect(self, chunk: bytes) -> None:
        """Lines that are not ASCII, up to a limit; their neighbours tell the language."""
        if len(self.suspects) >= MAX_SUSPECTS:
            return
        for line in chunk.splitlines():
            if not line.isascii():
                self.suspects += line[:1000] + b"\n"
            if len(self.suspects) >= MAX_SUSPECTS:
                return


def guess(suspects: bytes) -> str:
    """The one-byte encoding in which these lines look most like a language; Windows-1250 in doubt."""
    best = from_bytes(suspects, cp_isolation=CANDIDATES).best()
    return best.encoding if best is not None else CANDIDATES[-1]


def checked(name: str) -> str:
    """An encoding that somebody chose. Raises InvalidValue."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise InvalidValue("encoding", f"{name!r} is not known; try utf-8, cp1250 or latin-1") from None


def is_wide(name: str | None) -> bool:
    """Whether ASCII text has NUL bytes in this encoding."""
    return name is not None and name.startswith(("utf-16", "utf-32"))
