"""Imports on a bad day: killed at any moment, the disk full, the database gone. No row is lost or doubled.

SALESML_TEST_IMPORTS sets how many imports are killed; each costs some seconds.
"""

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text
from tests.support.commands import Salesml
from tests.support.contents import IMPORTING_SLOWLY, a_file_of_orders, connect, content, stored, undisturbed
from tests.system.test_kill import BOTH, visible

IMPORTS = int(os.environ.get("SALESML_TEST_IMPORTS", "3"))
ROWS = 12_000
PATIENCE_S = 120


@BOTH
def test_imports_that_are_killed_at_random_lose_and_double_nothing(salesml: Salesml, tmp_path: Path) -> None:
    seed = int(os.environ.get("SALESML_TEST_SEED", random.randrange(10**6)))
    sys.stdout.write(f"again with SALESML_TEST_SEED={seed}\n")
    dice = random.Random(seed)
    files = [some_orders(tmp_path / f"{number}.csv", number) for number in range(IMPORTS)]
    before = 0
    for file in files:
        kill_once_begun(salesml, file, dice.uniform(0, 1.2))
        seen = visible(salesml)
        after = salesml.good("import", "orders", file, "--json").json["stored"]["orders"]
        assert seen in (before, after)
        before = after
    peaceful = undisturbed(salesml, tmp_path, [("orders", file) for file in files])
    mine, theirs = content(salesml), content(peaceful)
    assert mine["orders"] == theirs["orders"]
    assert mine["clients"] == theirs["clients"]
    assert firsts(mine) == firsts(theirs)


def some_orders(path: Path, number: int) -> Path:
    """Orders of its own numbers, some of which the file before has as well."""
    a_file_of_orders(path, ROWS)
    head, *lines = path.read_text().splitlines()
    shift = number * (ROWS - 500)
    moved = (line.split(",", 1) for line in lines)
    path.write_text("\n".join([head, *(f"{int(key) + shift},{rest}" for key, rest in moved)]) + "\n")
    return path


def kill_once_begun(salesml: Salesml, file: Path, after_s: float) -> None:
    process = salesml.start("import", "orders", file, "--yes")
    until = time.monotonic() + PATIENCE_S
    with connect(salesml) as connection:
        while process.poll() is None and time.monotonic() < until:
            if stored(connection, "jobs WHERE status = 'running'"):
                break
            time.sleep(0.01)
    time.sleep(after_s)
    process.kill()
    process.communicate()


def firsts(found: dict[str, list[Any]]) -> list[object]:
    """The counts of each file and the rows that it set aside, when it was first imported whole.

    One that was killed when it had just ended was imported a second time by the command after it.
    """
    imports: dict[str, tuple[int, Any]] = {}
    for key, _, state, sha256, counts in found["imports"]:
        if state == "published":
            imports.setdefault(sha256, (key, counts))
    return [
        (sha256, counts, [row[1:] for row in found["rejects"] if row[0] == key])
        for sha256, (key, counts) in imports.items()
    ]


@BOTH
def test_a_full_disk_ends_an_import_with_a_clear_error_and_nothing_half_done(
    salesml: Salesml, tmp_path: Path
) -> None:
    before = a_file_of_orders(tmp_path / "before.csv", 100)
    salesml.good("import", "orders", before)
    file = a_file_of_orders(tmp_path / "orders.csv", 60_000)
    with files_up_to(400_000):
        process = salesml.start("import", "orders", file, "--yes")
    said = process.communicate(timeout=PATIENCE_S * 2)
    assert process.returncode == 1, said
    assert said[1].splitlines()[-1].startswith("salesml: "), said
    with connect(salesml) as connection:
        assert stored(connection, "imports WHERE state = 'published'") == 1
    salesml.good("import", "orders", file, "--yes")
    assert rows(salesml) == rows(undisturbed(salesml, tmp_path, [("orders", before), ("orders", file)]))


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Processes that begin here cannot let a file grow further, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def rows(salesml: Salesml) -> list[tuple[object, ...]]:
    return sorted(content(salesml)["orders"])


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_goes_away_ends_an_import_clearly_and_it_works_again_after(
    salesml: Salesml, tmp_path: Path
) -> None:
    file = a_file_of_orders(tmp_path / "orders.csv", 12_000)
    process = salesml.start("import", "orders", file, "--yes", code=IMPORTING_SLOWLY)
    with connect(salesml) as connection:
        wait_until(lambda: stored(connection, "orders") > 3_000)
    with no_database(salesml):
        said = process.communicate(timeout=PATIENCE_S * 2)
        assert process.returncode == 1, said
        assert said[1].splitlines()[-1].startswith("salesml: postgresql://"), said
    salesml.good("import", "orders", file, "--yes")
    assert rows(salesml) == rows(undisturbed(salesml, tmp_path, [("orders", file)]))


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def no_database(salesml: Salesml) -> Iterator[None]:
    """The database takes no connection, and those that it had are cut."""
    url = make_url(salesml.environment["SALESML_DATABASE_URL"]).set(drivername="postgresql+psycopg")
    engine = create_engine(url.set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false'))
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(cut), {"name": url.database})
        try:
            yield
        finally:
            connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true'))
