"""One block of text rows becomes typed good rows and rows set aside, column by column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from salesml.core.clients import normal_email
from salesml.core.days import FIRST_DAY
from salesml.data.clock import ShopClock
from salesml.data.codes import MAX_RAW, WORDS, Problem
from salesml.data.plan import Plan
from salesml.data.schemas import REFUSED
from salesml.data.sql import pipeline

MONEY = (pa.field("amount", pa.int64()), pa.field("currency", pa.string()))
BAD = pa.schema([*REFUSED, pa.field("order_id", pa.string()), *MONEY])
"""Rows set aside, with the order that each belongs to and its money, as far as they are known."""
UNKNOWN_MONEY = frozenset({"no_rate", "not_a_currency"})
"""Of what currency an amount is cannot be told with these codes."""
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
        self.con.register("raw", _normalised(table, self.plan.emails))
        typed = self.con.sql(self._query()).to_arrow_table()
        typed, issue = self._with_moments(typed)
        typed, issue = self._with_more_moments(typed, issue)
        self.con.unregister("raw")
        if typed.num_rows < table.num_rows:
            table = table.filter(pc.is_in(table["row"], value_set=typed["row"].combine_chunks()))
        good = typed.filter(pa.array(issue == 0)).drop_columns(["issue", "wall", "zone"])
        return good, self._bad(table, typed, issue)

    def _query(self) -> str:
        cases = " ".join(
            f"WHEN {problem.when} THEN {number}" for number, problem in enumerate(self.plan.problems, 1)
        )
        outputs = ", ".join(f"{expression} AS {name}" for name, expression in self.plan.outputs.items())
        source = pipeline("raw", self.plan.steps)
        named = f"SELECT row, {outputs}, wall, zone, CASE {cases} ELSE 0 END AS issue"
        return f"{named} FROM {source}{self._kept()}"

    def _with_moments(self, typed: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Put instant and day in, and find days that are too late or too early."""
        known, instants, days = self._instants(typed)
        issue = typed["issue"].to_numpy().astype(np.int64)
        first = len(self.plan.problems) + 1
        issue = np.where((issue == 0) & known & (days > self.last_day), first, issue)
        issue = np.where((issue == 0) & known & (days < FIRST_DAY), first + 1, issue)
        if self.plan.instant:
            typed = typed.append_column(self.plan.instant, pa.array(instants, mask=~known))
        # A day far out of reach does not fit 32 bits; it is set aside just now.
        believed = np.where(issue == 0, days, 0).astype(np.int32)
        return typed.append_column(self.plan.day, pa.array(believed, mask=~known)), issue

    def _instants(self, read: pa.Table) -> tuple[Any, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Which rows of `wall` and `zone` are known, their instants and their days."""
        known = read["wall"].is_valid().to_numpy()
        wall, zone = (pc.fill_null(read[name], 0).to_numpy() for name in ("wall", "zone"))
        zoned = read["zone"].is_valid().to_numpy() | self.plan.utc
        instants = np.where(zoned, wall - zone, self.clock.instants(wall))
        return known, instants, self.clock.days(instants)

    def _with_more_moments(
        self, typed: pa.Table, issue: npt.NDArray[np.int64]
    ) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Put the plan's further moments in, and find values that are no dates or not believed."""
        for number, (name, steps) in enumerate(self.plan.moments.items(), len(self.plan.problems) + 3):
            query = f"SELECT {name} IS NOT NULL AS given, wall, zone FROM {pipeline('raw', steps)}"
            read = self.con.sql(query + self._kept()).to_arrow_table()
            known, instants, days = self._instants(read)
            wrong = read["given"].to_numpy() & (~known | (days > self.last_day) | (days < FIRST_DAY))
            issue = np.where((issue == 0) & wrong, number, issue)
            believed = np.where(known & ~wrong, days, 0).astype(np.int32)
            typed = typed.append_column(name, pa.array(instants, mask=~known))
            typed = typed.append_column(f"{name}_day", pa.array(believed, mask=~known))
        return typed, issue

    def _kept(self) -> str:
        return f" WHERE NOT ({self.plan.skip})" if self.plan.skip else ""

    def _bad(self, table: pa.Table, typed: pa.Table, issue: npt.NDArray[np.int64]) -> pa.Table:
        late = [Problem(field=self.plan.moment, code=code, when="") for code in ("future", "too_old")]
        more = [Problem(field=name, code="not_a_date", when="") for name in self.plan.moments]
        parts = []
        for number, problem in enumerate([*self.plan.problems, *late, *more], 1):
            chosen = pa.array(issue == number)
            if pc.any(chosen).as_py():
                parts.append(_described(problem, table.filter(chosen), typed.filter(chosen)))
        return pa.concat_tables(parts).sort_by("row") if parts else BAD.empty_table()


def _trimmed(table: pa.Table) -> pa.Table:
    """Without outer white space of any kind; DuckDB's own trim of more than blanks is four times slower."""
    texts = {name: pc.utf8_trim_whitespace(table[name]) for name in table.column_names if name != "row"}
    return pa.table({"row": table["row"], **texts})


def _normalised(table: pa.Table, emails: Sequence[str]) -> pa.Table:
    """With the addresses of e-mail columns as they are compared; few of them are not ASCII."""
    for name in emails:
        place = table.column_names.index(f"raw_{name}")
        values = pc.utf8_lower(table.column(place))
        foreign = pc.fill_null(pc.invert(pc.string_is_ascii(values)), False).combine_chunks()
        if pc.any(foreign).as_py():
            plain = [normal_email(value) for value in table.column(place).filter(foreign).to_pylist()]
            values = pc.replace_with_mask(values, foreign, pa.array(plain, pa.string()))
        table = table.set_column(place, f"raw_{name}", values)
    return table


def _described(problem: Problem, rows: pa.Table, typed: pa.Table) -> pa.Table:
    """Rows with one problem: the words, followed by the value; and what else was understood of them."""
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
            typed["order_id"] if "order_id" in typed.column_names else pa.nulls(size, pa.string()),
            *_money(problem, typed),
        ],
        schema=BAD,
    )


