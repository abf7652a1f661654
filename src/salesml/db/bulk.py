"""Many rows at once, all within the session's own transaction: in by executemany or COPY, out as Arrow.

SQL text in here and in its callers is made of constants and integers; every other value is bound.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import text
from sqlalchemy.orm import Session

_FETCH_ROWS = 50_000
# Text is quoted, so that an empty one differs from null and no value can end the data.
_CSV = csv.WriteOptions(include_header=False, quoting_style="needed")


def execute(session: Session, sql: str, parameters: Any = None) -> Any:
    """Run a statement whose values are plain: instants as epoch seconds, JSON as text."""
    return session.execute(text(sql), parameters)


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def keys(
    session: Session, sql_type: Literal["bigint", "text"], **columns: Sequence[int] | Sequence[str]
) -> tuple[str, dict[str, object]]:
    """A table expression of equally long columns named as the arguments, and its parameters.

    However many keys there are, they take one parameter a column: no limit of placeholders, and one
    prepared statement for all lengths. Join it first, by CROSS JOIN, so that SQLite looks rows up by key.
    """
    if is_postgresql(session):
        # As JSON: the driver writes arrays value by value in Python, a tenth as fast.
        lists = ", ".join(f"json_array_elements_text(CAST(:{name} AS json))" for name in columns)
        chosen = ", ".join(f"CAST(u.{name} AS {sql_type}) AS {name}" for name in columns)
        source = f"(SELECT {chosen} FROM ROWS FROM ({lists}) AS u ({', '.join(columns)}))"
        return source, {name: _json(values) for name, values in columns.items()}
    fields = ", ".join(f"json_extract(j.value, '$[{place}]') AS {name}" for place, name in enumerate(columns))
    if len(columns) == 1:
        fields = f"j.value AS {next(iter(columns))}"
        return f"(SELECT {fields} FROM json_each(:keys) AS j)", {"keys": _json(*columns.values())}
    rows = _json(list(zip(*columns.values(), strict=True)))
    return f"(SELECT {fields} FROM json_each(:keys) AS j)", {"keys": rows}


def _json(values: Sequence[Any]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def next_ids(session: Session, table: str, count: int) -> range:
    """Ids for `count` new rows, above every id that this transaction can see."""
    if not is_postgresql(session):
        # The write lock is held, so nobody else takes them.
        first = execute(session, f"SELECT coalesce(max(id), 0) + 1 FROM {table}").scalar_one()
        return range(first, first + count)
    # OFFSET 0 keeps the sequence's name from being looked up for every row.
    named = f"(SELECT CAST(pg_get_serial_sequence('{table}', 'id') AS regclass) AS name OFFSET 0) AS s"
    taken = f"SELECT nextval(s.name) AS id FROM {named}, generate_series(1, :count) OFFSET 0"
    while True:
        first, last = execute(session, f"SELECT min(id), max(id) FROM ({taken}) AS t", {"count": count}).one()
        # Somebody else may have taken some in between; then what was taken here is left unused.
        if count == 0 or last - first + 1 == count:
            return range(first or 0, (first or 0) + count)


def insert(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values, in the order of `columns`."""
    session.flush()
    names = ", ".join(columns)
    connection = session.connection()
    if is_postgresql(session):
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    values = [tuple(row) for row in rows]
    if values:
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)


def insert_table(session: Session, table: str, rows: pa.Table) -> None:
    """Insert rows of plain values; the table's columns are named as theirs."""
    session.flush()
    driver: Any = session.connection().connection.driver_connection
    names = ", ".join(rows.column_names)
    if is_postgresql(session):
        text_of_rows = pa.BufferOutputStream()
        csv.write_csv(rows, text_of_rows, _CSV)
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy,
        ):
            copy.write(text_of_rows.getvalue())
        return
    # Null is what a column holds that is not named.
    told = [name for name in rows.column_names if rows[name].null_count < rows.num_rows]
    marks = ", ".join("?" * len(told))
    statement = f"INSERT INTO {table} ({', '.join(told)}) VALUES ({marks})"
    for part in rows.to_batches():
        driver.executemany(statement, columns_of(part, *told))


def columns_of(table: pa.Table | pa.RecordBatch, *names: str) -> Iterator[tuple[Any, ...]]:
    """Rows of the named columns as tuples of Python values."""
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)


def repeated(value: int | str | None, rows: int) -> pa.Array:
    """A column that holds one value throughout."""
    kind = pa.string() if isinstance(value, str) else pa.int64()
    return pa.repeat(pa.scalar(value, kind), rows)


def pull(session: Session, sql: str, types: Mapping[str, pa.DataType], *, few: bool = False) -> pa.Table:
    """The rows of a SELECT, in its order, as the session's snapshot has them.

    `types` names the columns and their types; the statement casts to the same, because a driver
    would guess them from the first rows. SQLite is read through the session's own connection only:
    a second SQLite library in this process would drop its file locks. `few` rows are not worth a second
    connection on PostgreSQL either.
    """
    session.flush()
    schema = pa.schema(list(types.items()))
    if few or not is_postgresql(session) or _has_written(session):
        return _by_cursor(session, sql, schema)
    return _by_adbc(session, sql).rename_columns(schema.names).cast(schema)


def _has_written(session: Session) -> bool:
    """A snapshot shows others only what is committed, so own writes are read on the own connection."""
    found = execute(session, "SELECT pg_current_xact_id_if_assigned() IS NOT NULL").scalar_one()
    return bool(found)


def _by_cursor(session: Session, sql: str, schema: pa.Schema) -> pa.Table:
    cursor = session.connection().exec_driver_sql(sql).cursor
    batches = []
    while rows := cursor.fetchmany(_FETCH_ROWS):
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        batches.append(pa.record_batch(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


def _by_adbc(session: Session, sql: str) -> pa.Table:
    """Read over a second connection that joins the session's snapshot.

    With autocommit the driver sends no BEGIN of its own, so that SET TRANSACTION SNAPSHOT can be the
    first statement of a transaction, as PostgreSQL demands.
    """
    snapshot = execute(session, "SELECT pg_export_snapshot()").scalar_one()
    url = session.get_bind().engine.url.set(drivername="postgresql")
    with (
        adbc.connect(url.render_as_string(hide_password=False), autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        cursor.execute(sql)
        return cursor.fetch_arrow_table()
