"""Files made to harm: each is refused with one clear line, in bounded memory and time.

Each is read in a process of its own, which tells how much memory it had at its peak.
"""

import gzip
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import xlsxwriter

HEADER = "order_id,client_id,ordered_at,amount\n"
ROW = "1,a,2026-01-02,3.50\n"
MIB = 1024**2
MEMORY = 300 * MIB
"""At most, above what the process has after its imports."""
SECONDS = 60
READ = """
import resource, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from salesml.core.errors import SalesmlError
from salesml.core.files import ReadingOptions
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.data.reader import FileReader

path, folder = Path(sys.argv[1]), Path(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_AS, (8 * 1024**3, 8 * 1024**3))
reader = FileReader()
try:
    reading = reader.inspect(path, ImportKind.ORDERS, ReadingOptions())
    reader.stage(path, reading, file_sha256="0" * 64, currency=Currency("PLN"), zone=ZoneInfo("UTC"),
        last_day=20_000, folder=folder, progress=lambda _: None)
    print("read")
except SalesmlError as error:
    print(f"{type(error).__name__}: {error}")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only"),
]


def outcome(path: Path) -> str:
    """One line: the refusal, or `read`."""
    command = [sys.executable, "-c", READ, str(path), str(path.parent / "staging")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said, memory = done.stdout.splitlines()
    assert int(memory) < MEMORY
    return said


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def workbook(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """A small workbook whose parts were changed by hand."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["client_id", "ordered_at", "amount"])
        sheet.write_row(1, 0, ["a", "2026-01-02", 5])
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    return zipped(path, {name: change(name, content) for name, content in parts.items()})


def in_part(part: str, old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, content: bytes) -> bytes:
        assert name != part or old in content
        return content.replace(old, new, 1) if name == part else content

    return change


SHEET = "xl/worksheets/sheet1.xml"
ROWS = b"</sheetData>"


def test_a_harmless_file_is_read_within_the_same_limits(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + ROW)
    assert outcome(path) == "read"
    assert outcome(workbook(tmp_path / "book.xlsx", lambda _, content: content)) == "read"


@pytest.mark.parametrize("kind", ["gzip", "zip", "zip of small ones"])
def test_a_bomb_is_refused_before_it_bursts(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb"
    if kind == "gzip":
        with gzip.open(path, "wb") as file:
            for _ in range(20):
                file.write(b"a,b,c,d,\n" * (16 * MIB // 9))
    else:
        members = 1 if kind == "zip" else 40
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(members):
                with archive.open(f"{number}.csv", "w") as member:
                    for _ in range(320 // 16 // members + 1):
                        member.write(b"\n" * 16 * MIB)
    assert outcome(path).startswith("FileTooLarge: ")


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.zip", {"a.csv": HEADER + ROW * 100_000})
    raw = path.read_bytes()
    size = len(HEADER + ROW * 100_000).to_bytes(4, "little")
    assert raw.count(size) == 2
    path.write_bytes(raw.replace(size, (100).to_bytes(4, "little")))
    assert "damaged zip archive" in outcome(path)


def test_an_archive_of_too_many_members_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", {f"{number}.csv": HEADER + ROW for number in range(1_001)})
    assert outcome(path).endswith("has 1,001 members; at most 1,000 are read")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "/etc/orders.csv", "C:\\orders.csv", "a/../b.csv", "..\\x.csv"]
)
def test_path_names_in_archives_are_refused(tmp_path: Path, name: str) -> None:
    said = outcome(zipped(tmp_path / "paths.zip", {name: HEADER + ROW}))
    assert "points outside of it" in said
    assert not list(tmp_path.glob("**/*.csv"))


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "locked.zip", {"a.csv": HEADER + ROW})
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    path.write_bytes(raw)
    assert "locked with a password" in outcome(path)


@pytest.mark.parametrize(
    "declared", ['<!ENTITY a "ha"><!ENTITY b "&a;&a;">', '<!ENTITY x SYSTEM "file:///etc/passwd">', ""]
)
def test_a_workbook_with_entities_is_refused(tmp_path: Path, declared: str) -> None:
    doctype = f"<!DOCTYPE x [{declared}]>\n<worksheet ".encode()
    path = workbook(tmp_path / "entities.xlsx", in_part(SHEET, b"<worksheet ", doctype))
    assert outcome(path).endswith("has a document type or entities, which no workbook needs")


def test_a_workbook_in_another_encoding_hides_nothing(tmp_path: Path) -> None:
    def wide(name: str, content: bytes) -> bytes:
        return content.decode().replace("UTF-8", "UTF-16").encode("utf-16") if name == SHEET else content

    assert "UTF-16" in outcome(workbook(tmp_path / "wide.xlsx", wide))


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1048576'><x:c r = 'XFD1048576' xmlns:x='y'><v>1</v></x:c></row>",
        b'<row r="1048576"><c><v>1</v></c></row><row r="2"><c r="XFD2"><v>1</v></c></row>',
    ],
)
def test_two_cells_far_apart_are_refused(tmp_path: Path, row: bytes) -> None:
    path = workbook(tmp_path / "apart.xlsx", in_part(SHEET, ROWS, row + ROWS))
    assert "16,384 columns" in outcome(path)


