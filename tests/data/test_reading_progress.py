"""How much of a file is read while it is read: rows, and bytes as they lie on the disk."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from salesml.core.days import parse_day
from salesml.core.files import ReadingOptions, ReadSoFar
from salesml.core.imports import ImportKind
from salesml.core.money import Currency
from salesml.data import blocks
from salesml.data.reader import FileReader
from salesml.data.text_streams import CHUNK, LONGEST_ROW

Write = Callable[..., Path]
HEADER = "order_id,client_id,ordered_at,amount"
ROWS = 140_000
LINES = [f"{n},client-{n * 7919 % 90_001},2025-03-{n % 28 + 1:02d},{n * 31 % 10_007}.5" for n in range(ROWS)]
CSV = "\n".join([HEADER, *LINES, ""])


def _gzip() -> bytes:
    return gzip.compress(CSV.encode(), compresslevel=1, mtime=0)


def _zip(*, listed_backwards: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (LINES[: ROWS // 3], LINES[ROWS // 3 :]):
            archive.writestr(f"{len(part)}.csv", "\n".join([HEADER, *part, ""]))
        if listed_backwards:
            archive.filelist.reverse()
    return out.getvalue()


def _json_lines() -> bytes:
    names = HEADER.split(",")
    rows = (dict(zip(names, line.split(","), strict=True)) for line in LINES)
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(arrow_csv.read_csv(io.BytesIO(CSV.encode())), out, row_group_size=30_000)
    return out.getvalue()


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([HEADER, *LINES[:70_000]]):
            sheet.write_row(number, 0, line.split(","))
    return out.getvalue()


CONTENTS: dict[str, Callable[[], bytes]] = {
    "csv": CSV.encode,
    "utf-16": lambda: CSV.encode("utf-16"),
    "blanks": lambda: CSV.replace(",", "  ").encode(),
    "gzip": _gzip,
    "zip": _zip,
    "zip listed backwards": lambda: _zip(listed_backwards=True),
    "jsonl": _json_lines,
    "parquet": _parquet,
    "xlsx": _workbook,
}


def _read(path: Path, folder: Path) -> list[ReadSoFar]:
    seen: list[ReadSoFar] = []
    reader = FileReader()
    reader.stage(
        path,
        reader.inspect(path, ImportKind.ORDERS, ReadingOptions(header=True)),
        file_sha256="f" * 64,
        currency=Currency("PLN"),
        zone=ZoneInfo("Europe/Warsaw"),
        last_day=parse_day("2026-06-30"),
        folder=folder,
        progress=seen.append,
    )
    return seen


@pytest.fixture(autouse=True)
def _every_block_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "CHECK_BYTES", 1)


@pytest.mark.parametrize("name", CONTENTS)
def test_bytes_never_fall_never_pass_the_size_and_end_at_it(name: str, write: Write, tmp_path: Path) -> None:
    path = write(CONTENTS[name]())
    size = path.stat().st_size
    seen = _read(path, tmp_path / "staging")
    assert {each.total_bytes for each in seen} == {size}
    assert all(one.bytes <= other.bytes and one.rows <= other.rows for one, other in pairwise(seen))
    assert len({each.bytes for each in seen}) > 1
    assert 0 < seen[0].bytes < size
    assert seen[-1].bytes == size


@pytest.mark.parametrize(
    ("name", "width", "chunk"), [("csv", 1, LONGEST_ROW), ("utf-16", 2, LONGEST_ROW), ("jsonl", 1, CHUNK)]
)
def test_bytes_of_a_text_are_those_of_its_rows_to_within_one_block(
    name: str, width: int, chunk: int, write: Write, tmp_path: Path
) -> None:
    content = CONTENTS[name]()
    lines = content.decode("utf-16" if name == "utf-16" else "utf-8").splitlines(keepends=True)
    before = 0 if name == "jsonl" else 1
    ends, at = [], 0
    for line in lines:
        at += len(line) * width
        ends.append(at)
    for each in _read(write(content), tmp_path / "staging"):
        assert abs(each.bytes - ends[each.rows + before - 1]) <= chunk * width


@pytest.mark.parametrize("name", ["gzip", "zip", "parquet", "xlsx"])
def test_bytes_of_a_packed_file_keep_pace_with_its_rows(name: str, write: Write, tmp_path: Path) -> None:
    seen = _read(write(CONTENTS[name]()), tmp_path / "staging")
    rows = seen[-1].rows
    for each in seen:
        assert each.bytes / each.total_bytes == pytest.approx(each.rows / rows, abs=0.25)


def test_bytes_of_row_groups_are_those_before_the_next_one(write: Write, tmp_path: Path) -> None:
    """The first row group packs to almost nothing, so that rows alone would tell a wrong share."""
    same = pa.table({name: ["1"] * 65_536 for name in HEADER.split(",")[:2]})
    days = pa.array(["2025-03-01"] * 65_536)
    heavy = pa.table(
        {name: [f"{name}-{n * 7919 % 65_537}" for n in range(65_536)] for name in same.column_names}
    )
    amounts = pa.array([str(n) for n in range(65_536)])
    path = write(b"")
    tables = [
        each.append_column("ordered_at", days).append_column("amount", amounts) for each in (same, heavy)
    ]
    with pq.ParquetWriter(path, tables[0].schema) as writer:
        for each in tables:
            writer.write_table(each)
    second = pq.read_metadata(path).row_group(1).column(0)
    seen = _read(path, tmp_path / "staging")
    assert (seen[0].rows, seen[0].bytes) == (65_536, second.dictionary_page_offset)
