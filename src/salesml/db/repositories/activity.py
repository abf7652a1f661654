"""Daily activity and the days for which it is known."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from sqlalchemy.orm import Session

from salesml.core.activity import METRICS, Coverage
from salesml.db.bulk import columns_of, execute, insert, pull
from salesml.db.journal import apply, current, differing, shared
from salesml.db.visibility import visible


class SqlActivityRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, rows: pa.Table, import_id: int) -> tuple[int, int]:
        brought = {
            (identity, day): dict(zip(METRICS, values, strict=True))
            for identity, day, *values in columns_of(rows, "identity_id", "day", *METRICS)
        }
        now = current(self._session, "activity", list(brought))
        wanted = [
            (
                key,
                {name: value for name, value in values.items() if value is not None}
                | shared(now[key], import_id),
            )
            for key, values in brought.items()
            if key in now
        ]
        changes = list(differing(now, wanted))
        apply(self._session, "activity", changes, import_id)
        new = [(*key, *values.values(), import_id) for key, values in brought.items() if key not in now]
        insert(self._session, "activity", ("identity_id", "day", *METRICS, "import_id"), new)
        return len(new), sum(not change.new.keys().isdisjoint(METRICS) for change in changes)

    def cover(self, coverage: Sequence[Coverage], import_id: int) -> None:
        if coverage:
            execute(
                self._session,
                "INSERT INTO activity_coverage (import_id, metric, first_day, last_day) "
                "VALUES (:import_id, :metric, :first_day, :last_day) "
                "ON CONFLICT (import_id, metric) DO UPDATE "
                "SET first_day = excluded.first_day, last_day = excluded.last_day",
                [vars(one) | {"import_id": import_id} for one in coverage],
            )

    def coverage(self) -> Mapping[str, Coverage]:
        rows = execute(
            self._session,
            "SELECT v.metric, min(v.first_day), max(v.last_day) FROM activity_coverage AS v "
            f"WHERE {visible(self._session, 'v')} GROUP BY v.metric ORDER BY v.metric",
        )
        return {
            metric: Coverage(metric=metric, first_day=first, last_day=last) for metric, first, last in rows
        }

    def daily(self) -> pa.Table:
        metrics = ", ".join(f"CAST(a.{name} AS bigint)" for name in METRICS)
        return pull(
            self._session,
            f"SELECT CAST(i.client_id AS bigint), CAST(a.day AS integer), {metrics} "
            "FROM activity AS a JOIN client_ids AS i ON i.id = a.identity_id "
            f"WHERE {visible(self._session, 'a')} ORDER BY i.client_id, a.day, a.identity_id",
            {"client_id": pa.int64(), "day": pa.int32()} | dict.fromkeys(METRICS, pa.int64()),
        )