def test_a_long_text_in_every_cell_is_refused(tmp_path: Path) -> None:
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(3, 60_000))

    def change(name: str, content: bytes) -> bytes:
        if name == "xl/sharedStrings.xml":
            return content.replace(b"<t>client_id</t>", b"<t>" + b"x" * 32_000 + b"</t>")
        return content.replace(ROWS, cells + ROWS) if name == SHEET else content

    assert "MiB of text" in outcome(workbook(tmp_path / "texts.xlsx", change))


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    blanks = b" " * (600 * MIB)
    path = workbook(tmp_path / "large.xlsx", in_part(SHEET, ROWS, blanks + ROWS))
    assert outcome(path).startswith("FileTooLarge: ")


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.XLSM"])
def test_a_csv_renamed_to_a_workbook_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(HEADER + ROW)
    assert outcome(path).endswith("is called an Excel workbook and is none; rename it to what it is")


def test_an_archive_that_only_looks_like_a_workbook_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "fake.xlsx", {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
    assert "is no Excel workbook" in outcome(path)
    path = zipped(tmp_path / "broken.xlsx", {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w"})
    assert "damaged workbook" in outcome(path)


def test_ten_million_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("a," * 10_000_000 + "\n" + "1," * 10_000_000 + "\n")
    assert "longer than 4 MiB" in outcome(path)
    path.write_text("," * 1_500_000 + "\n" + "," * 1_500_000 + "\n")
    assert outcome(path).endswith("has 1,500,001 columns; at most 2,000 are read")
    path.write_text("{" + ",".join(f'"k{n}": 1' for n in range(90_000)) + "}\n")
    assert outcome(path).endswith("has 90,000 fields; 1 to 2,000 are read")


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nul.csv"
    path.write_bytes(HEADER.encode() + b"\0" * 10 * MIB)
    assert "has NUL bytes" in outcome(path)


@pytest.mark.parametrize(
    "begins", ["", HEADER + ROW, HEADER + ROW + '"', " a b\n 1 2\n" * 20, '{"a": 1}\n{"a": "']
)
def test_a_line_of_a_gigabyte_is_refused(tmp_path: Path, begins: str) -> None:
    path = tmp_path / "long"
    with path.open("wb") as file:
        file.write(begins.encode())
        for _ in range(64):
            file.write(b"x" * 16 * MIB)
    said = outcome(path)
    path.unlink()
    assert "longer than" in said or "no column found" in said


def test_texts_that_patterns_stumble_over_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "slow.csv"
    blanks, digits = " " * 60_000, "1" * 60_000
    rows = [
        f'1,a,"14{blanks}x","5{blanks}x"',
        f'1,a,"14 Jan 2015,{blanks}x",{digits}x',
        f"1,a,{digits},{digits}",
    ]
    path.write_text(HEADER + "\n".join(rows * 10) + "\n" + ROW)
    assert outcome(path) == "read"
