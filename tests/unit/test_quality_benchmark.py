"""The quality benchmark: what it reads, what it prints, whom it cites."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from benchmarks import quality
from benchmarks.public_sets import SOURCES, PublicSet, sets_in

from salesml.core.days import date_of
from salesml.core.models import Target
from salesml.ml.contest import contenders_for
from salesml.ml.features.engine import labels

pytestmark = pytest.mark.slow
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "quality"
FIRST_DAY, LAST_DAY, AS_OF = 10_000, 10_219, 10_185


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set of 300 clients called cdnow, with two dates, of which the estimators are but the first one."""
    for target in Target:
        first = contenders_for(target)[:1]
        monkeypatch.setattr(quality, "contenders_for", lambda _target, first=first: first)
    rng = np.random.default_rng(4)
    count = 4_000
    client = rng.integers(0, 300, count) * rng.integers(0, 2, count)
    day = rng.integers(FIRST_DAY, LAST_DAY + 1, count)
    day[0] = LAST_DAY
    at = day * 86_400_000_000 + rng.integers(0, 86_400_000_000, count)
    orders = pa.table(
        {
            "order_id": pa.array([str(number) for number in range(count)]),
            "client_id": pa.array([f"c{number}" for number in client]),
            "ordered_at": pa.array(at, pa.timestamp("us")),
            "amount": pa.array(np.round(rng.lognormal(3, 0.5, count), 2)),
        }
    )
    pq.write_table(orders, tmp_path / "orders.parquet")
    dates = [date_of(AS_OF).isoformat(), date_of(AS_OF - 30).isoformat()]
    about = {"cdnow": {"orders": "orders.parquet", "as_of": dates, "note": "made up for a test"}}
    (tmp_path / "windows.json").write_text(json.dumps(about))
    return tmp_path


def test_orders_become_the_history_that_an_import_would_leave(folder: Path) -> None:
    (found,) = sets_in(folder)
    raw = pq.read_table(folder / "orders.parquet")
    assert found.days == (AS_OF - 30, AS_OF)
    assert pc.sum(found.history.orders["amount"]).as_py() == round(100 * pc.sum(raw["amount"]).as_py())
    assert found.history.clients.num_rows == len(pc.unique(raw["client_id"]))
    assert pc.max(found.history.orders["day"]).as_py() == LAST_DAY


def test_the_page_has_a_table_of_means_and_one_of_each_date_and_cites_its_source(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = folder / "benchmarks-quality.md"
    monkeypatch.setattr(quality, "PAGE", page)
    quality.main([str(folder), "--draws", "10"])
    printed = capsys.readouterr().out
    assert not page.exists()
    assert "## CDNOW" in printed
    assert SOURCES["cdnow"].citation in printed
    assert "made up for a test" in printed
    assert printed.count("| model |") == 2 * 3
    means = printed.split("### ")[1].split(" alone:")[0]
    assert "repeat_last_30_days" in means
    assert "<br>" in means
    quality.main([str(folder), "--draws", "10", "--write"])
    assert page.read_text().startswith("# How good the forecasts are on public data")


def test_a_folder_without_windows_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        quality.main([str(tmp_path)])
    assert "there is no windows.json" in capsys.readouterr().err


@pytest.mark.skipif(not SHARED.exists(), reason=f"there is no {SHARED}")
def test_the_public_sets_have_the_totals_that_are_known_of_them(tmp_path: Path) -> None:
    orders = str(SHARED / "data" / "cdnow.parquet")
    windows = {"cdnow": {"orders": orders, "as_of": ["1998-03-02"]}}
    (tmp_path / "windows.json").write_text(json.dumps(windows))
    (found,) = sets_in(tmp_path)
    assert found.currency.code == "USD"
    assert _known(found, found.days[0]) == 23_502


def _known(found: PublicSet, day: int) -> int:
    return int(labels(found.history, [day]).num_rows)
