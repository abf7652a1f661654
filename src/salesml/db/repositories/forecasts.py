"""What runs forecast of the company."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.forecasts import CompanyForecast
from salesml.core.predictions import RunState
from salesml.db.bulk import execute
from salesml.db.tables import CompanyForecastRow, ForecastOutcomeRow, ScoringRunRow
from salesml.db.visibility import visible

_FORECAST = CompanyForecastRow.__table__.columns


class SqlForecastRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, forecast: CompanyForecast) -> None:
        """Store the forecast of a run, in place of an earlier one."""
        self._session.execute(
            delete(CompanyForecastRow).where(col(CompanyForecastRow.run_id) == forecast.run_id)
        )
        self._session.execute(insert(CompanyForecastRow).values(asdict(forecast)))

    def get(self, run_id: int) -> CompanyForecast | None:
        """None where the run has none."""
        query = select(*_FORECAST).where(col(CompanyForecastRow.run_id) == run_id)
        row = self._session.execute(query).mappings().first()
        return None if row is None else CompanyForecast(**row)

    def list(self, limit: int, before_id: int | None = None) -> Sequence[CompanyForecast]:
        """Of published runs, the newest first; with ids below `before_id`."""
        query = self._published().order_by(col(CompanyForecastRow.run_id).desc()).limit(limit)
        if before_id is not None:
            query = query.where(col(CompanyForecastRow.run_id) < before_id)
        return [CompanyForecast(**row) for row in self._session.execute(query).mappings()]

    def matured(self, limit: int) -> Sequence[CompanyForecast]:
        """Those with an outcome, the newest as-of date first."""
        known = select(ForecastOutcomeRow).where(
            col(ForecastOutcomeRow.run_id) == col(CompanyForecastRow.run_id),
            col(ForecastOutcomeRow.horizon_days) == col(CompanyForecastRow.horizon_days),
            col(ForecastOutcomeRow.target) == "sales",
        )
        query = self._published().where(known.exists())
        newest = (col(CompanyForecastRow.as_of_day).desc(), col(CompanyForecastRow.run_id).desc())
        rows = self._session.execute(query.order_by(*newest).limit(limit)).mappings()
        return [CompanyForecast(**row) for row in rows]

    def note_outcome(self, run_id: int, outcome: Mapping[str, Any]) -> None:
        """Put what happened into the evidence of a run, if it has a forecast."""
        found = self.get(run_id)
        if found is not None:
            change = update(CompanyForecastRow).where(col(CompanyForecastRow.run_id) == run_id)
            self._session.execute(change.values(evidence={**found.evidence, "outcome": dict(outcome)}))

    def client_sales(self, run_id: int, active_days: int) -> tuple[int, int]:
        """From the snapshots, whose indexes hold both figures, as the total of a run."""
        join = ""
        if visible(self._session, "c") != "TRUE":
            join = "JOIN clients AS c ON c.id = s.client_id"
        recent = f"s.days_since_last_purchase <= {active_days:d}"
        repeat, total = execute(
            self._session,
            f"SELECT CAST(coalesce(sum(CASE WHEN {recent} THEN s.predicted_sales ELSE 0 END), 0) AS bigint), "
            "CAST(coalesce(sum(s.predicted_sales), 0) AS bigint) "
            f"FROM client_activity AS s {join} "
            f"WHERE s.run_id = :run_id AND {visible(self._session, 'c')}",
            {"run_id": run_id},
        ).one()
        return repeat, total - repeat

    def guest_sales(self, end: int, count: int, days: int) -> Sequence[int]:
        """Net sales without a client by period, the newest first; what is void in it leaves nothing."""
        rows = execute(self._session, _guests(self._session, end, count, days))
        found = {row[0]: row[1] for row in rows}
        return [found.get(place, 0) for place in range(count)]

    def _published(self) -> Any:
        return (
            select(*_FORECAST)
            .join(ScoringRunRow, col(ScoringRunRow.id) == col(CompanyForecastRow.run_id))
            .where(col(ScoringRunRow.state) == RunState.PUBLISHED.value)
        )


def _guests(session: Session, end: int, count: int, days: int) -> str:
    """`place` counts periods back from the newest. Guests have no client to guess pairs by: only a named sale
    is void, by the first full cancellation that names it."""
    return f"""
WITH named AS (
  SELECT s.id AS sale, c.id AS cancellation,
    CASE WHEN c.ordered_day > s.ordered_day THEN c.ordered_day ELSE s.ordered_day END AS void_day,
    row_number() OVER (PARTITION BY s.id ORDER BY c.ordered_at, c.id) AS turn
  FROM orders AS c JOIN orders AS s ON s.source = c.source AND s.order_id = c.cancels
  WHERE c.identity_id IS NULL AND s.identity_id IS NULL AND c.kind = 'cancellation' AND s.kind = 'sale'
    AND c.amount < 0 AND s.amount = -c.amount AND c.ordered_day <= {end:d} AND s.ordered_day <= {end:d}
    AND {visible(session, "c", "s")}
), void AS (
  SELECT sale AS id, void_day FROM named WHERE turn = 1
  UNION ALL SELECT cancellation, void_day FROM named WHERE turn = 1
), guest AS (
  SELECT o.id, o.amount, ({end:d} - o.ordered_day) / {days:d} AS place FROM orders AS o
  WHERE o.identity_id IS NULL AND o.ordered_day <= {end:d} AND o.ordered_day > {end - count * days:d}
    AND {visible(session, "o")}
)
SELECT g.place, CAST(sum(g.amount) AS bigint) FROM guest AS g LEFT JOIN void AS v ON v.id = g.id
WHERE v.void_day IS NULL OR v.void_day > {end:d} - g.place * {days:d}
GROUP BY g.place
"""
