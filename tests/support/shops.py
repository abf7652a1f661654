"""Small made-up shops for tests, as the files that an importer reads."""

from datetime import date
from pathlib import Path

from salesml.core.days import epoch_day
from salesml.data.simulated_shop import simulate, write

LAST_DAY = epoch_day(date(2026, 9, 30))


def small_shop(folder: Path, *, clients: int = 600, months: int = 10, seed: int = 7) -> dict[str, Path]:
    """Files by kind of import; the newest day is LAST_DAY."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = write(simulate(seed=seed, last_day=LAST_DAY, clients=clients, months=months), folder)
    return dict(zip(("clients", "orders", "activity"), paths, strict=True))
