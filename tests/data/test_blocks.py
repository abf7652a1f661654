"""Malformed rows are met by one thread and asked for by another."""

from threading import Thread

from salesml.data.blocks import MalformedRows

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
