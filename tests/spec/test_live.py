"""Rows that belong to no import, and clients who go for good: one specification, both databases."""

import threading
from time import monotonic, sleep

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text
from tests.support.ledgers import (
    DAY,
    NOW,
    activity,
    begin,
    bring_activity,
    bring_clients,
    bring_orders,
    contents,
    identities_of,
    orders,
    set_state,
    take_back,
)
from tests.support.populations import Figures, Person, populate
from tests.support.scores import score, score_rows, version

from salesml.core.activity import Coverage
from salesml.core.clients import ExternalId
from salesml.core.imports import ImportKind, ImportState, RejectedRow
from salesml.core.models import Target
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

PEOPLE = [Person(name="Anna", figures=Figures(sales=5)), Person(name="Jan", figures=Figures(sales=7))]


def brought(tx: SqlTransactions, kind: ImportKind, *rows: tuple[object, ...]) -> int:
    """A published import of such rows."""

    def bring(uow: SqlUnitOfWork) -> int:
        import_id = begin(uow, kind)
        use = {
            ImportKind.ORDERS: bring_orders,
            ImportKind.ACTIVITY: bring_activity,
            ImportKind.CLIENTS: bring_clients,
        }[kind]
        use(uow, import_id, list(rows))  # type: ignore[operator]
        set_state(uow, import_id)
        return import_id

    return tx.run(bring)


def live_order(uow: SqlUnitOfWork, number: str, client: str, amount: int) -> None:
    """An order that is there already comes live."""
    row_id = uow.orders.existing("default", [number])[number][0]
    rows = orders([(number, client, amount)], identities_of(uow, [client], None))
    uow.orders.overwrite(rows.append_column("row_id", pa.array([row_id], pa.int64())), None)


def amounts(tx: SqlTransactions) -> list[int]:
    found: list[int] = tx.read(lambda uow: uow.orders.ledger())["amount"].to_pylist()
    return found


def test_an_order_that_came_live_is_not_set_back_when_an_import_is_taken_back(tx: SqlTransactions) -> None:
    first = brought(tx, ImportKind.ORDERS, ("1", "anna", 100))
    second = brought(tx, ImportKind.ORDERS, ("1", "anna", 200))
    tx.run(live_order, "1", "anna", 200)
    for import_id in (second, first):
        tx.run(take_back, import_id)
    assert amounts(tx) == [200]


def test_an_order_that_did_not_come_live_is_set_back(tx: SqlTransactions) -> None:
    brought(tx, ImportKind.ORDERS, ("1", "anna", 100))
    tx.run(take_back, brought(tx, ImportKind.ORDERS, ("1", "anna", 200)))
    assert amounts(tx) == [100]


def test_of_a_day_only_the_metrics_that_came_live_stay(tx: SqlTransactions) -> None:
    brought(tx, ImportKind.ACTIVITY, ("anna", 0, 5, 1))
    second = brought(tx, ImportKind.ACTIVITY, ("anna", 0, 7, 2))

    def live(uow: SqlUnitOfWork) -> tuple[int, int]:
        return uow.activity.upsert(activity([("anna", 0, 7, None)], identities_of(uow, ["anna"], None)), None)

    assert tx.run(live) == (0, 0)
    tx.run(take_back, second)
    (row,) = tx.read(lambda uow: uow.activity.daily()).to_pylist()
    assert (row["visits"], row["ad_clicks"]) == (7, 1)


def test_days_that_came_live_are_known_beside_those_of_imports(tx: SqlTransactions) -> None:
    def cover(uow: SqlUnitOfWork) -> None:
        import_id = begin(uow, ImportKind.ACTIVITY)
        uow.activity.cover([Coverage(metric="visits", first_day=10, last_day=20)], import_id)
        set_state(uow, import_id)
        for first, last in ((25, 26), (18, 19), (24, 30)):
            uow.activity.cover([Coverage(metric="visits", first_day=first, last_day=last)], None)

    tx.run(cover)
    assert tx.read(lambda uow: uow.activity.coverage()) == {
        "visits": Coverage(metric="visits", first_day=10, last_day=30)
    }
    tx.run(take_back, 1)
    assert tx.read(lambda uow: uow.activity.coverage())["visits"].first_day == 18


