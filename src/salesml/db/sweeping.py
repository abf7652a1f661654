"""Deleting what scoring runs left that nobody needs any more, in bounded chunks."""

from sqlalchemy.orm import Session

from salesml.core.days import date_of
from salesml.core.models import Target
from salesml.core.predictions import RunState
from salesml.db.bulk import execute

SCORED_TABLES = ("client_activity", "sales_predictions", "purchase_predictions", "client_outlooks")
NEWEST_ONLY = ("client_activity", "client_outlooks")
"""Tables of which only the rows of the latest run are kept."""
KEPT_DAYS = 90
"""For how long the forecasts of every run are kept; afterwards one run a month."""


def sweep(session: Session, latest_run: int | None, limit: int) -> bool:
    """Delete about `limit` rows that nobody needs; answers whether any is left.

    Those of superseded and dead runs, every snapshot and outlook but those of the latest run, and forecasts
    of runs that are `past_keeping`. Scoring jobs run one after the other, so an unfinished run below a
    published one is dead; one above it may be at work and is left alone. Runs themselves stay, with their
    company forecast and outcome.
    """
    past = past_keeping(session)
    for table in SCORED_TABLES:
        for run_id in _sweepable(session, table, latest_run, past):
            limit -= _delete(session, table, run_id, limit)
            if limit <= 0:
                return any(_sweepable(session, name, latest_run, past) for name in SCORED_TABLES)
    return False


def past_keeping(session: Session) -> list[int]:
    """Published runs whose forecasts are kept no longer: more than KEPT_DAYS older than the newest run, not
    the newest one of their month, and judged, so that nothing of them is still to be learned."""
    runs = execute(
        session,
        "SELECT r.id, r.as_of_day, (SELECT count(DISTINCT o.target) FROM forecast_outcomes AS o "
        "WHERE o.run_id = r.id) AS judged FROM scoring_runs AS r "
        f"WHERE r.state = '{RunState.PUBLISHED.value}' ORDER BY r.as_of_day, r.id",
    ).all()
    newest_of_month = {date_of(run.as_of_day).strftime("%Y-%m"): run.id for run in runs}
    kept = set(newest_of_month.values())
    return [
        run.id
        for run in runs
        if run.as_of_day < runs[-1].as_of_day - KEPT_DAYS and run.id not in kept and run.judged == len(Target)
    ]


def _sweepable(session: Session, table: str, latest_run: int | None, past: list[int]) -> list[int]:
    """Runs of which the table has rows that nobody needs any more."""
    needed = "" if latest_run is None else f"AND r.id <> {latest_run:d}"
    old = f"OR r.id IN ({', '.join(map(str, past))})" if past else ""
    if table in NEWEST_ONLY:
        old = f"OR r.state = '{RunState.PUBLISHED.value}' {needed}"
    rows = execute(
        session,
        f"SELECT r.id FROM scoring_runs AS r WHERE (r.state = '{RunState.SUPERSEDED.value}' "
        f"OR r.state = '{RunState.PUBLISHING.value}' AND r.id < (SELECT max(n.id) FROM scoring_runs AS n "
        f"WHERE n.state = '{RunState.PUBLISHED.value}') {old}) "
        f"AND EXISTS (SELECT 1 FROM {table} AS t WHERE t.run_id = r.id) ORDER BY r.id",
    )
    return list(rows.scalars())


def _delete(session: Session, table: str, run_id: int, limit: int) -> int:
    """Delete up to about `limit` clients of a run by a range of its key; answers how many rows."""
    deleted = execute(
        session,
        f"DELETE FROM {table} WHERE run_id = :run_id AND client_id <= coalesce("
        f"(SELECT t.client_id FROM {table} AS t WHERE t.run_id = :run_id "
        "ORDER BY t.client_id LIMIT 1 OFFSET :last), 9223372036854775807)",
        {"run_id": run_id, "last": max(limit, 1) - 1},
    )
    return int(deleted.rowcount)
