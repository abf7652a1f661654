"""One block of text rows becomes typed good rows and rows set aside, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.days import FIRST_DAY
from salesml.data.clock import ShopClock
from salesml.data.codes import MAX_RAW, WORDS, Problem
from salesml.data.plan import Plan
from salesml.data.schemas import REJECTED
from salesml.data.sql import pipeline

BAD = REJECTED.append(pa.field("order_id", pa.string()))
"""Rows set aside, with the order that each belongs to, as far as it is known."""
SHOWN_IN_REASON = 60


@dataclass(frozen=True, kw_only=True)
class Checker:
    """Checks blocks by a plan; a day after `last_day` is not believed."""

    con: duckdb.DuckDBPyConnection
    plan: Plan
    clock: ShopClock
    last_day: int

    def check(self, table: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Good rows with the plan's outputs, and bad rows in the schema BAD; both in file order."""
        table = _trimmed(table)
        self.con.register("raw", table)
        typed = self.con.sql(self._query()).to_arrow_table()
        self.con.unregister("raw")
        typed, issue = self._with_moments(typed)
        good = typed.filter(pa.array(issue == 0)).drop_columns(["issue", "wall", "zone"])
        return good, self._bad(table, typed, issue)

    def _query(self) -> str:
        cases = " ".join(
            f"WHEN {problem.when} THEN {number}" for number, problem in enumerate(self.plan.problems, 1)
        )
        outputs = ", ".join(f"{expression} AS {name}" for name, expression in self.plan.outputs.items())
        source = pipeline("raw", self.plan.steps)
        return f"SELECT row, {outputs}, wall, zone, CASE {cases} ELSE 0 END AS issue FROM {source}"

    def _with_moments(self, typed: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Put instant and day in, and find days that are too late or too early."""
        known = typed["wall"].is_valid().to_numpy()
        wall, zone = (pc.fill_null(typed[name], 0).to_numpy() for name in ("wall", "zone"))
        zoned = typed["zone"].is_valid().to_numpy()
        instants = np.where(zoned, wall - zone, self.clock.instants(wall))
        days = self.clock.days(instants)
        issue = typed["issue"].to_numpy().astype(np.int64)
        first = len(self.plan.problems) + 1
        issue = np.where((issue == 0) & known & (days > self.last_day), first, issue)
        issue = np.where((issue == 0) & known & (days < FIRST_DAY), first + 1, issue)
        if self.plan.instant:
            typed = typed.append_column(self.plan.instant, pa.array(instants, mask=~known))
        # A day far out of reach does not fit 32 bits; it is set aside just now.
        believed = np.where(issue == 0, days, 0).astype(np.int32)
        return typed.append_column(self.plan.day, pa.array(believed, mask=~known)), issue

    def _bad(self, table: pa.Table, typed: pa.Table, issue: npt.NDArray[np.int64]) -> pa.Table:
        late = [Problem(field=self.plan.moment, code=code, when="") for code in ("future", "too_old")]
        parts = []
        for number, problem in enumerate([*self.plan.problems, *late], 1):
            chosen = pa.array(issue == number)
            if pc.any(chosen).as_py():
                keys = typed["order_id"] if "order_id" in typed.column_names else None
                parts.append(_described(problem, table.filter(chosen), keys and keys.filter(chosen)))
        return pa.concat_tables(parts).sort_by("row") if parts else BAD.empty_table()


def _trimmed(table: pa.Table) -> pa.Table:
    """Without outer white space of any kind; DuckDB's own trim of more than blanks is four times slower."""
    texts = {name: pc.utf8_trim_whitespace(table[name]) for name in table.column_names if name != "row"}
    return pa.table({"row": table["row"], **texts})


def _described(problem: Problem, rows: pa.Table, keys: Any) -> pa.Table:
    """Rows with one problem: the words, followed by the value."""
    raw = pc.utf8_slice_codeunits(rows[f"raw_{problem.field}"].cast(pa.string()), 0, MAX_RAW)
    shown = pc.utf8_slice_codeunits(raw, 0, SHOWN_IN_REASON)
    said = pc.binary_join_element_wise(pa.scalar(problem.reason), shown, ": ")
    reason = pc.if_else(pc.equal(pc.fill_null(shown, ""), ""), problem.reason, said)
    size = rows.num_rows
    return pa.table(
        [
            rows["row"],
            _constant(problem.field, size),
            _constant(problem.code, size),
            reason,
            raw,
            keys if keys is not None else pa.nulls(size, pa.string()),
        ],
        schema=BAD,
    )


def malformed_table(rows: pa.Table, columns: int, keys: Sequence[str | None] | None) -> pa.Table:
    """Rows that have another number of fields than the header, in the schema BAD, with their orders."""
    size = rows.num_rows
    found = rows["fields"].cast(pa.string())
    end = pa.scalar(f", not {columns}")
    said = pc.binary_join_element_wise(pa.scalar(f"{WORDS['malformed_row']}: "), found, end, "")
    return pa.table(
        [
            rows["row"],
            _constant("row", size),
            _constant("malformed_row", size),
            said,
            pc.utf8_slice_codeunits(rows["text"], 0, MAX_RAW),
            pa.array(keys, pa.string()) if keys is not None else pa.nulls(size, pa.string()),
        ],
        schema=BAD,
    )


def _constant(text: str, size: int) -> Any:
    return pa.repeat(pa.scalar(text, pa.string()), size)
