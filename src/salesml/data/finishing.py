"""What only the whole file can tell: repeats, conflicts, and line items summed into orders.

Works on the files that checking left in a folder, and leaves GOOD and REJECTED there, both in file order.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from salesml.core.files import FileReading
from salesml.core.money import MAX_MINOR, Currency
from salesml.core.orders import refund_number
from salesml.data import money, numbers
from salesml.data.amounts import takes_back
from salesml.data.codes import WORDS
from salesml.data.orders import sign_problems
from salesml.data.plan import Plan
from salesml.data.sql import quoted

CHECKED, BAD, GOOD, REJECTED = "checked.parquet", "bad.parquet", "good.parquet", "rejected.parquet"
FORMAT = "(FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 65536)"
REFUND = refund_number("")
"""Ends the order number of what went back of a sale, where the file tells both in one row."""
COMMON = "row, field, code, reason, raw, amount, currency"


def finish(
    con: duckdb.DuckDBPyConnection, plan: Plan, reading: FileReading, currency: Currency, folder: Path
) -> int:
    """Write GOOD and REJECTED; answers how many equal repeats were left out."""
    for name, file in (("checked", CHECKED), ("bad", BAD)):
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({quoted(str(folder / file))})")
    good = _sum_lines(con, reading, currency) if reading.lines else judge_repeats(con, plan)
    order = "row"
    if takes_back(reading):
        good, order = _with_refunds(con, good or "SELECT * FROM checked"), "row, cancels NULLS FIRST"
    if good is None:
        (folder / CHECKED).rename(folder / GOOD)
    else:
        _copy(con, f"{good} ORDER BY {order}", folder / GOOD)
    refused = f"SELECT {COMMON} FROM bad UNION ALL SELECT {COMMON} FROM aside ORDER BY row"
    _copy(con, refused, folder / REJECTED)
    repeated = _count(con, "repeats")
    for file in (CHECKED, BAD):
        (folder / file).unlink(missing_ok=True)
    return repeated


def judge_repeats(con: duckdb.DuckDBPyConnection, plan: Plan) -> str | None:
    """Leave tables `repeats` (rows equal to the first of their key) and `aside` (rows that differ from it);
    answers the query of good rows, or None when that is all of `checked`.

    Only rows whose key's hash occurs twice are looked at closely: mostly none.
    """
    keys = ", ".join(plan.keys) or "row"
    known = _columns(con, "checked")
    values = [name for name in known if name not in ("row", *plan.keys)]
    same = " AND ".join(f"later.{name} IS NOT DISTINCT FROM earlier.{name}" for name in values) or "true"
    con.execute(f"""
        CREATE TEMP TABLE twice AS
            SELECT hash({keys}) AS key FROM checked GROUP BY key HAVING count(*) > 1;
        CREATE TEMP TABLE close AS
            SELECT * FROM checked WHERE hash({keys}) IN (SELECT key FROM twice);
        CREATE TEMP TABLE firsts AS
            SELECT {keys}, min(row) AS first_row FROM close GROUP BY ALL;
        CREATE TEMP TABLE judged AS
            SELECT later.row AS row, first_row, {same} AS same
            FROM close AS later JOIN firsts USING ({keys}) JOIN close AS earlier ON earlier.row = first_row
            WHERE later.row > first_row;
        CREATE TEMP VIEW repeats AS SELECT row FROM judged WHERE same;
        CREATE TEMP VIEW aside AS
            SELECT row, {quoted(plan.key_field)} AS field, 'conflict' AS code,
                {quoted(WORDS["conflict"])} || ', in row ' || first_row AS reason, {plan.key_text} AS raw,
                {_money(known)}
            FROM judged JOIN close USING (row) WHERE NOT same;
    """)
    return "SELECT * FROM checked ANTI JOIN judged USING (row)" if _count(con, "judged") else None


def _money(known: Sequence[str]) -> str:
    """What a checked row counts, less what of it went back; in our currency where it is converted already."""
    if "amount" not in known:
        return "NULL::BIGINT AS amount, NULL::VARCHAR AS currency"
    back = " - coalesce(taken_back, 0)" if "taken_back" in known else ""
    return f"amount{back} AS amount, CASE WHEN original_amount IS NULL THEN currency END AS currency"


def _with_refunds(con: duckdb.DuckDBPyConnection, sales: str) -> str:
    """The query of good orders with what went back of them, each linked to its sale.

    All of a sale going back is its cancellation, a part of it a refund; either is converted at the sale's
    rate, and dated as the file says, else with the sale.
    """
    known = _columns(con, "checked")
    dated = "refunded_at" in known
    extra = [name for name in ("taken_back", "refunded_at", "refunded_at_day") if name in known]
    at = "greatest(coalesce(refunded_at, ordered_at), ordered_at)" if dated else "ordered_at"
    day = "greatest(coalesce(refunded_at_day, ordered_day), ordered_day)" if dated else "ordered_day"
    return f"""
        SELECT * EXCLUDE ({", ".join(extra)}) FROM ({sales})
        UNION ALL BY NAME
        SELECT row, order_id || {quoted(REFUND)} AS order_id, client_external_id, order_id AS cancels,
            -taken_back AS amount, {at} AS ordered_at, {day}::INTEGER AS ordered_day, currency,
            CASE WHEN taken_back = amount THEN 'cancellation' ELSE 'refund' END AS kind,
            ordered_day AS rate_day
        FROM ({sales}) WHERE taken_back > 0
    """


def _sum_lines(con: duckdb.DuckDBPyConnection, reading: FileReading, currency: Currency) -> str:
    """Sum lines into orders, leaving `aside` (every line of an order that cannot be kept whole) and an empty
    `repeats`; answers the query of good orders.

    An order is its first line's; its client is the first that a line names, its time the earliest.
    Aggregates are numbers only, so that they spill to disk; texts are joined by the row they come from.
    """
    foreign = "currency" in reading.mapping
    minor = (
        money.minor_by("min(exponent)", "sum(whole)", "sum(frac)")
        if foreign
        else numbers.minor("sum(whole)", "sum(frac)", currency.exponent)
    )
    code = "hash(coalesce(currency, ''))" if foreign else "1"
    con.execute(f"""
        CREATE TEMP TABLE repeats (row BIGINT);
        CREATE TEMP TABLE spoiled AS SELECT order_id, min(row) AS bad_row FROM bad GROUP BY order_id;
        CREATE TEMP TABLE sums AS
            SELECT order_id, min(row) AS row, min(ordered_at) AS ordered_at,
                arg_min(ordered_day, ordered_at) AS ordered_day, {minor} AS minor,
                min(row) FILTER (client_external_id IS NOT NULL) AS client_row,
                min(hash(client_external_id)) FILTER (client_external_id IS NOT NULL) AS one_client,
                max(hash(client_external_id)) FILTER (client_external_id IS NOT NULL) AS other_client,
                min({code}) AS one_currency, max({code}) AS other_currency
            FROM checked GROUP BY order_id;
        CREATE TEMP VIEW finished AS
            SELECT sums.*, bad_row, cancels, currency,
                coalesce(kind, CASE WHEN minor < 0 THEN 'cancellation' ELSE 'sale' END) AS kind_word
            FROM sums JOIN checked USING (row) LEFT JOIN spoiled ON sums.order_id = spoiled.order_id;
        CREATE TEMP TABLE orders AS SELECT *, {_trouble()} AS trouble FROM finished;
        CREATE TEMP VIEW aside AS
            SELECT checked.row, trouble.field, trouble.code, trouble.reason,
                CASE trouble.field WHEN 'client_id' THEN client_external_id ELSE order_id END AS raw,
                CASE WHEN trouble.field = 'currency' THEN NULL WHEN checked.row = orders.row
                    THEN TRY_CAST(minor AS BIGINT) ELSE 0 END AS amount,
                checked.currency AS currency
            FROM checked JOIN orders USING (order_id) WHERE trouble IS NOT NULL;
    """)
    return """
        SELECT orders.row, orders.order_id, client_external_id, orders.cancels, minor::BIGINT AS amount,
            kind_word AS kind, orders.ordered_at, orders.ordered_day, orders.currency,
            NULL::INTEGER AS rate_day, NULL::BIGINT AS original_amount
        FROM orders
        LEFT JOIN (SELECT row AS client_row, client_external_id FROM checked) USING (client_row)
        WHERE trouble IS NULL
    """


def _trouble() -> str:
    """Why a finished order is set aside: a struct of field, code and reason, or NULL."""
    incomplete = f"{quoted(WORDS['incomplete_order'] + ': row ')} || bad_row"
    cases = [
        ("bad_row IS NOT NULL", "order_id", "incomplete_order", incomplete),
        (
            "one_client <> other_client",
            "client_id",
            "conflict",
            quoted("differs between the lines of one order"),
        ),
        (
            "one_currency <> other_currency",
            "currency",
            "conflict",
            quoted("differs between the lines of one order"),
        ),
        (f"abs(minor) > {MAX_MINOR}", "amount", "out_of_range", quoted("of the order is out of range")),
    ]
    cases += [
        (each.when, each.field, each.code, quoted(each.reason)) for each in sign_problems("amount", "minor")
    ]
    whens = " ".join(
        f"WHEN {when} THEN {{'field': {quoted(field)}, 'code': {quoted(code)}, 'reason': {reason}}}"
        for when, field, code, reason in cases
    )
    return f"CASE {whens} END"


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"COPY ({query}) TO {quoted(str(path))} {FORMAT}")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    found = con.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
    return int(found[0]) if found else 0


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
