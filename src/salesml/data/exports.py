"""Tables on their way out, as CSV or Parquet."""

import os
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from salesml.core.errors import InvalidValue
from salesml.core.money import Currency

MONEY = ("predicted_sales", "lower", "upper")
DAYS = ("as_of",)


def _write_csv(table: pa.Table, path: Path) -> None:
    arrow_csv.write_csv(table, path, arrow_csv.WriteOptions(quoting_style="needed"))


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path)


WRITERS: Mapping[str, Callable[[pa.Table, Path], None]] = {".csv": _write_csv, ".parquet": _write_parquet}


def check_export(path: Path) -> None:
    """Raises InvalidValue when the name's ending is not one that is written, or its folder is missing."""
    if path.suffix.lower() not in WRITERS:
        raise InvalidValue("out", f"{path.name!r} must end in {' or '.join(WRITERS)}")
    if not path.parent.is_dir():
        raise InvalidValue("out", f"{path.parent} is not a folder")


def write_scores(
    table: pa.Table, path: Path, currency: Currency, money: Sequence[str] = MONEY, days: Sequence[str] = DAYS
) -> None:
    """Write a table of scores, whole or not at all: the file appears under its name when it is complete.

    Columns of `money` are integer minor units and become decimals in major units; columns of `days` that
    are integers are epoch days and become dates (ISO in CSV). Raises InvalidValue, see `check_export`.
    """
    check_export(path)
    for name in table.column_names:
        if name in money:
            table = _replaced(table, name, _major(table[name], currency.exponent))
        elif name in days and pa.types.is_integer(table[name].type):
            table = _replaced(table, name, table[name].cast(pa.int32()).cast(pa.date32()))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        WRITERS[path.suffix.lower()](table, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _major(minor: Any, exponent: int) -> Any:
    """Exact: the integer's digits are those of the decimal, with the point moved."""
    unit = pa.scalar(Decimal(1).scaleb(-exponent), pa.decimal128(exponent + 1, exponent))
    return pc.multiply(minor.cast(pa.decimal128(19, 0)), unit)


def _replaced(table: pa.Table, name: str, column: Any) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
