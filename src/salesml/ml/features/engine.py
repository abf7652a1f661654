"""Features and labels of every client at any as-of date, computed by DuckDB."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.orders import LedgerEntry, OrderKind, void_pairs
from salesml.ml.features.definitions import BASELINES, CLIENT_FEATURES
from salesml.ml.features.sql import PREPARE, VOID_CANDIDATES, features_sql, labels_sql
from salesml.ml.history import History

KEYS = [("as_of_day", pa.int32()), ("client_id", pa.int64())]
LABELS_SCHEMA = pa.schema([*KEYS, ("sales", pa.int64()), ("bought", pa.int8())])


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one computation may use: memory in MiB (None: DuckDB's default, 80 % of the machine) and the
    folder it spills to beyond that (None: the system's temporary folder)."""

    memory_mb: int | None = None
    temp_folder: Path | None = None


def features_schema(wanted: Sequence[str]) -> pa.Schema:
    """Keys, the wanted features as float64, and what the baselines need."""
    return pa.schema(
        [
            *KEYS,
            *((name, pa.float64()) for name in wanted),
            *((item.name, pa.int64()) for item in BASELINES),
        ]
    )


FEATURES_SCHEMA = features_schema(CLIENT_FEATURES)


def features(
    history: History,
    as_of_days: Sequence[int],
    resources: Resources | None = None,
    *,
    wanted: Sequence[str] = CLIENT_FEATURES,
) -> pa.Table:
    """What was known of every client at the end of each day, in the columns of features_schema(wanted).

    One row per client known at the day and per distinct day, by (as_of_day, client_id). Features are
    float64 (money in minor units), null where the data does not say; nothing dated later has a part in it.
    Only the wanted features are computed. Raises KeyError for one that is not defined.
    """
    first = first_day(history)
    queries = (features_sql(day, history.coverage, wanted, first) for day in sorted(set(as_of_days)))
    return _computed(history, queries, features_schema(wanted), resources or Resources())


def labels(
    history: History,
    as_of_days: Sequence[int],
    *,
    sales_horizon: int = HORIZON_DAYS[Target.SALES],
    purchase_horizon: int = HORIZON_DAYS[Target.PURCHASE],
    resources: Resources | None = None,
) -> pa.Table:
    """What came after each day, for the rows of `features` in the same order: LABELS_SCHEMA.

    `sales` is the net sum in minor units over (t, t + sales_horizon], `bought` 1 with any purchase in
    (t, t + purchase_horizon]. Nothing dated after its horizon changes a label; whether the data reaches
    to the end of the horizon is the caller's question.
    """
    queries = (
        labels_sql(day, sales_horizon=sales_horizon, purchase_horizon=purchase_horizon)
        for day in sorted(set(as_of_days))
    )
    return _computed(history, queries, LABELS_SCHEMA, resources or Resources())


def first_day(history: History) -> int | None:
    """The first day with an order of a client, None without orders."""
    if history.orders_from is not None:
        return history.orders_from
    day: int | None = pc.min(history.orders["day"]).as_py()
    return day


def _computed(history: History, queries: Iterable[str], schema: pa.Schema, resources: Resources) -> pa.Table:
    with prepared(history, resources) as connection:
        tables = [connection.sql(query).to_arrow_table().cast(schema) for query in queries]
    return pa.concat_tables([schema.empty_table(), *tables])


@contextmanager
def prepared(history: History, resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory database with the tables that the generated SQL reads."""
    with (
        TemporaryDirectory(prefix="salesml-features-", dir=resources.temp_folder) as folder,
        duckdb.connect(config=_config(resources, folder)) as connection,
    ):
        for name in ("clients", "orders", "activity"):
            connection.register(name, getattr(history, name))
        connection.register("void", _void_days(connection))
        for statement in PREPARE:
            connection.execute(statement)
        yield connection


def _config(resources: Resources, folder: str) -> dict[str, str | bool | int | float | list[str]]:
    """No extension is ever fetched, and nothing is spilled into the working directory."""
    limit = {} if resources.memory_mb is None else {"memory_limit": f"{resources.memory_mb}MiB"}
    return {
        "temp_directory": folder,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        **limit,
    }


def _void_days(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """`id` of every order of a void pair and `void_day`, the first day on which both of them are known."""
    candidates = connection.sql(VOID_CANDIDATES).to_arrow_table()
    columns = (
        candidates[name].to_pylist() for name in ("id", "client_id", "at", "amount", "kind", "cancels")
    )
    pairs = void_pairs(
        LedgerEntry(order, client, at, amount, OrderKind(kind), cancels)
        for order, client, at, amount, kind, cancels in zip(*columns, strict=True)
    )
    days = dict(zip(candidates["id"].to_pylist(), candidates["day"].to_pylist(), strict=True))
    ids = [order for pair in pairs for order in pair]
    void_days = [max(days[sale], days[cancellation]) for sale, cancellation in pairs for _ in range(2)]
    return pa.table({"id": pa.array(ids, pa.int64()), "void_day": pa.array(void_days, pa.int32())})
