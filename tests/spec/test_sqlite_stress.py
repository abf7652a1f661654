"""Two processes write one SQLite file while it is read from everywhere; nothing committed may be lost.

A second SQLite library in one process, such as the one in ADBC's wheel, drops the process's file locks
when it closes the file: two writers then overwrite each other's committed rows.
"""

import sqlite3
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.support import stress

SECONDS = 6


def test_no_committed_row_is_lost_while_features_are_read(sqlite_url: str, tmp_path: Path) -> None:
    context = get_context("spawn")
    with ProcessPoolExecutor(
        3, mp_context=context, initializer=stress.prepare, initargs=(context.Barrier(3),)
    ) as pool:
        writers = [pool.submit(stress.write, sqlite_url, name, SECONDS) for name in ("left", "right")]
        reader = pool.submit(stress.read, sqlite_url, SECONDS)
        committed = [number for writer in writers for number in writer.result(timeout=60)]
        seen = reader.result(timeout=60)
    with sqlite3.connect(tmp_path / "salesml.db") as connection:
        found = [row[0] for row in connection.execute("SELECT order_id FROM orders")]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert sorted(found) == sorted(committed)
    assert {number.split("-")[0] for number in committed} == {"left", "right"}
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert all(orders == purchases and orders % stress.ROWS == 0 for orders, purchases in seen)
