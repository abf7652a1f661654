"""`salesml import --preview`: how files are understood, and what importing them would do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from salesml.api.schemas.previews import PreviewOut
from salesml.cli.output import Column, counted, print_json, print_line, print_table, progress_bar
from salesml.core.files import FileReading
from salesml.core.import_requests import ImportRequest
from salesml.core.previews import Preview
from salesml.jobs.previews import look
from salesml.services import installation
from salesml.wiring import App

_SHOWN = 5


def show_previews(
    app: App, asked: Sequence[ImportRequest], readings: Mapping[Path, FileReading], *, as_json: bool
) -> None:
    """Count what each import would do on top of what is stored now; nothing is written."""
    here = app.tx.read(installation.current)
    shown: list[dict[str, Any]] = []
    for request in asked:
        reading, preview = readings[request.path], _counted(app, request, quiet=as_json)
        told = PreviewOut.of(preview, here.currency).model_dump(mode="json", exclude={"reading"})
        shown.append({"file": request.path.name, **asdict(reading), **told})
        if not as_json:
            show_readings({request.path: reading})
            _show_rows(request.path, reading)
            _show_counts(preview, f"{here.currency.to_major(preview.counts.net):,} {here.currency.code}")
    if as_json:
        print_json(shown[0] if len(shown) == 1 else shown)


def show_readings(readings: Mapping[Path, FileReading]) -> None:
    """How files are understood, line by line."""
    for path, reading in readings.items():
        if len(readings) > 1:
            print_line(f"{path.name}:")
        for note in reading.notes:
            print_line(note)


def outcome(counts: Mapping[str, Any]) -> str:
    """What became, or would become, of rows."""
    said = {
        "accepted": "added",
        "changed": "changed",
        "repeated": "already there",
        "guests": "of guests",
        "erased": "of erased clients skipped",
        "new_clients": "new clients",
    }
    return ", ".join(
        f"{counts[key]:,} {words}" for key, words in said.items() if counts[key] or key == "accepted"
    )


def _counted(app: App, request: ImportRequest, *, quiet: bool) -> Preview:
    staging = app.settings.data_dir / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="look-", dir=staging) as folder, progress_bar(quiet=quiet) as report:
        return look(app, request, Path(folder) / "staged", asked_at=datetime.now(UTC), show=report)[0]


def _show_rows(path: Path, reading: FileReading) -> None:
    columns = [Column(title=name) for name in reading.columns]
    rows = [[cell or "" for cell in row] for row in reading.sample[:_SHOWN]]
    print_table(f"First rows of {path.name}", columns, rows)


def _show_counts(preview: Preview, net: str) -> None:
    counts = preview.counts
    print_line(f"{counts.rows:,} rows read; an import now would do: {outcome(vars(counts))}, net {net}")
    if preview.reasons:
        print_line(f"set aside: {counts.rejected:,} rows ({counted(preview.reasons)})")