def _money(problem: Problem, typed: pa.Table) -> tuple[Any, Any]:
    """What the rows of orders count, less what of it went back, and their currency."""
    if "amount" not in typed.column_names or problem.code in UNKNOWN_MONEY:
        return pa.nulls(typed.num_rows, pa.int64()), pa.nulls(typed.num_rows, pa.string())
    amount = typed["amount"]
    if "taken_back" in typed.column_names:
        amount = pc.subtract(amount, pc.fill_null(typed["taken_back"], 0))
    return amount, pc.if_else(typed["original_amount"].is_null(), typed["currency"], None)


def malformed_table(rows: pa.Table, columns: int, keys: Sequence[str | None] | None) -> pa.Table:
    """Rows that have another number of fields than the header, in the schema BAD, with their orders."""
    size = rows.num_rows
    found = rows["fields"].cast(pa.string())
    end = pa.scalar(f", not {columns}")
    counted = pc.binary_join_element_wise(pa.scalar(f"{WORDS['malformed_row']}: "), found, end, "")
    said = pc.coalesce(rows["words"], counted)
    return pa.table(
        [
            rows["row"],
            _constant("row", size),
            _constant("malformed_row", size),
            said,
            pc.utf8_slice_codeunits(rows["text"], 0, MAX_RAW),
            pa.array(keys, pa.string()) if keys is not None else pa.nulls(size, pa.string()),
            *(pa.nulls(size, each.type) for each in MONEY),
        ],
        schema=BAD,
    )


def _constant(text: str, size: int) -> Any:
    return pa.repeat(pa.scalar(text, pa.string()), size)
