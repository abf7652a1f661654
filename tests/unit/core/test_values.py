"""Small values of the core: coverage, counts, names."""

from hypothesis import given
from hypothesis import strategies as st

from salesml.core.activity import Coverage
from salesml.core.imports import ImportCounts

counts = st.builds(ImportCounts, **dict.fromkeys(vars(ImportCounts()), st.integers(0, 10**9)))


def test_a_window_is_known_only_when_all_its_days_are_covered() -> None:
    coverage = Coverage(metric="visits", first_day=10, last_day=20)
    assert coverage.holds(10, 20)
    assert coverage.holds(15, 15)
    assert not coverage.holds(9, 20)
    assert not coverage.holds(10, 21)


@given(st.lists(counts, max_size=5))
def test_counts_of_chunks_add_up_in_any_order(chunks: list[ImportCounts]) -> None:
    forwards = backwards = ImportCounts()
    for chunk in chunks:
        forwards = forwards.plus(chunk)
    for chunk in reversed(chunks):
        backwards = chunk.plus(backwards)
    assert forwards == backwards
    for name, total in vars(forwards).items():
        assert total == sum(vars(chunk)[name] for chunk in chunks)
