"""Snapshots and predictions, by scoring run."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.dashboard import Selection
from salesml.core.errors import NotFound
from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.predictions import ClientScore, PastPrediction, RunState, ScoringRun
from salesml.db.bulk import columns_of, execute, insert, keys, pull
from salesml.db.past_predictions import past_predictions
from salesml.db.repositories.clients import first_pairs
from salesml.db.sweeping import SCORED_TABLES, sweep
from salesml.db.tables.predictions import ScoringRunRow
from salesml.db.visibility import visible

_SALES_DAYS, _PURCHASE_DAYS = HORIZON_DAYS[Target.SALES], HORIZON_DAYS[Target.PURCHASE]
_FEATURES = {
    "purchases_30d": pa.int64(),
    "average_basket_value": pa.float64(),
    "visits_30d": pa.int64(),
    "days_since_last_purchase": pa.int64(),
    "tenure_months": pa.float64(),
    "visits_7d": pa.int64(),
    "newsletter_opened": pa.int64(),
    "ad_clicks": pa.int64(),
    "has_purchased": pa.int64(),
    "time_on_site_seconds": pa.int64(),
}
_SALES = ("predicted_sales", "lower", "upper")
_PURCHASE = ("purchase_probability", "decision")
_REPEATED = ("predicted_sales", "purchase_probability")
"""Forecasts that the snapshot repeats, because lists of clients are sorted and filtered by it alone."""
_SCORES = {
    "client_id": pa.string(),
    "source": pa.string(),
    "predicted_sales": pa.int64(),
    "lower": pa.int64(),
    "upper": pa.int64(),
    "purchase_probability": pa.float64(),
    "decision": pa.int8(),
}


class SqlPredictionRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def begin_run(
        self,
        *,
        as_of_day: int,
        sales_version_id: int,
        purchase_version_id: int,
        threshold: float,
        drift: Mapping[str, Mapping[str, float]] | None = None,
        now: datetime,
    ) -> ScoringRun:
        row = ScoringRunRow(
            as_of_day=as_of_day,
            state=RunState.PUBLISHING.value,
            sales_version_id=sales_version_id,
            purchase_version_id=purchase_version_id,
            threshold=threshold,
            drift=None if drift is None else dict(drift),
            clients=0,
            created_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return run_of(row)

    def get_run(self, run_id: int) -> ScoringRun:
        return run_of(self._row(run_id))

    def latest_run(self) -> ScoringRun | None:
        row = self._session.scalars(
            select(ScoringRunRow)
            .where(col(ScoringRunRow.state) == RunState.PUBLISHED.value)
            .order_by(col(ScoringRunRow.as_of_day).desc(), col(ScoringRunRow.id).desc())
            .limit(1)
        ).first()
        return None if row is None else run_of(row)

    def write(self, run_id: int, rows: pa.Table) -> None:
        run = self._row(run_id)
        rows = self._of_those_left(rows)
        wanted, parameters = keys(self._session, "bigint", client_id=rows.column("client_id").to_pylist())
        for table in SCORED_TABLES:
            execute(
                self._session,
                f"DELETE FROM {table} WHERE run_id = :run_id "
                f"AND client_id IN (SELECT k.client_id FROM {wanted} AS k)",
                parameters | {"run_id": run_id},
            )
        # Whole numbers come as floats, because a column may be null; the cast refuses a fraction.
        typed = pa.table(
            {"client_id": rows.column("client_id")}
            | {name: rows.column(name).cast(kind) for name, kind in _FEATURES.items()}
            | {name: rows.column(name) for name in (*_SALES, *_PURCHASE)}
        )
        sales_rows, purchase_rows = (_with_reasons(typed, rows, target) for target in Target)
        common = (run_id, run.as_of_day)
        self._insert("client_activity", typed, (*_FEATURES, *_REPEATED), {}, common)
        sales = {"horizon_days": _SALES_DAYS, "version_id": run.sales_version_id}
        self._insert("sales_predictions", sales_rows, (*_SALES, "reasons"), sales, common)
        purchase = {
            "horizon_days": _PURCHASE_DAYS,
            "version_id": run.purchase_version_id,
            "threshold": run.threshold,
        }
        self._insert("purchase_predictions", purchase_rows, (*_PURCHASE, "reasons"), purchase, common)

    def publish(self, run_id: int, now: datetime) -> None:
        row = self._row(run_id)
        same = select(ScoringRunRow).where(
            col(ScoringRunRow.state) == RunState.PUBLISHED.value,
            col(ScoringRunRow.as_of_day) == row.as_of_day,
            col(ScoringRunRow.sales_version_id) == row.sales_version_id,
            col(ScoringRunRow.purchase_version_id) == row.purchase_version_id,
        )
        for older in self._session.scalars(same):
            older.state = RunState.SUPERSEDED.value
        sql = "SELECT count(*) FROM sales_predictions WHERE run_id = :run_id"
        row.clients = execute(self._session, sql, {"run_id": run_id}).scalar_one()
        row.state, row.published_at = RunState.PUBLISHED.value, now
        self._session.flush()

    def sweep(self, limit: int) -> bool:
        latest = self.latest_run()
        return sweep(self._session, None if latest is None else latest.id, limit)

    def totals(self, run_id: int) -> tuple[int, int]:
        """From the snapshots, whose indexes hold both figures: those of the newest run are always there."""
        clients, total = execute(
            self._session,
            "SELECT count(*), CAST(coalesce(sum(s.predicted_sales), 0) AS bigint) "
            f"FROM client_activity AS s {self._of_visible('s')} WHERE s.run_id = :run_id "
            f"AND {visible(self._session, 'c')}",
            {"run_id": run_id},
        ).one()
        return clients, total

    def select(self, run_id: int, threshold: float) -> Selection:
        """From the snapshots, as `totals`."""
        clients, buyers = execute(
            self._session,
            "SELECT count(*), coalesce(sum(p.purchase_probability), 0) "
            f"FROM client_activity AS p {self._of_visible('p')} WHERE p.run_id = :run_id "
            f"AND p.purchase_probability >= :threshold AND {visible(self._session, 'c')}",
            {"run_id": run_id, "threshold": threshold},
        ).one()
        return Selection(threshold=threshold, clients=clients, expected_buyers=float(buyers))

    def runs(self, limit: int, before_id: int | None = None) -> Sequence[ScoringRun]:
        """Runs that were published, the newest first, superseded ones included; with ids below
        `before_id`."""
        query = select(ScoringRunRow).where(col(ScoringRunRow.published_at).is_not(None))
        if before_id is not None:
            query = query.where(col(ScoringRunRow.id) < before_id)
        rows = self._session.scalars(query.order_by(col(ScoringRunRow.id).desc()).limit(limit))
        return [run_of(row) for row in rows]

    def of_client(
        self, client_id: int, limit: int, before: tuple[int, int] | None = None
    ) -> Sequence[PastPrediction]:
        return past_predictions(self._session, client_id, limit, before)

    def top(self, run_id: int, limit: int) -> Sequence[ClientScore]:
        found = execute(
            self._session,
            "SELECT s.client_id, coalesce(i.external_id, '') AS external_id, "
            "coalesce(i.source, '') AS source, s.as_of_day, s.predicted_sales, s.lower, s.upper, "
            f"p.purchase_probability, p.decision {self._joined(run_id)} "
            "ORDER BY s.predicted_sales DESC, p.purchase_probability DESC, s.client_id LIMIT :limit",
            {"limit": limit},
        )
        return [ClientScore(**row) for row in found.mappings()]

    def scores(self, run_id: int) -> pa.Table:
        return pull(
            self._session,
            "SELECT CAST(coalesce(i.external_id, '') AS text), CAST(coalesce(i.source, '') AS text), "
            "CAST(s.predicted_sales AS bigint), CAST(s.lower AS bigint), CAST(s.upper AS bigint), "
            "CAST(p.purchase_probability AS double precision), CAST(p.decision AS integer) "
            f"{self._joined(run_id)} ORDER BY s.client_id",
            _SCORES,
        )

    def _of_visible(self, alias: str) -> str:
        """A join with the clients that may be seen, where some may not."""
        if visible(self._session, "c") == "TRUE":
            return ""
        return f"JOIN clients AS c ON c.id = {alias}.client_id"

    def _of_those_left(self, rows: pa.Table) -> pa.Table:
        """Without clients who were deleted since the run was computed."""
        wanted, parameters = keys(self._session, "bigint", id=rows.column("client_id").to_pylist())
        found = execute(
            self._session,
            f"SELECT c.id FROM {wanted} AS k CROSS JOIN clients AS c WHERE c.id = k.id",
            parameters,
        ).scalars()
        left = pa.array(list(found), pa.int64())
        return rows.filter(pc.is_in(rows["client_id"], value_set=left))

    def _joined(self, run_id: int) -> str:
        """Both predictions of each client, if the run is visible."""
        return (
            "FROM scoring_runs AS r JOIN sales_predictions AS s "
            f"ON s.run_id = r.id AND s.horizon_days = {_SALES_DAYS} "
            "JOIN purchase_predictions AS p ON p.run_id = r.id AND p.client_id = s.client_id "
            f"AND p.horizon_days = {_PURCHASE_DAYS} "
            "JOIN clients AS c ON c.id = s.client_id "
            f"LEFT JOIN {first_pairs(self._session)} AS i ON i.client_id = s.client_id "
            f"WHERE r.id = {int(run_id)} AND r.state = '{RunState.PUBLISHED.value}' "
            f"AND {visible(self._session, 'c')}"
        )

    def _insert(
        self,
        table: str,
        rows: pa.Table,
        names: tuple[str, ...],
        constants: Mapping[str, float],
        common: tuple[int, int],
    ) -> None:
        fixed = (*common, *constants.values())
        insert(
            self._session,
            table,
            ("run_id", "as_of_day", *constants, "client_id", *names),
            ((*fixed, *row) for row in columns_of(rows, "client_id", *names)),
        )

    def _row(self, run_id: int) -> ScoringRunRow:
        row = self._session.get(ScoringRunRow, run_id)
        if row is None:
            raise NotFound(f"scoring run {run_id} does not exist")
        return row


def run_of(row: ScoringRunRow) -> ScoringRun:
    """The value of a run's row."""
    return ScoringRun(
        id=row.id or 0,
        as_of_day=row.as_of_day,
        state=RunState(row.state),
        sales_version_id=row.sales_version_id,
        purchase_version_id=row.purchase_version_id,
        threshold=row.threshold,
        drift=row.drift or {},
        clients=row.clients,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def _with_reasons(typed: pa.Table, rows: pa.Table, target: Target) -> pa.Table:
    name = f"{target}_reasons"
    reasons = rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, pa.string())
    return typed.append_column("reasons", reasons)
