"""Snapshots and predictions: one specification, both databases."""

import json
from datetime import timedelta

import pyarrow as pa
import pytest
from sqlalchemy import Engine
from tests.support.ledgers import NOW, contents
from tests.support.scores import FEATURES, score_rows, version

from salesml.core.dashboard import Selection
from salesml.core.errors import NotFound
from salesml.core.models import Target
from salesml.core.predictions import ClientScore, Contribution, Explanation, RunState, ScoringRun
from salesml.db.transactions import SqlTransactions
from salesml.db.unit_of_work import SqlUnitOfWork

TABLES = ("client_activity", "sales_predictions", "purchase_predictions")


@pytest.fixture
def versions(tx: SqlTransactions) -> tuple[int, int]:
    tx.run(lambda uow: uow.clients.create("default", ["007", "8", "9"], None))
    return tx.run(version, Target.SALES), tx.run(version, Target.PURCHASE)


def begin(tx: SqlTransactions, versions: tuple[int, int], as_of_day: int = 20_000) -> ScoringRun:
    sales, purchase = versions
    return tx.run(
        lambda uow: uow.predictions.begin_run(
            as_of_day=as_of_day, sales_version_id=sales, purchase_version_id=purchase, threshold=0.7, now=NOW
        )
    )


def rows(tx: SqlTransactions, sales: tuple[int, ...] = (900, 0, 900)) -> pa.Table:
    return score_rows(tx.read(lambda uow: uow.clients.roster()).column("client_id"), sales)


def write(tx: SqlTransactions, run: ScoringRun, table: pa.Table) -> None:
    tx.run(lambda uow: uow.predictions.write(run.id, table))


def publish(tx: SqlTransactions, run: ScoringRun) -> None:
    tx.run(lambda uow: uow.predictions.publish(run.id, NOW + timedelta(minutes=1)))


def scored(tx: SqlTransactions, versions: tuple[int, int], as_of_day: int = 20_000) -> ScoringRun:
    run = begin(tx, versions, as_of_day)
    write(tx, run, rows(tx))
    publish(tx, run)
    return run


def _state(tx: SqlTransactions, run: ScoringRun) -> RunState:
    return tx.read(lambda uow: uow.predictions.get_run(run.id)).state


def left(engine: Engine) -> dict[str, set[object]]:
    """Runs that still have rows, by table."""
    tables = contents(engine)
    return {table: {row[0] for row in tables[table]} for table in TABLES}


def test_a_run_is_not_seen_before_it_is_published(tx: SqlTransactions, versions: tuple[int, int]) -> None:
    run = begin(tx, versions)
    write(tx, run, rows(tx))
    assert tx.read(lambda uow: uow.predictions.latest_run()) is None
    assert tx.read(lambda uow: uow.predictions.top(run.id, 5)) == []
    assert tx.read(lambda uow: uow.predictions.scores(run.id)).num_rows == 0
    publish(tx, run)
    latest = tx.read(lambda uow: uow.predictions.latest_run())
    assert latest == tx.read(lambda uow: uow.predictions.get_run(run.id))
    assert (latest.state, latest.clients) == (RunState.PUBLISHED, 3) if latest else False
    assert tx.read(lambda uow: uow.predictions.scores(run.id)).num_rows == 3


def test_an_unknown_run_is_not_found(tx: SqlTransactions) -> None:
    with pytest.raises(NotFound, match="run 4"):
        tx.read(lambda uow: uow.predictions.get_run(4))


def test_scores_come_by_client_under_the_ids_of_their_sources(
    tx: SqlTransactions, versions: tuple[int, int]
) -> None:
    run = scored(tx, versions)
    assert tx.read(lambda uow: uow.predictions.scores(run.id)).to_pydict() == {
        "client_id": ["007", "8", "9"],
        "source": ["default"] * 3,
        "predicted_sales": [900, 0, 900],
        "lower": [None, 0, 100],
        "upper": [None, 50, 2000],
        "purchase_probability": [0.25, 0.1, 0.75],
        "decision": [0, 0, 1],
    }


def test_the_top_is_by_forecast_then_by_probability(tx: SqlTransactions, versions: tuple[int, int]) -> None:
    run = scored(tx, versions)
    first, second = tx.read(lambda uow: uow.predictions.top(run.id, 2))
    assert first == ClientScore(
        client_id=first.client_id,
        external_id="9",
        source="default",
        as_of_day=20_000,
        predicted_sales=900,
        lower=100,
        upper=2000,
        purchase_probability=0.75,
        decision=1,
    )
    assert second.external_id == "007"


def test_a_chunk_written_twice_counts_once_and_the_second_stays(
    tx: SqlTransactions, versions: tuple[int, int], engine: Engine
) -> None:
    run = begin(tx, versions)
    write(tx, run, rows(tx, (1, 2, 3)))
    write(tx, run, rows(tx).slice(0, 2))
    publish(tx, run)
    assert tx.read(lambda uow: uow.predictions.scores(run.id))["predicted_sales"].to_pylist() == [900, 0, 3]
    assert {table: len(contents(engine)[table]) for table in TABLES} == dict.fromkeys(TABLES, 3)


def test_snapshots_keep_what_is_unknown_apart_from_zero(
    tx: SqlTransactions, versions: tuple[int, int], engine: Engine
) -> None:
    run = scored(tx, versions)
    snapshot = [row[2:] for row in contents(engine)["client_activity"]]
    forecasts = [(900, 0.25), (0, 0.1), (900, 0.75)]
    assert snapshot == [
        (20_000, *(row[name] for name in FEATURES), *forecast)
        for row, forecast in zip(_whole(FEATURES), forecasts, strict=True)
    ]
    assert contents(engine)["client_activity"][0][0] == run.id


