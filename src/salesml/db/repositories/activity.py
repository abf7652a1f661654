"""Daily activity and the days for which it is known."""

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa
from sqlalchemy.orm import Session

from salesml.core.activity import METRICS, ActivityDay, Coverage
from salesml.db.bulk import columns_of, execute, insert, pull
from salesml.db.journal import Key, apply, current, differing, settle, shared
from salesml.db.visibility import visible

_OF_ROW = ", ".join(f"v.{name}" for name in METRICS)
_FIELDS = ("source", "client_id", "day", *METRICS)
_COVER = (
    "INSERT INTO activity_coverage (import_id, metric, first_day, last_day) "
    "VALUES (:import_id, :metric, :first_day, :last_day) ON CONFLICT (import_id, metric) "
    "DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day"
)
_COVER_LIVE = (
    "INSERT INTO live_coverage (metric, first_day, last_day) VALUES (:metric, :first_day, :last_day) "
    "ON CONFLICT (metric) DO UPDATE SET "
    "first_day = CASE WHEN excluded.first_day < live_coverage.first_day THEN excluded.first_day "
    "ELSE live_coverage.first_day END, "
    "last_day = CASE WHEN excluded.last_day > live_coverage.last_day THEN excluded.last_day "
    "ELSE live_coverage.last_day END"
)


class SqlActivityRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, rows: pa.Table, import_id: int | None) -> tuple[int, int]:
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
        if import_id is None:
            live: dict[Key, Collection[str]] = {key: {"import_id", *values} for key, values in wanted}
            settle(self._session, "activity", live)
        new = [(*key, *values.values(), import_id) for key, values in brought.items() if key not in now]
        insert(self._session, "activity", ("identity_id", "day", *METRICS, "import_id"), new)
        return len(new), sum(not change.new.keys().isdisjoint(METRICS) for change in changes)

    def cover(self, coverage: Sequence[Coverage], import_id: int | None) -> None:
        if not coverage:
            return
        if import_id is None:
            execute(self._session, _COVER_LIVE, [vars(one) for one in coverage])
        else:
            execute(self._session, _COVER, [vars(one) | {"import_id": import_id} for one in coverage])

    def coverage(self) -> Mapping[str, Coverage]:
        rows = execute(
            self._session,
            "SELECT k.metric, min(k.first_day), max(k.last_day) FROM ("
            "SELECT v.metric, v.first_day, v.last_day FROM activity_coverage AS v "
            f"WHERE {visible(self._session, 'v')} "
            "UNION ALL SELECT l.metric, l.first_day, l.last_day FROM live_coverage AS l"
            ") AS k GROUP BY k.metric ORDER BY k.metric",
        )
        return {
            metric: Coverage(metric=metric, first_day=first, last_day=last) for metric, first, last in rows
        }

    def of_client(
        self, client_id: int, limit: int, before: tuple[int, int] | None = None
    ) -> Sequence[tuple[int, ActivityDay]]:
        earlier, values = ("", {}) if before is None else _before(*before)
        rows = execute(
            self._session,
            f"SELECT v.identity_id, i.source, i.external_id AS client_id, v.day, {_OF_ROW} "
            "FROM client_ids AS i CROSS JOIN activity AS v "
            f"WHERE i.client_id = :id AND v.identity_id = i.id {earlier} AND {visible(self._session, 'v')} "
            "ORDER BY v.day DESC, v.identity_id DESC LIMIT :limit",
            {"id": client_id, "limit": limit, **values},
        )
        return [(identity, ActivityDay(**dict(zip(_FIELDS, row, strict=True)))) for identity, *row in rows]

    def daily(self, client_id: int | None = None) -> pa.Table:
        only = "" if client_id is None else f"AND i.client_id = {client_id:d}"
        metrics = ", ".join(f"CAST(a.{name} AS bigint)" for name in METRICS)
        return pull(
            self._session,
            f"SELECT CAST(i.client_id AS bigint), CAST(a.day AS integer), {metrics} "
            "FROM activity AS a JOIN client_ids AS i ON i.id = a.identity_id "
            f"WHERE {visible(self._session, 'a')} {only} ORDER BY i.client_id, a.day, a.identity_id",
            {"client_id": pa.int64(), "day": pa.int32()} | dict.fromkeys(METRICS, pa.int64()),
            few=client_id is not None,
        )


def _before(day: int, identity: int) -> tuple[str, dict[str, int]]:
    return "AND (v.day, v.identity_id) < (:day, :identity)", {"day": day, "identity": identity}
