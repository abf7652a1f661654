"""What files are known by."""

import hashlib
from pathlib import Path

from salesml.core.errors import FileUnreadable


def file_sha256(path: Path) -> str:
    """What a file is known by. Raises FileUnreadable."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileUnreadable("file_failed", file=path.name, reason=error.strerror or str(error)) from None