def _whole(features: dict[str, tuple[float | None, ...]]) -> list[dict[str, float | None]]:
    return [{name: values[place] for name, values in features.items()} for place in range(3)]


def test_a_fraction_of_a_visit_is_refused(tx: SqlTransactions, versions: tuple[int, int]) -> None:
    run = begin(tx, versions)
    table = rows(tx)
    place = table.schema.get_field_index("visits_7d")
    broken = table.set_column(place, "visits_7d", pa.array([0.5, 1.0, 1.0]))
    with pytest.raises(pa.ArrowInvalid):
        write(tx, run, broken)


def test_a_second_run_of_the_same_day_and_versions_supersedes_the_first(
    tx: SqlTransactions, versions: tuple[int, int]
) -> None:
    first, other_day, second = (scored(tx, versions, day) for day in (20_000, 19_970, 20_000))
    states = [_state(tx, run) for run in (first, other_day)]
    assert states == [RunState.SUPERSEDED, RunState.PUBLISHED]
    latest = tx.read(lambda uow: uow.predictions.latest_run())
    assert latest is not None
    assert latest.id == second.id
    assert tx.read(lambda uow: uow.predictions.scores(first.id)).num_rows == 0


def test_publishing_again_changes_nothing(tx: SqlTransactions, versions: tuple[int, int]) -> None:
    run = scored(tx, versions)
    before = tx.read(lambda uow: uow.predictions.get_run(run.id))
    publish(tx, run)
    assert tx.read(lambda uow: uow.predictions.get_run(run.id)) == before


def test_sweeping_keeps_published_predictions_and_the_newest_snapshots(
    tx: SqlTransactions, versions: tuple[int, int], engine: Engine
) -> None:
    superseded = scored(tx, versions)
    dead = begin(tx, versions)
    write(tx, dead, rows(tx))
    older = scored(tx, versions, 19_970)
    newest = scored(tx, versions)
    at_work = begin(tx, versions)
    write(tx, at_work, rows(tx))
    before = sum(len(found) for found in contents(engine).values())
    assert tx.run(lambda uow: uow.predictions.sweep(2)) is True
    assert 0 < before - sum(len(found) for found in contents(engine).values()) <= 2
    while tx.run(lambda uow: uow.predictions.sweep(2)):
        pass
    assert left(engine) == {
        "client_activity": {newest.id, at_work.id},
        "sales_predictions": {older.id, newest.id, at_work.id},
        "purchase_predictions": {older.id, newest.id, at_work.id},
    }
    assert superseded.id not in left(engine)["sales_predictions"]


def test_nothing_is_swept_before_the_first_run_is_published(
    tx: SqlTransactions, versions: tuple[int, int], engine: Engine
) -> None:
    run = begin(tx, versions)
    write(tx, run, rows(tx))
    assert tx.run(lambda uow: uow.predictions.sweep(100)) is False
    assert left(engine) == {table: {run.id} for table in TABLES}


def test_reasons_are_kept_with_the_forecasts_that_they_add_up_to(
    tx: SqlTransactions, versions: tuple[int, int]
) -> None:
    why = [
        {"base": 500, "parts": [["purchases_30d", 3, 420], ["visits_30d", None, -30]], "others": 10},
        {"base": 500, "parts": [["tenure_months", 1.5, -700]], "others": 0, "floor": 200},
    ]
    chances = [{"base": 0.2, "parts": [["ad_clicks", 2, 0.05]], "others": -0.01}] * 2
    table = rows(tx).slice(0, 2)
    for name, told in (("sales_reasons", why), ("purchase_reasons", chances)):
        table = table.append_column(name, pa.array([json.dumps(each) for each in told]))
    run = begin(tx, versions)
    write(tx, run, table)
    publish(tx, run)
    first, second = table["client_id"].to_pylist()
    (known,) = tx.read(lambda uow: uow.predictions.of_client(first, 5))
    assert known.sales_reasons == Explanation(
        base=500,
        parts=(
            Contribution(feature="purchases_30d", value=3, amount=420),
            Contribution(feature="visits_30d", value=None, amount=-30),
        ),
        others=10,
    )
    assert known.purchase_reasons is not None
    assert known.purchase_reasons.parts[0].amount == 0.05
    (floored,) = tx.read(lambda uow: uow.predictions.of_client(second, 5))
    assert floored.sales_reasons is not None
    assert floored.sales_reasons.floor == 200


def test_a_run_is_summed_up(tx: SqlTransactions, versions: tuple[int, int]) -> None:
    run = scored(tx, versions)
    scored(tx, versions, 19_970)
    assert tx.read(lambda uow: uow.predictions.totals(run.id)) == (3, 1800)
    for threshold, clients, buyers in ((0.0, 3, 1.1), (0.25, 2, 1.0), (0.7501, 0, 0.0)):
        found = tx.read(_selected, run.id, threshold)
        assert (found.threshold, found.clients) == (threshold, clients)
        assert found.expected_buyers == pytest.approx(buyers)


def _selected(uow: SqlUnitOfWork, run_id: int, threshold: float) -> Selection:
    return uow.predictions.select(run_id, threshold)


def test_runs_that_were_published_are_listed_newest_first(
    tx: SqlTransactions, versions: tuple[int, int]
) -> None:
    first, second = scored(tx, versions), scored(tx, versions)
    begin(tx, versions)
    assert [run.id for run in tx.read(lambda uow: uow.predictions.runs(10))] == [second.id, first.id]
    assert [run.id for run in tx.read(lambda uow: uow.predictions.runs(1))] == [second.id]
    assert [run.id for run in tx.read(lambda uow: uow.predictions.runs(9, second.id))] == [first.id]
