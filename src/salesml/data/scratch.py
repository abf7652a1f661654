"""Folders for what is only gathered on the way: gone at the end, and known as left over after a kill."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_LOCK = "lock"


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """A new folder inside `root`, locked as long as this process works in it."""
    folder = root / str(uuid4())
    folder.mkdir(parents=True, mode=0o700)
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove the folders inside `root` whose processes were killed."""
    for folder in root.iterdir() if root.is_dir() else ():
        with suppress(OSError), (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
