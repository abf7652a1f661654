"""Importing a file as the command line does, without its process."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from salesml.core.files import ReadingOptions
from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportKind
from salesml.jobs.files import file_sha256
from salesml.jobs.runner import run_in_foreground
from salesml.services import import_requests
from salesml.wiring import App


def bring(
    app: App, path: Path, *, kind: ImportKind = ImportKind.ORDERS, source: str = "default", **options: Any
) -> Mapping[str, Any]:
    """Import a file and answer the job's result."""
    request = ImportRequest(
        path=path, kind=kind, source=source, sha256=file_sha256(path), options=ReadingOptions(**options)
    )
    job = app.tx.run(import_requests.import_file, request, actor="test", now=datetime.now(UTC))
    return run_in_foreground(app, job, lambda _: None).result or {}
