"""How far work is, in words and as a share."""

from datetime import UTC, datetime

import pytest

from salesml.core.jobs import Job, JobKind, JobStatus, Progress
from salesml.web.i18n import language
from salesml.web.work_texts import percent_of, stage_of

READING = Progress(stage="reading", done=12_000, bytes=3_100_000, total_bytes=8_000_000)


def _running(progress: Progress) -> Job:
    return Job(
        id=1,
        kind=JobKind.IMPORT,
        status=JobStatus.RUNNING,
        args={},
        unique_key=None,
        owner="worker",
        token=1,
        lease_until=None,
        attempts=1,
        progress=progress,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        created_by="ann",
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "reading the file: 12,000 rows, 3.1 of 8.0 MB"),
        ("pl", "odczyt pliku: 12\u00a0000 wierszy, 3,1 z 8,0 MB"),
    ],
)
def test_a_file_that_is_read_tells_rows_and_megabytes(code: str, words: str) -> None:
    assert stage_of(language(code), _running(READING)) == words


def test_a_file_that_is_read_is_done_by_its_bytes() -> None:
    assert percent_of(_running(READING)) == 38.8  # 3.1 of 8
    storing = Progress(stage="storing", done=1, total=4)
    assert percent_of(_running(storing)) == 25.0
    assert percent_of(_running(Progress(stage="fetching", done=7))) is None
