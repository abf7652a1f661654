"""A CSV of orders into SQLite, checks included, beside a bare `executemany` of the same rows.

The yardstick reads the file with the csv module and inserts text: no check, no client, no key, one index
less. It is what a careful script of ten lines would do.
"""

import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import interleaved, show

ROWS, CLIENTS = 200_000, 20_000
ROUNDS = 3


def run() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = _orders(folder / "orders.csv")
        number = iter(range(ROUNDS * 2))
        ours, theirs = interleaved(
            lambda: _import(folder / f"data{next(number)}", file),
            lambda: _executemany(folder / f"plain{next(number)}.db", file),
            ROUNDS,
        )
    show(f"import of {ROWS:,} orders, start of the command included", ours, "bare executemany", theirs)


def _orders(file: Path) -> Path:
    with file.open("w") as out:
        out.write("order_id,client_id,ordered_at,amount\n")
        for number in range(ROWS):
            day = f"2026-{1 + number % 9:02}-{1 + number % 28:02}"
            out.write(f"{number},C{number % CLIENTS},{day}T10:00:00,{number % 500}.25\n")
    return file


def _import(data: Path, file: Path) -> None:
    environment = {**os.environ, "SALESML_DATA_DIR": str(data), "SALESML_SECRET_KEY": "b" * 40}
    for command in (["migrate"], ["import", "orders", str(file), "--yes"]):
        subprocess.run(
            [sys.executable, "-m", "salesml", *command], env=environment, check=True, capture_output=True
        )


def _executemany(database: Path, file: Path) -> None:
    with sqlite3.connect(database) as connection, file.open() as source:
        connection.execute("CREATE TABLE orders (order_id, client_id, ordered_at, amount)")
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", list(csv.reader(source))[1:])
