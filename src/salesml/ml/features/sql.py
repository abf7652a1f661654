"""SQL text generated from the table of definitions.

It reads three tables that every engine prepares (`PREPARE` does it in DuckDB):

- `known_clients`: client_id, first_day (of registration, order or activity)
- `ledger`: client_id, day, amount, kind, void_day (null while the order stands)
- `daily`: client_id, day and the four metrics

Days are integers and the only arithmetic on them is subtraction.
"""

from collections.abc import Mapping, Sequence

from salesml.core.activity import METRICS, Coverage
from salesml.core.orders import VOID_WITHIN_SECONDS
from salesml.ml.features.definition import FeatureDefinition, Rows
from salesml.ml.features.definitions import BASELINES, DEFINED

VOID_CANDIDATES = f"""
WITH ledger AS (
  SELECT CAST(id AS BIGINT) AS id, CAST(client_id AS BIGINT) AS client_id, CAST("at" AS BIGINT) AS "at",
    CAST(day AS INTEGER) AS day, CAST(amount AS BIGINT) AS amount, CAST(kind AS VARCHAR) AS kind,
    CAST(cancels AS BIGINT) AS cancels, "at" - "at" % {VOID_WITHIN_SECONDS} AS fortnight
  FROM orders
), cancellation AS (
  SELECT * FROM ledger WHERE kind = 'cancellation' AND amount < 0
), sale AS (
  SELECT * FROM ledger WHERE kind = 'sale' AND amount > 0
)
SELECT * FROM cancellation
UNION ALL
SELECT * FROM sale WHERE (client_id, -amount, fortnight) IN (
  SELECT client_id, amount, fortnight FROM cancellation
  UNION ALL SELECT client_id, amount, fortnight - {VOID_WITHIN_SECONDS} FROM cancellation
) OR id IN (SELECT cancels FROM cancellation WHERE cancels IS NOT NULL)
"""
"""Every order that a void pair could be made of, and a few more: few, where cancellations are few.

A cancellation reaches back one fortnight at most, so its sale is of its own or of the one before.
"""

PREPARE = (
    """
CREATE TEMP TABLE ledger AS
SELECT CAST(o.client_id AS BIGINT) AS client_id, CAST(o.day AS INTEGER) AS day,
  CAST(o.amount AS BIGINT) AS amount, CAST(o.kind AS VARCHAR) AS kind,
  CAST(v.void_day AS INTEGER) AS void_day
FROM orders AS o LEFT JOIN void AS v ON v.id = o.id
""",
    f"""
CREATE TEMP VIEW daily AS
SELECT CAST(client_id AS BIGINT) AS client_id, CAST(day AS INTEGER) AS day,
  {", ".join(f"CAST({metric} AS BIGINT) AS {metric}" for metric in METRICS)}
FROM activity
""",
    """
CREATE TEMP TABLE known_clients AS
SELECT client_id, min(day) AS first_day
FROM (
  SELECT CAST(client_id AS BIGINT) AS client_id, CAST(registered_day AS INTEGER) AS day FROM clients
  UNION ALL SELECT client_id, day FROM ledger
  UNION ALL SELECT client_id, day FROM daily
) AS seen
WHERE day IS NOT NULL
GROUP BY client_id
""",
)
"""`orders`, `activity`, `clients` (as in History) and `void` (id, void_day) become the prepared tables."""


_SOURCES = (Rows.ORDERS, Rows.DAYS, Rows.ACTIVITY)


