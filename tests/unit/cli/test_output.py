"""How far work is, on the command line."""

import io

import pytest
from rich.console import Console
from rich.progress import TextColumn

from salesml.cli import output
from salesml.core.jobs import Progress


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(done=12_000, bytes=3_100_000, total_bytes=8_000_000), "12,000 rows, 3.1 of 8.0 MB"),
        (Progress(done=5, total=9_000, unit="clients"), "5 of 9,000 clients"),
        (Progress(done=7), "7 rows"),
    ],
)
def test_an_amount_is_told_in_rows_and_bytes(progress: Progress, words: str) -> None:
    assert output.amount_of(progress) == words


def test_the_bar_of_a_file_moves_by_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(output, "Console", lambda **_: Console(file=screen, force_terminal=True, width=100))
    monkeypatch.setattr(output, "BarColumn", lambda: TextColumn("{task.percentage:.0f}%"))
    with output.progress_bar(quiet=False) as report:
        report(Progress(stage="reading", done=12_000, bytes=2_000_000, total_bytes=8_000_000))
    shown = " ".join(screen.getvalue().split())
    assert "reading 25% 12,000 rows, 2.0 of 8.0 MB" in shown.replace("\x1b[0m", "").replace("\x1b[36m", "")