def test_a_field_that_a_person_set_is_not_set_back(tx: SqlTransactions) -> None:
    brought(tx, ImportKind.CLIENTS, ("anna", "Anna", "a@x.pl"))
    second = brought(tx, ImportKind.CLIENTS, ("anna", "Ania", "b@x.pl"))
    anna = ExternalId(source="default", external_id="anna")

    def amend(uow: SqlUnitOfWork) -> None:
        client = uow.clients.find(anna)
        assert client is not None
        uow.clients.amend(client.id, {"first_name": "Ania"})

    tx.run(amend)
    tx.run(take_back, second)
    client = tx.read(lambda uow: uow.clients.find(anna))
    assert client is not None
    assert (client.first_name, client.email, client.search_key) == ("Ania", "a@x.pl", "ania a@x.pl")


def test_an_adopted_client_is_seen_and_no_import_takes_it_back(tx: SqlTransactions) -> None:
    import_id = tx.run(begin)
    made = tx.run(identities_of, ["anna", "jan"], import_id)
    assert tx.read(lambda uow: uow.clients.count()) == 0
    tx.run(lambda uow: uow.clients.adopt([made["anna"]]))
    assert tx.read(lambda uow: uow.clients.first_ids())["external_id"].to_pylist() == ["anna"]
    tx.run(take_back, import_id)
    assert tx.read(lambda uow: uow.clients.count()) == 1


def test_of_a_removed_client_nothing_is_left_and_of_others_everything(
    tx: SqlTransactions, engine: Engine
) -> None:
    _, jan = tx.run(populate, PEOPLE)
    imports = [
        brought(tx, ImportKind.ORDERS, ("1", "0", 100)),
        brought(tx, ImportKind.CLIENTS, ("0", "Ania", "a@x.pl")),
    ]
    before = contents(engine)

    def bring_jan() -> None:
        brought(tx, ImportKind.ORDERS, ("2", "1", 100), ("3", "1", 5))
        brought(tx, ImportKind.ORDERS, ("2", "1", 200))
        for visits in (1, 2):
            brought(tx, ImportKind.ACTIVITY, ("1", 0, visits, None))
        brought(tx, ImportKind.CLIENTS, ("1", "Janek", "j@x.pl"))
        rejects = [
            RejectedRow(row=row, field="f", code="c", reason="r", raw=raw)
            for row, raw in enumerate(("1", "j@x.pl"))
        ]
        tx.run(lambda uow: uow.imports.set_aside(imports[0], rejects))

    bring_jan()
    removed = tx.run(lambda uow: uow.clients.remove(jan))
    assert {name for name, count in removed.items() if count} == {
        "import_rejects",
        "import_changes",
        "order_repeats",
        "orders",
        "activity",
        "client_activity",
        "sales_predictions",
        "purchase_predictions",
        "client_ids",
        "clients",
    }
    after = contents(engine)
    gone = {name: [row for row in rows if row not in after[name]] for name, rows in before.items()}
    assert sum(len(rows) for rows in gone.values()) == 5
    assert all(row in before[name] for name, rows in after.items() for row in rows)


def test_a_client_who_went_while_everybody_was_scored_is_not_scored(tx: SqlTransactions) -> None:
    tx.run(lambda uow: identities_of(uow, ["007", "8", "9"], None))
    rows = score_rows(tx.read(lambda uow: uow.clients.roster())["client_id"])
    _, gone, _ = tx.read(lambda uow: uow.clients.roster())["client_id"].to_pylist()

    def publish(uow: SqlUnitOfWork) -> int:
        run_id = score(uow, version(uow, Target.SALES), version(uow, Target.PURCHASE))
        uow.clients.remove(gone)
        uow.predictions.write(run_id, rows)
        return run_id

    run_id = tx.run(publish)
    scores = tx.read(lambda uow: uow.predictions.scores(run_id))
    assert scores["client_id"].to_pylist() == ["007", "9"]