def features_sql(
    as_of_day: int, coverage: Mapping[str, Coverage], wanted: Sequence[str], orders_from: int | None
) -> str:
    """One row per client known at the day, by client_id: as_of_day, client_id, `wanted`, baselines.

    `orders_from` is the first day with an order of anyone.
    """
    asked = [DEFINED[name] for name in wanted]
    known = [item for item in (*asked, *BASELINES) if item.known(coverage, as_of_day, orders_from)]
    used = [rows for rows in _SOURCES if any(item.rows is rows for item in known)]
    columns = [
        *(f"CAST({_value(item, known, as_of_day)} AS DOUBLE) AS {item.name}" for item in asked),
        *(f"CAST({_value(item, known, as_of_day)} AS BIGINT) AS {item.name}" for item in BASELINES),
    ]
    grouped = [f"per_{rows} AS (\n  {_grouped(known, rows, as_of_day)}\n)" for rows in used]
    joins = [f"LEFT JOIN per_{rows} ON per_{rows}.client_id = client.client_id" for rows in used]
    return f"""
WITH client AS (
  SELECT client_id, {as_of_day} - first_day AS age FROM known_clients WHERE first_day <= {as_of_day}
), orders_at AS (
  SELECT client_id, {as_of_day} - day AS age, amount, kind, amount > 0 AS purchase FROM ledger
  WHERE day <= {as_of_day} AND (void_day IS NULL OR void_day > {as_of_day})
), days_at AS (
  SELECT client_id, age, CAST(sum(amount) AS BIGINT) AS amount,
    lead(age) OVER (PARTITION BY client_id ORDER BY age) - age AS gap
  FROM orders_at WHERE purchase GROUP BY client_id, age
), activity_at AS (
  SELECT client_id, {as_of_day} - day AS age, {", ".join(METRICS)} FROM daily
  WHERE {_span(known, as_of_day)}
), {", ".join(grouped)}
SELECT CAST({as_of_day} AS INTEGER) AS as_of_day, client.client_id, {", ".join(columns)}
FROM client
{" ".join(joins)}
ORDER BY client.client_id
"""


def labels_sql(as_of_day: int, *, sales_horizon: int, purchase_horizon: int) -> str:
    """The rows of `features_sql` in the same order, with what came after: sales and bought.

    An order cancelled inside a label's horizon does not count for it; a later cancellation changes nothing.
    """
    last = max(sales_horizon, purchase_horizon)
    return f"""
WITH client AS (
  SELECT client_id FROM known_clients WHERE first_day <= {as_of_day}
), ahead AS (
  SELECT client_id, amount, day - {as_of_day} AS days, void_day - {as_of_day} AS void_days FROM ledger
  WHERE day > {as_of_day} AND day <= {as_of_day + last}
), per_client AS (
  SELECT client_id,
    sum(amount) FILTER (WHERE {_stands(sales_horizon)}) AS sales,
    count(*) FILTER (WHERE amount > 0 AND {_stands(purchase_horizon)}) AS purchases
  FROM ahead GROUP BY client_id
)
SELECT CAST({as_of_day} AS INTEGER) AS as_of_day, client.client_id,
  CAST(coalesce(sales, 0) AS BIGINT) AS sales, CAST(coalesce(purchases, 0) > 0 AS TINYINT) AS bought
FROM client LEFT JOIN per_client ON per_client.client_id = client.client_id
ORDER BY client.client_id
"""


def _stands(horizon: int) -> str:
    return f"days <= {horizon} AND (void_days IS NULL OR void_days > {horizon})"


def _value(item: FeatureDefinition, known: Sequence[FeatureDefinition], as_of_day: int) -> str:
    if item not in known:
        return "NULL"
    if item.rows is Rows.CLIENT:
        return item.sql(as_of_day)
    return f"per_{item.rows}.{item.name}" if item.nullable else f"coalesce(per_{item.rows}.{item.name}, 0)"


def _grouped(known: Sequence[FeatureDefinition], rows: Rows, as_of_day: int) -> str:
    values = [f"{item.sql(as_of_day)} AS {item.name}" for item in known if item.rows is rows]
    return f"SELECT {', '.join(['client_id', *values])} FROM {rows}_at GROUP BY client_id"


def _span(known: Sequence[FeatureDefinition], as_of_day: int) -> str:
    """The days of activity that any known feature looks at."""
    windows = [item.window_days or 0 for item in known if item.rows is Rows.ACTIVITY]
    return f"day <= {as_of_day} AND day > {as_of_day - max(windows, default=0)}"
