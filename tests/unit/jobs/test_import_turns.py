"""How many rows of an import go into one transaction."""

from salesml.jobs import imports


def test_a_turn_grows_to_what_half_a_second_holds_but_only_doubles_at_once() -> None:
    assert imports._next_size(8_000, rows_per_s=1_000_000) == 16_000
    assert imports._next_size(30_000, rows_per_s=80_000) == 40_000
    assert imports._next_size(60_000, rows_per_s=1_000_000) == imports.CHUNK


def test_a_turn_shrinks_at_once_where_the_machine_is_slow_but_never_to_nothing() -> None:
    assert imports._next_size(60_000, rows_per_s=10_000) == 5_000
    assert 0 < imports._next_size(60_000, rows_per_s=1) <= 5_000
