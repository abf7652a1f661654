"""Rows per second of `salesml import`, checks included, beside what only loads the same file as text.

`sqlite3 .import` and `psql \\copy` fill a table of four text columns: bare, and with the keys and indexes
that our order table has. pandas reads the file and writes it by `to_sql`. None of them checks anything, knows
clients, keeps who brought what or could be taken back. All are whole commands, their start included; tables
are made before the clock runs.

pandas is no dependency of ours: SALESML_BENCH_PYTHON may name an interpreter that has it, with SQLAlchemy.
"""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from tests.support.postgres_server import NoPostgres, server

ROWS, CLIENTS = 1_000_000, 20_000
ROUNDS = 3
TABLE = "CREATE TABLE orders (order_id text, client_id text, ordered_at text, amount text)"
KEYS = (
    "CREATE UNIQUE INDEX a ON orders (order_id)",
    "CREATE INDEX b ON orders (client_id, ordered_at)",
    "CREATE INDEX c ON orders (ordered_at, amount)",
)
PANDAS = """
import sys, pandas, sqlalchemy
frame = pandas.read_csv(sys.argv[1])
frame.to_sql("orders", sqlalchemy.create_engine(sys.argv[2]), if_exists="replace", index=False)
"""
SQLITE, POSTGRES = "salesml import, SQLite", "salesml import, PostgreSQL"
DOT_IMPORT, COPY, TO_SQL = "sqlite3 .import", "psql \\copy", "pandas to_sql, SQLite"
AIMS = {DOT_IMPORT: 0.6, COPY: 0.7, TO_SQL: 4.0}
_NUMBERS = count()


Work = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Runner:
    """`prepare` gets everything ready and answers the work to be timed; `beside` is which of ours it is
    compared with, None for ours."""

    name: str
    prepare: Callable[[], Work]
    beside: str | None = None


def run() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = _orders(folder / "orders.csv")
        runners = [Runner(name=SQLITE, prepare=lambda: _import(folder, file)), *_of_sqlite(folder, file)]
        try:
            with server() as url:
                _compare([*runners, *_of_postgres(folder, url, file)])
        except NoPostgres as error:
            print(f"PostgreSQL: {error}")
            _compare(runners)


def _compare(runners: list[Runner]) -> None:
    times: dict[str, list[float]] = {runner.name: [] for runner in runners}
    memory = 0
    for _ in range(ROUNDS):
        for runner in runners:
            work = runner.prepare()
            start = time.perf_counter()
            work()
            times[runner.name].append(time.perf_counter() - start)
            memory = memory or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    rate = {name: ROWS / median(taken) for name, taken in times.items()}
    print(f"{ROWS:,} orders, medians of {ROUNDS} rounds; ours had {memory:,} MiB at its peak\n")
    print("| | rows/s | ours beside it | aim |\n|---|---:|---:|---:|")
    for runner in runners:
        ratio = f"{rate[runner.beside] / rate[runner.name]:.2f}" if runner.beside else ""
        print(f"| {runner.name} | {rate[runner.name]:,.0f} | {ratio} | {AIMS.get(runner.name, '')} |")


def _of_sqlite(folder: Path, file: Path) -> list[Runner]:
    found = []
    if shutil.which("sqlite3"):
        for name, keys in ((DOT_IMPORT, ()), (f"{DOT_IMPORT}, with our keys", KEYS)):
            prepare = partial(_dot_import, folder, file, keys)
            found.append(Runner(name=name, prepare=prepare, beside=SQLITE))
    else:
        print("sqlite3 .import: there is no sqlite3 command here")
    python = os.environ.get("SALESML_BENCH_PYTHON", sys.executable)
    probe = subprocess.run([python, "-c", "import pandas"], capture_output=True, check=False)
    if probe.returncode:
        print("pandas to_sql: pandas is not installed; name an interpreter with it in SALESML_BENCH_PYTHON")
        return found
    return [*found, Runner(name=TO_SQL, prepare=partial(_pandas, python, folder, file), beside=SQLITE)]


def _of_postgres(folder: Path, url: str, file: Path) -> list[Runner]:
    ours = Runner(name=POSTGRES, prepare=lambda: _import(folder, file, _database(url)))
    if not shutil.which("psql"):
        print("psql \\copy: there is no psql command here")
        return [ours]
    kinds = ((COPY, ()), (f"{COPY}, with our keys", KEYS))
    return [ours] + [
        Runner(name=name, prepare=partial(_copy, url, file, keys), beside=POSTGRES) for name, keys in kinds
    ]


def _orders(file: Path) -> Path:
    with file.open("w") as out:
        out.write("order_id,client_id,ordered_at,amount\n")
        for number in range(ROWS):
            day = f"2026-{1 + number % 9:02}-{1 + number % 28:02}"
            out.write(f"{number},C{number % CLIENTS},{day}T10:00:00,{number % 500}.25\n")
    return file


def _import(folder: Path, file: Path, url: str | None = None) -> Work:
    data = folder / f"data{next(_NUMBERS)}"
    environment = {**os.environ, "SALESML_DATA_DIR": str(data), "SALESML_SECRET_KEY": "b" * 40}
    environment |= {"SALESML_DATABASE_URL": url} if url else {}

    def salesml(*command: str | Path) -> object:
        arguments = [sys.executable, "-m", "salesml", *command]
        return subprocess.run(arguments, env=environment, check=True, capture_output=True)

    salesml("migrate")
    return partial(salesml, "import", "orders", file, "--yes")


def _dot_import(folder: Path, file: Path, keys: Sequence[str]) -> Work:
    database = folder / f"plain{next(_NUMBERS)}.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in (TABLE, *keys):
            connection.execute(statement)
    return partial(_call, "sqlite3", database, f".import --csv --skip 1 {file} orders")


def _pandas(python: str, folder: Path, file: Path) -> Work:
    return partial(_call, python, "-c", PANDAS, file, f"sqlite:///{folder}/frame{next(_NUMBERS)}.db")


def _database(url: str) -> str:
    """URL of a new database."""
    name = f"bench{next(_NUMBERS)}"
    _psql(url, f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")


def _copy(url: str, file: Path, keys: Sequence[str]) -> Work:
    database = _database(url)
    _psql(database, TABLE, *keys)
    return partial(_psql, database, f"\\copy orders FROM '{file}' CSV HEADER")


def _psql(url: str, *commands: str) -> None:
    _call("psql", "-q", url, *(part for command in commands for part in ("-c", command)))


def _call(program: str, *arguments: str | Path) -> None:
    subprocess.run([shutil.which(program) or program, *arguments], check=True, stdout=subprocess.DEVNULL)
