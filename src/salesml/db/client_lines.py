"""Clients as lists show them: one statement for a page, another for its external ids."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from salesml.core.clients import CONSENTS, Client, ClientLine, ClientQuery, Consent, ExternalId
from salesml.core.days import DAYS_PER_MONTH
from salesml.core.pages import COUNT_CAP, Page
from salesml.core.predictions import RunState
from salesml.db.bulk import execute, keys
from salesml.db.client_pages import COLUMNS, SNAPSHOT, ClientPages, Position
from salesml.db.visibility import visible

_NO_RUN = 0


def page(session: Session, query: ClientQuery, *, threshold: float, today: int) -> Page[ClientLine]:
    """See ClientRepository.page."""
    pages = ClientPages(session, query, newest_run(session), threshold)
    after, total = pages.position(), pages.total()
    found = list(pages.rows(total, after))
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return Page(
        items=tuple(_lines(session, [row for _, row in shown], threshold, today)),
        next_cursor=pages.cursor(Position(part=shown[-1][0], key=shown[-1][1].key, client_id=shown[-1][1].id))
        if more
        else None,
        total=min(total, COUNT_CAP),
        total_is_capped=total > COUNT_CAP,
    )


def line(session: Session, client_id: int, *, threshold: float, today: int) -> ClientLine | None:
    """One client; None for one that does not exist or may not be seen."""
    sql = f"SELECT {COLUMNS} FROM clients AS c {SNAPSHOT} WHERE c.id = :id AND {visible(session, 'c')}"
    rows = execute(session, sql, {"run": newest_run(session), "id": client_id}).all()
    return next(iter(_lines(session, rows, threshold, today)), None)


def newest_run(session: Session) -> int:
    """The id of the published run of the newest as-of date; 0 without one."""
    found = execute(
        session,
        "SELECT r.id FROM scoring_runs AS r WHERE r.state = :published ORDER BY r.as_of_day DESC, r.id DESC "
        "LIMIT 1",
        {"published": RunState.PUBLISHED.value},
    ).scalar_one_or_none()
    return int(found or _NO_RUN)


def external_ids(session: Session, client_ids: Sequence[int]) -> dict[int, tuple[ExternalId, ...]]:
    """Every visible pair of each client, the oldest first."""
    wanted, parameters = keys(session, "bigint", id=client_ids)
    rows = execute(
        session,
        f"SELECT i.client_id, i.source, i.external_id FROM {wanted} AS k CROSS JOIN client_ids AS i "
        f"WHERE i.client_id = k.id AND {visible(session, 'i')} ORDER BY i.id",
        parameters,
    )
    found: dict[int, tuple[ExternalId, ...]] = dict.fromkeys(client_ids, ())
    for client_id, source, external_id in rows:
        found[client_id] += (ExternalId(source=source, external_id=external_id),)
    return found


def _lines(session: Session, rows: Sequence[Any], threshold: float, today: int) -> list[ClientLine]:
    pairs = external_ids(session, [row.id for row in rows])
    first_days = _first_days(session, [row.id for row in rows if row.as_of_day is None])
    return [_line(row, pairs[row.id], first_days.get(row.id), threshold, today) for row in rows]


def client_of(row: Any, pairs: tuple[ExternalId, ...]) -> Client:
    """The client of a row that has the columns of CLIENT."""
    told = row._mapping
    return Client(
        id=row.id,
        external_ids=pairs,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        registered_at=_instant(row.registered_at),
        search_key=row.search_key,
        consents={
            name: Consent(granted=bool(told[name]), at=_instant(told[f"{name}_at"]))
            for name in CONSENTS
            if told[name] is not None
        },
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _line(
    row: Any, pairs: tuple[ExternalId, ...], first_day: int | None, threshold: float, today: int
) -> ClientLine:
    client = client_of(row, pairs)
    if row.as_of_day is None:
        months = None if first_day is None else max(today - first_day, 0) / DAYS_PER_MONTH
        return ClientLine(client=client, tenure_months=months)
    return ClientLine(
        client=client,
        tenure_months=row.tenure_months,
        as_of_day=row.as_of_day,
        predicted_sales=row.predicted_sales,
        lower=row.lower,
        upper=row.upper,
        purchase_probability=row.purchase_probability,
        decision=int(row.purchase_probability >= threshold),
        days_since_last_purchase=row.days_since_last_purchase,
    )


def _first_days(session: Session, client_ids: Sequence[int]) -> dict[int, int]:
    """The day of registration, first order or first activity of those clients that have any."""
    if not client_ids:
        return {}
    wanted, parameters = keys(session, "bigint", id=client_ids)
    ordered, active = _first(session, "orders", "ordered_day"), _first(session, "activity", "day")
    rows = execute(
        session,
        f"SELECT c.id, c.registered_day, {ordered}, {active} FROM {wanted} AS k CROSS JOIN clients AS c "
        "WHERE c.id = k.id",
        parameters,
    )
    known = {client_id: [day for day in days if day is not None] for client_id, *days in rows}
    return {client_id: min(days) for client_id, days in known.items() if days}


def _first(session: Session, table: str, day: str) -> str:
    return (
        f"(SELECT min(t.{day}) FROM client_ids AS i JOIN {table} AS t ON t.identity_id = i.id "
        f"WHERE i.client_id = c.id AND {visible(session, 't')})"
    )
