"""Workbooks (XLSX) are looked over as bytes and plain XML before a library may open them.

The library lays a sheet out as a full rectangle and copies a shared text into every cell that names it, so
that a small file can ask for any amount of memory. What it would need is counted here first.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from salesml.core.errors import FileTooLarge, FileUnreadable
from salesml.data import archives

MIB = 1024**2
CHUNK = 1 * MIB
MAX_UNPACKED = 512 * MIB
MAX_CELLS = 20_000_000
MAX_TEXT = 1024 * MIB
POSITION = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def check_workbook(path: Path, max_bytes: int) -> None:
    """Raises FileUnreadable or FileTooLarge for what no spreadsheet program writes, or nobody could load."""
    with archives.opened(path) as archive:
        infos = archives.checked(path, archive, min(max_bytes, MAX_UNPACKED))
        if "xl/workbook.xml" not in archive.NameToInfo:
            raise FileUnreadable("no_sheets", file=path)
        texts = _shared_texts(path, archive, infos)
        for info in infos:
            found = _Cells(texts=texts)
            _parse(path, archive, info, found)
            found.check(path)


@dataclass
class _Texts:
    """Lengths of the texts that cells share; `seen` when this part of the workbook holds them."""

    seen: bool = False
    lengths: list[int] = field(default_factory=list)

    def start(self, name: str, _: Mapping[str, str]) -> None:
        self.seen = self.seen or name == "sst"
        if name == "si":
            self.lengths.append(0)

    def text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


@dataclass
class _Cells:
    """The rectangle that the cells of a sheet span, and how much text they share."""

    texts: list[int]
    row: int = 0
    column: int = 0
    rows: int = 0
    columns: int = 0
    text_size: int = 0
    index: str = ""
    shares: bool = False
    in_value: bool = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._finish_value()
        if name == "c":
            self._place(attributes.get("r"))
            self.shares = attributes.get("t") == "s"
        elif name == "row":
            given = attributes.get("r", "")
            self.row = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else self.row + 1
            self.column = 0
        self.in_value = name == "v"

    def text(self, text: str) -> None:
        if self.in_value and self.shares and len(self.index) < 9:
            self.index += text.strip()

    def check(self, path: Path) -> None:
        self._finish_value()
        if self.rows * self.columns > MAX_CELLS:
            raise FileTooLarge(
                "sheet_too_large", file=path, rows=self.rows, columns=self.columns, limit=MAX_CELLS
            )
        if self.text_size > MAX_TEXT:
            raise FileTooLarge("sheet_text_too_large", file=path, limit_mib=MAX_TEXT // MIB)

    def _place(self, given: str | None) -> None:
        found = POSITION.fullmatch(given or "")
        if found is None:
            self.column += 1
        else:
            self.row, self.column = int(found[2]), _number(found[1])
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)

    def _finish_value(self) -> None:
        if self.index.isascii() and self.index.isdigit() and int(self.index) < len(self.texts):
            self.text_size += self.texts[int(self.index)]
        self.index = ""


def _shared_texts(path: Path, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> list[int]:
    found: list[list[int]] = []
    for info in infos:
        if info.filename.lower().endswith("sharedstrings.xml"):
            texts = _Texts()
            _parse(path, archive, info, texts)
            found.append(texts.lengths)
    if len(found) > 1:
        raise FileUnreadable("twin_texts", file=path)
    return found[0] if found else []


def _parse(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, into: _Texts | _Cells) -> None:
    """Go through one part of the workbook, if it is XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise FileUnreadable("entities", file=path)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: into.start(name.rpartition(":")[2], attributes)
    parser.CharacterDataHandler = into.text
    with archive.open(info) as file:
        chunk = file.read(CHUNK)
        if chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise FileUnreadable("utf16_workbook", file=path)
        if not chunk.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
            return
        try:
            while chunk:
                parser.Parse(chunk, False)
                chunk = file.read(CHUNK)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FileUnreadable(
                "damaged_member", file=path, member=info.filename, reason=str(error)
            ) from None


def _number(letters: str) -> int:
    """Column AB is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
