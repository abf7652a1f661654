"""DuckDB: a database opened read-only, or Parquet files as the table `data`; nothing else can be reached."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from salesml.core.errors import SourceRefused
from salesml.data.foreign.watermarks import Value

BATCH_ROWS = 50_000
MEMORY = "1GB"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "lock_configuration": True,
    "threads": 1,
    "memory_limit": MEMORY,
}


@contextmanager
def answer(
    files: Sequence[Path], query: str, value: Value, *, spill: Path
) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The rows of a query; `value` goes for `$watermark`. What MEMORY does not hold goes into the folder
    `spill`, and never beside the database.

    Raises SourceRefused for anything but one SELECT.
    """
    is_parquet = _is_parquet(files[0])
    database = ":memory:" if is_parquet else str(files[0])
    with closing(
        duckdb.connect(database, read_only=not is_parquet, config={**_CONFIG, "temp_directory": str(spill)})
    ) as con:
        if is_parquet:
            con.register("data", ds.dataset([str(file) for file in files], format="parquet"))
        statements = con.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise SourceRefused("source_not_a_select")
        found = con.sql(query, params=None if value is None else {"watermark": value})
        reader = found.to_arrow_reader(BATCH_ROWS)
        yield reader.schema, iter(reader)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"
