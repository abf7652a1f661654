"""`salesml worker` whose jobs store little at a time, so that one killed on the way is not at its end."""

from unittest.mock import patch

from salesml.cli.main import run
from salesml.jobs import scoring

CODE = f"from {__name__} import start; start()"


def start() -> None:
    """The command; what it calls first runs first in the process of each job, too."""
    with patch("salesml.cli.worker.configure_logs", _store_little):
        run()


def _store_little(_: str) -> None:
    scoring.CHUNK = 100
