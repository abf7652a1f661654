"""`salesml migrate`."""

from salesml import wiring
from salesml.cli.output import print_line
from salesml.settings import load_settings


def migrate() -> None:
    """Create the database or bring it to this version. Safe to repeat; run it after every upgrade."""
    here = wiring.migrate(load_settings())
    print_line(f"database is ready: currency {here.currency.code}, time zone {here.timezone}")
