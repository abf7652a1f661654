"""Temporary files of the tests lie in memory where the machine has room for them.

A new PostgreSQL database is hundreds of small files: 0.03 s in memory, up to a second on a busy disk.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 2 * 2**30
"""Bytes; a run needs less than half of that. Containers often have 64 MB."""


def fast_folder() -> Path | None:
    """A folder in memory, open to every user, if this machine has one with room."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH else None
    except OSError:
        return None


def pytest_configure() -> None:
    """Whoever sets TMPDIR has chosen, and workers have it from the process that starts them."""
    if "TMPDIR" not in os.environ and (folder := fast_folder()):
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None  # found anew
