"""Ctrl-C in the middle of an import: it ends soon, says so, and leaves nothing."""

import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.commands import Salesml
from tests.support.contents import IMPORTING_SLOWLY, a_file_of_orders, connect, stored
from tests.system.test_kill import BOTH, PATIENCE_S


@BOTH
@pytest.mark.parametrize("rows_before", [0, 3_000])
def test_an_import_that_is_interrupted_is_taken_back(
    salesml: Salesml, tmp_path: Path, rows_before: int
) -> None:
    file = a_file_of_orders(tmp_path / "orders.csv", 12_000)
    process = salesml.start("import", "orders", file, code=IMPORTING_SLOWLY)
    until = time.monotonic() + PATIENCE_S
    reached = False
    with connect(salesml) as connection:
        while not reached and time.monotonic() < until:
            begun = stored(connection, "jobs WHERE status = 'running'") == 1
            reached = begun and stored(connection, "orders") >= rows_before
            time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, said
    assert "salesml: cancelled; nothing of it is kept" in said
    with connect(salesml) as connection:
        assert stored(connection, "orders") == 0
        assert connection.execute(text("SELECT status FROM jobs")).scalars().all() == ["cancelled"]
    salesml.good("import", "orders", file)
