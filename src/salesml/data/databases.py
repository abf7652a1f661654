"""Rows of foreign databases, only ever read: the answer of a query becomes a Parquet file.

PostgreSQL by a cursor on the server in a read-only transaction, SQLite by a file opened read-only, DuckDB
likewise and cut off from every other file; the rows of Parquet files are the table `data`. One SELECT is
all that any of them takes. A file appears whole or not at all.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from salesml.core.errors import SourceRefused
from salesml.core.sources import PLACEHOLDER, Extract, Question
from salesml.data.foreign import duckdb_files, postgresql, sqlite_files
from salesml.data.foreign.watermarks import Newest, Value, bound

MIB = 1024**2
_PASSWORD = re.compile(r"(?P<scheme>\w+://[^:/@\s]*):[^@\s]*@")
_SECRET_OPTION = re.compile(r"(?i)(password|sslpassword|passfile)=[^&\s]*")
_DUCKDB_MAGIC, _DUCKDB_OFFSET = b"DUCK", 8
Batches = Iterator[pa.RecordBatch]


def safe_address(address: str) -> str:
    """An address as it may be shown and kept: without its password."""
    return _SECRET_OPTION.sub(r"\1=***", _PASSWORD.sub(r"\g<scheme>@", address))


def extract(
    address: str,
    question: Question,
    target: Path,
    *,
    max_bytes: int,
    progress: Callable[[int], None],
) -> Extract:
    """Write the answer of a question into a new Parquet file, in bounded memory; `progress` gets rows read.

    `question.since` is where the watermark begins, as JSON. Raises SourceRefused, in which no password
    stands, for an address or query that cannot be used, for a watermark column that the answer lacks, and
    for an answer above `max_bytes`.
    """
    partial, spill = target.with_name(f".{target.name}.partial"), target.with_name(f".{target.name}.spill")
    try:
        with _without_secrets(address):
            newest, rows = Newest(question.watermark), 0
            with _answer(address, question, spill) as (schema, batches):
                newest.check(schema)
                with pq.ParquetWriter(partial, schema) as writer:
                    for batch in batches:
                        writer.write_batch(batch)
                        newest.see(batch)
                        rows += batch.num_rows
                        if partial.stat().st_size > max_bytes:
                            raise SourceRefused("source_too_large", limit_mib=round(max_bytes / MIB, 1))
                        progress(rows)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
        shutil.rmtree(spill, ignore_errors=True)
    return Extract(rows=rows, newest=newest.value)


@contextmanager
def _answer(address: str, question: Question, spill: Path) -> Iterator[tuple[pa.Schema, Batches]]:
    """The answer as batches of one schema."""
    if address.startswith(("postgresql://", "postgres://")):
        query, value = _asked(question, "%(watermark)s", escape="%")
        with postgresql.answer(address, query, value) as answer:
            yield answer
        return
    path, files = _local(address)
    if not files:
        query, value = _asked(question, ":watermark")
        with sqlite_files.answer(path, query, value, typed=question.watermark) as answer:
            yield answer
        return
    query, value = _asked(question, "$watermark")
    with duckdb_files.answer(files, query, value, spill=spill) as answer:
        yield answer


def _local(address: str) -> tuple[Path, list[Path]]:
    """The file of an address, and what DuckDB reads of it: itself, or every Parquet file that is meant; none
    of a SQLite database."""
    text = re.sub(r"^(sqlite|duckdb|file):(///?)?(?=/)|^(sqlite|duckdb):///", "", address)
    if re.match(r"^\w+://", text):
        raise SourceRefused("source_unsupported", address=safe_address(address))
    path = Path(text).expanduser()
    found = [path] if path.is_file() else sorted(_matching(path))
    found = sorted(path.glob("*.parquet")) if path.is_dir() else [each for each in found if each.is_file()]
    if not found:
        raise SourceRefused("source_missing", address=str(path))
    kinds = {_kind(each) for each in found}
    if kinds == {"sqlite"} and len(found) == 1:
        return found[0], []
    if kinds == {"parquet"} or (kinds == {"duckdb"} and len(found) == 1):
        return path, found
    raise SourceRefused("source_mixed", address=str(path))


def _matching(pattern: Path) -> Iterator[Path]:
    root = Path(pattern.anchor or ".")
    return root.glob(str(pattern.relative_to(pattern.anchor)))


def _kind(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head.startswith(b"PAR1"):
        return "parquet"
    return "duckdb" if head[_DUCKDB_OFFSET:].startswith(_DUCKDB_MAGIC) else None


def _asked(question: Question, placeholder: str, *, escape: str = "") -> tuple[str, Value]:
    """The query as the driver takes it, which wants `escape` twice beside a bound value; and that value."""
    query, value = question.query.strip().rstrip(";").strip(), bound(question.since)
    own = PLACEHOLDER.search(query) is not None
    if value is None:
        if own:
            raise SourceRefused("source_without_since")
        return query, None
    column = str(question.watermark).replace('"', '""')
    asked = query if own else f'SELECT * FROM (\n{query}\n) AS answer WHERE "{column}" >= :watermark'
    if escape:
        asked = asked.replace(escape, escape * 2)
    return PLACEHOLDER.sub(lambda _: placeholder, asked), value


@contextmanager
def _without_secrets(address: str) -> Iterator[None]:
    """Every driver's error as one line of ours, the password taken out wherever it stands."""
    try:
        yield
    except (psycopg.Error, duckdb.Error, sqlite_files.Error, pa.ArrowException, OSError) as error:
        line = " ".join(str(error).split()) or type(error).__name__
        reason = _cleaned(line, address)[:500]
        raise SourceRefused("source_failed", address=safe_address(address), reason=reason) from None


def _cleaned(text: str, address: str) -> str:
    password = _PASSWORD.search(address)
    secret = password[0].rpartition(":")[2].removesuffix("@") if password else ""
    return safe_address(text.replace(secret, "***") if secret else text)
