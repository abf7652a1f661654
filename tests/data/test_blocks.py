"""Malformed rows are met by one thread and asked for by another; blocks are made ahead of their use."""

from collections.abc import Iterator
from threading import Event, Thread, active_count

import pyarrow as pa
import pytest

from salesml.data.blocks import MALFORMED, Block, MalformedRows, ahead

ROWS = 60_000


def test_no_malformed_row_is_lost_between_the_parser_and_its_reader() -> None:
    met = MalformedRows()

    def parse() -> None:
        for row in range(1, ROWS + 1):
            met.add(row, 2, "short")

    parser = Thread(target=parse)
    parser.start()
    taken: list[int] = []
    while parser.is_alive():
        met.numbers()
        taken += met.take(len(taken) + 500)["row"].to_pylist()
    taken += met.take()["row"].to_pylist()
    assert taken == list(range(1, ROWS + 1))


def block(number: int) -> Block:
    return Block(pa.table({"row": [number]}), MALFORMED.empty_table(), number)


def test_a_block_is_made_while_the_one_before_it_is_worked_on() -> None:
    begun = [Event() for _ in range(4)]

    def made() -> Iterator[Block]:
        for number, event in enumerate(begun):
            event.set()
            yield block(number)

    for number, each in enumerate(ahead(made())):
        assert each.table["row"].to_pylist() == [number]
        assert begun[min(number + 1, 3)].wait(5)
        assert not any(event.is_set() for event in begun[number + 2 :])


def test_an_error_while_reading_ahead_is_raised_in_its_turn() -> None:
    def made() -> Iterator[Block]:
        yield block(1)
        raise ValueError("broken")

    found = ahead(made())
    assert next(found).table.num_rows == 1
    with pytest.raises(ValueError, match="broken"):
        next(found)


def test_whoever_stops_reading_leaves_no_thread() -> None:
    before = active_count()
    found = ahead(block(number) for number in range(100))
    next(found)
    found.close()  # type: ignore[attr-defined]  # it is a generator
    assert active_count() == before