def test_predictions_of_a_client_come_newest_first_and_from_visible_runs_only(tx: SqlTransactions) -> None:
    anna, _ = tx.run(populate, PEOPLE)

    def again(uow: SqlUnitOfWork) -> None:
        versions = version(uow, Target.SALES), version(uow, Target.PURCHASE)
        score(uow, *versions)
        score(uow, *versions)
        hidden = uow.predictions.begin_run(
            as_of_day=DAY + 9,
            sales_version_id=versions[0],
            purchase_version_id=versions[1],
            threshold=0.7,
            now=NOW,
        )
        uow.predictions.write(hidden.id, score_rows(uow.clients.roster()["client_id"]))

    tx.run(again)
    found = tx.read(lambda uow: uow.predictions.of_client(anna, 9))
    assert [(one.run_id, one.predicted_sales) for one in found] == [(3, 900), (1, 5)]
    assert found[0].sales_version == "sales-clients-3"
    assert found[0].purchase_version == "purchase-clients-4"
    assert (found[0].sales_horizon_days, found[0].purchase_horizon_days) == (30, 14)
    assert [one.run_id for one in tx.read(lambda uow: uow.predictions.of_client(anna, 9, (DAY, 3)))] == [1]


@pytest.mark.parametrize("state", [ImportState.PUBLISHED, ImportState.PUBLISHING])
def test_a_client_s_own_rows_are_those_of_the_whole_tables(tx: SqlTransactions, state: ImportState) -> None:
    def bring(uow: SqlUnitOfWork) -> None:
        identities_of(uow, ["anna", "jan"], None)
        bought, visited = begin(uow), begin(uow, ImportKind.ACTIVITY)
        bring_orders(uow, bought, [("1", "anna", 100), ("2", "jan", 5), ("3", "anna", -100), ("4", None, 5)])
        bring_activity(uow, visited, [("anna", 0, 5, None), ("jan", 0, 6, None), ("anna", 3, 7, 1)])
        set_state(uow, bought, state)
        set_state(uow, visited, state)

    tx.run(bring)
    for ask in (
        lambda uow, *one: uow.clients.roster(*one),
        lambda uow, *one: uow.orders.ledger(*one),
        lambda uow, *one: uow.activity.daily(*one),
    ):
        everybody = tx.read(ask)
        (anna, _) = tx.read(lambda uow: uow.clients.roster())["client_id"].to_pylist()
        mine = [row for row in everybody.to_pylist() if row["client_id"] == anna]
        assert tx.read(ask, anna) == pa.Table.from_pylist(mine, schema=everybody.schema)


def is_waited_for(engine: Engine) -> bool:
    """Whether a transaction waits for its turn; on SQLite it could not even begin."""
    if engine.dialect.name == "sqlite":
        return True
    with engine.connect() as connection:
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return bool(connection.execute(text(waiting)).scalar())


def test_writers_about_clients_take_turns(tx: SqlTransactions, engine: Engine) -> None:
    order: list[str] = []
    inside = threading.Event()

    def first(uow: SqlUnitOfWork) -> None:
        uow.clients.take_turns()
        inside.set()
        deadline = monotonic() + 20
        while not is_waited_for(engine) and not order and monotonic() < deadline:
            sleep(0.01)
        order.append("first")

    def second(uow: SqlUnitOfWork) -> None:
        uow.clients.take_turns()
        order.append("second")

    thread = threading.Thread(target=tx.run, args=(first,))
    thread.start()
    assert inside.wait(20)
    tx.run(second)
    thread.join()
    assert order == ["first", "second"]


def test_scrubbing_leaves_no_log_behind(tx: SqlTransactions, engine: Engine) -> None:
    tx.run(populate, PEOPLE)
    tx.scrub()
    if engine.dialect.name == "sqlite":
        log = f"{engine.url.database}-wal"
        with open(log, "rb") as file:  # noqa: PTH123
            assert file.read() == b""
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM clients")).scalar() == 2


def test_scrubbing_gives_up_while_somebody_reads(
    tx: SqlTransactions, engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesml.db.engine._TRUNCATE_WAIT_MS", 1)
    tx.run(populate, PEOPLE)

    def read(uow: SqlUnitOfWork) -> None:
        uow.clients.count()
        thread = threading.Thread(target=tx.scrub)
        thread.start()
        thread.join()

    tx.read(read)
    assert ("log of the database" in caplog.text) == (engine.dialect.name == "sqlite")
