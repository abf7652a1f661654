"""What came of forecasts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pyarrow as pa
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from salesml.core.forecasts import ForecastOutcome
from salesml.core.models import HORIZON_DAYS, Target
from salesml.core.predictions import RunState, ScoringRun
from salesml.db.bulk import execute, pull
from salesml.db.repositories.predictions import run_of
from salesml.db.tables import ForecastOutcomeRow, ScoringRunRow

_OUTCOME = ForecastOutcomeRow.__table__.columns
_TABLES: Mapping[Target, str] = {Target.SALES: "sales_predictions", Target.PURCHASE: "purchase_predictions"}
_SERVED: Mapping[Target, Mapping[str, tuple[str, pa.DataType]]] = {
    Target.SALES: {name: ("bigint", pa.int64()) for name in ("predicted_sales", "lower", "upper")},
    Target.PURCHASE: {"purchase_probability": ("double precision", pa.float64())},
}


class SqlOutcomeRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, outcome: ForecastOutcome) -> None:
        """Store what came of a run, in place of an earlier answer."""
        self._session.execute(
            delete(ForecastOutcomeRow).where(
                col(ForecastOutcomeRow.run_id) == outcome.run_id,
                col(ForecastOutcomeRow.target) == outcome.target.value,
                col(ForecastOutcomeRow.horizon_days) == outcome.horizon_days,
            )
        )
        values = {**asdict(outcome), "target": outcome.target.value}
        self._session.execute(insert(ForecastOutcomeRow).values(values))

    def of_run(self, run_id: int) -> Sequence[ForecastOutcome]:
        """By target and horizon."""
        query = select(*_OUTCOME).where(col(ForecastOutcomeRow.run_id) == run_id)
        return self._all(query.order_by(col(ForecastOutcomeRow.target), col(ForecastOutcomeRow.horizon_days)))

    def of_version(self, version_id: int, limit: int) -> Sequence[ForecastOutcome]:
        """Of the runs that the version made, the newest as-of date first."""
        query = select(*_OUTCOME).where(col(ForecastOutcomeRow.version_id) == version_id)
        return self._all(query.order_by(*_NEWEST).limit(limit))

    def newest(self, target: Target) -> ForecastOutcome | None:
        """That of the newest as-of date."""
        query = select(*_OUTCOME).where(col(ForecastOutcomeRow.target) == target.value)
        return next(iter(self._all(query.order_by(*_NEWEST).limit(1))), None)

    def due(
        self, target: Target, horizon_days: int, last_day: int, *, again: bool = False, after_run: int = 0
    ) -> Sequence[ScoringRun]:
        """Published runs that can be judged by now, by id."""
        known = (
            "AND NOT EXISTS (SELECT 1 FROM forecast_outcomes AS o WHERE o.run_id = r.id "
            "AND o.target = :target AND o.horizon_days = :horizon)"
        )
        ids = execute(
            self._session,
            "SELECT r.id FROM scoring_runs AS r WHERE r.state = :state AND r.id > :after "
            f"AND r.as_of_day <= :last {'' if again else known} AND EXISTS (SELECT 1 FROM {_TABLES[target]} "
            "AS p WHERE p.run_id = r.id AND p.horizon_days = :horizon) ORDER BY r.id",
            {
                "state": RunState.PUBLISHED.value,
                "after": after_run,
                "last": last_day - horizon_days,
                "horizon": horizon_days,
                **({} if again else {"target": target.value}),
            },
        ).scalars()
        rows = select(ScoringRunRow).where(col(ScoringRunRow.id).in_(list(ids)))
        return [run_of(row) for row in self._session.scalars(rows.order_by(col(ScoringRunRow.id)))]

    def forecasts(self, run_id: int, target: Target) -> pa.Table:
        """What was served, by client."""
        served = _SERVED[target]
        columns = ", ".join(f"CAST(p.{name} AS {kind})" for name, (kind, _) in served.items())
        return pull(
            self._session,
            f"SELECT CAST(p.client_id AS bigint), {columns} FROM {_TABLES[target]} AS p "
            f"WHERE p.run_id = {run_id:d} AND p.horizon_days = {HORIZON_DAYS[target]:d} ORDER BY p.client_id",
            {"client_id": pa.int64(), **{name: kind for name, (_, kind) in served.items()}},
        )

    def _all(self, query: object) -> list[ForecastOutcome]:
        rows = self._session.execute(query).mappings()  # type: ignore[call-overload]
        return [ForecastOutcome(**{**row, "target": Target(row["target"])}) for row in rows]


_NEWEST = (col(ForecastOutcomeRow.as_of_day).desc(), col(ForecastOutcomeRow.run_id).desc())
