"""What a staged file holds, asked by DuckDB of its typed rows, in bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb

from salesml.core.activity import METRICS
from salesml.core.clients import CONSENTS
from salesml.core.files import Staged
from salesml.core.imports import ImportKind
from salesml.core.ledgers import describe
from salesml.core.money import MAX_MINOR
from salesml.core.reports import ActivityFigures, ClientFigures, CurrencySum, FileReport, RefusedSum
from salesml.data import finishing, staging
from salesml.data.sql import quoted

MEMORY = "384MB"


def describe_file(staged: Staged, kind: ImportKind) -> FileReport:
    """The report of a staged file."""
    rows = _file(staged, finishing.GOOD)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(staged.folder / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        match kind:
            case ImportKind.ORDERS:
                believed = f"CASE WHEN amount BETWEEN {-MAX_MINOR} AND {MAX_MINOR} THEN amount END AS amount"
                refused = f"(SELECT {believed}, currency FROM {_file(staged, finishing.REJECTED)})"
                return _orders(connection, rows, refused)
            case ImportKind.CLIENTS:
                return FileReport(clients=_clients(connection, rows))
            case ImportKind.ACTIVITY:
                return FileReport(activity=_activity(connection, rows, staged))


def _file(staged: Staged, name: str) -> str:
    return f"read_parquet({quoted(str(staged.folder / staging.COMPLETE / name))})"


def _orders(connection: duckdb.DuckDBPyConnection, rows: str, refused: str) -> FileReport:
    def ask(sql: str) -> Sequence[Sequence[Any]]:
        return connection.execute(sql).fetchall()

    ledger = (
        "(SELECT '' AS source, order_id, client_external_id AS client, ordered_at AS instant, "
        f"ordered_day AS day, amount, kind, cancels FROM {rows} WHERE currency IS NULL)"
    )
    foreign = ask(
        f"SELECT currency, count(*), CAST(sum(amount) AS bigint) FROM {rows} "
        "WHERE currency IS NOT NULL GROUP BY currency ORDER BY currency"
    )
    currencies = tuple(CurrencySum(currency=row[0], orders=row[1], original=row[2]) for row in foreign)
    unreadable = ask(f"SELECT count(*) FROM {refused} WHERE amount IS NULL")[0][0]
    return FileReport(
        ledger=describe(ask, ledger),
        currencies=currencies,
        refused=tuple(_refused(ask, refused)),
        unreadable=unreadable,
    )


def _refused(ask: Callable[[str], Sequence[Sequence[Any]]], refused: str) -> Iterator[RefusedSum]:
    found = ask(
        f"SELECT currency, count(*), CAST(sum(amount) AS bigint) FROM {refused} WHERE amount IS NOT NULL "
        "GROUP BY currency ORDER BY currency NULLS FIRST"
    )
    for currency, rows, amount in found:
        yield RefusedSum(currency=currency, rows=rows, amount=amount)


def _clients(connection: duckdb.DuckDBPyConnection, rows: str) -> ClientFigures:
    given = ", ".join(f"count(*) FILTER (WHERE {name})" for name in CONSENTS)
    found = connection.execute(
        f"SELECT count(DISTINCT client_external_id), count(email), count(registered_day), {given} FROM {rows}"
    ).fetchall()[0]
    consents = dict(zip(CONSENTS, found[3:], strict=True))
    return ClientFigures(clients=found[0], with_email=found[1], with_registration=found[2], consents=consents)


def _activity(connection: duckdb.DuckDBPyConnection, rows: str, staged: Staged) -> ActivityFigures:
    sums = ", ".join(f"CAST(coalesce(sum({name}), 0) AS bigint)" for name in METRICS)
    found = connection.execute(
        f"SELECT count(*), count(DISTINCT client_external_id), {sums} FROM {rows}"
    ).fetchall()[0]
    return ActivityFigures(
        days=found[0],
        clients=found[1],
        sums=dict(zip(METRICS, found[2:], strict=True)),
        coverage=staged.coverage,
    )
