"""Joins settings, engine, transactions, file reader and model files: the only place that does."""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

import pyarrow as pa

from salesml.core.errors import InstallationMismatch
from salesml.core.exports import ExportFormat
from salesml.core.imports import ImportKind
from salesml.core.installation import Installation
from salesml.core.money import Currency
from salesml.data.databases import extract, safe_address
from salesml.data.descriptions import describe_file
from salesml.data.exports import check_export, format_of, nameless, replacing, write_scores, writing
from salesml.data.rates import read_rates
from salesml.data.reader import FileReader as ArrowFileReader
from salesml.data.records import check_records
from salesml.data.scratch import sweep as sweep_scratch
from salesml.data.simulated_shop import simulate, write
from salesml.data.webhooks import read_delivery
from salesml.db.engine import make_engine
from salesml.db.schema import check_current
from salesml.db.schema import migrate as migrate_schema
from salesml.db.transactions import AsyncTransactions as SqlAsyncTransactions
from salesml.db.transactions import SqlTransactions
from salesml.ml.artifacts import SignedModelStore
from salesml.ml.features.engine import Resources
from salesml.secrets import derive_key, load_secret
from salesml.services import installation
from salesml.services.ports.exports import TableWriter
from salesml.services.ports.files import FileReader
from salesml.services.ports.models import ModelStore
from salesml.services.ports.rates import RateReader
from salesml.services.ports.records import RecordChecker
from salesml.services.ports.reports import FileDescriber
from salesml.services.ports.sources import Extractor
from salesml.services.ports.unit_of_work import AsyncTransactions, Transactions
from salesml.services.ports.webhooks import DeliveryReader
from salesml.services.tokens import AccessTokens
from salesml.settings import Settings

_ID_FILE = "installation-id"
_EXPORTS = "exports"


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything that entry layers and jobs work with."""

    settings: Settings
    tx: Transactions
    asynchronous: Callable[[int], AsyncTransactions]
    """The same transactions for coroutines, in so many threads; close it at the end."""
    check_schema: Callable[[], None]
    """Raises NotMigrated or DatabaseUnavailable unless the database can be used now."""
    access_tokens: AccessTokens
    reader: FileReader
    describe_file: FileDescriber
    check_records: RecordChecker
    read_rates: RateReader
    read_delivery: DeliveryReader
    extract: Extractor
    safe_address: Callable[[str], str]
    """An address of a foreign database without its password."""
    models: ModelStore
    resources: Resources
    """What computing features may use."""
    check_export: Callable[[Path], None]
    export_format: Callable[[Path], ExportFormat]
    """By a file's name. Raises InvalidValue."""
    write_table: TableWriter
    nameless_file: Callable[[], AbstractContextManager[IO[bytes]]]
    """A file that is gone with this process."""
    replacing_file: Callable[[Path], AbstractContextManager[IO[bytes]]]
    """A file that appears whole, or not at all."""
    sweep_exports: Callable[[], None]
    """Removes what killed exports left."""
    write_scores: Callable[[pa.Table, Path, Currency], None]


@contextmanager
def open_app(settings: Settings) -> Iterator[App]:
    """The application on a migrated database; closes its connections at the end.

    Raises NotMigrated, InstallationMismatch, SettingsInvalid.
    """
    secret = load_secret(settings)
    engine = make_engine(settings.url)
    try:
        check_current(engine)
        tx = SqlTransactions(engine, erased_digest=_digest(derive_key(secret, "erased clients")))
        here = tx.read(installation.verify, currency=settings.currency, timezone=settings.timezone)
        _check_folder(settings, here)
        yield App(
            settings=settings,
            tx=tx,
            asynchronous=partial(SqlAsyncTransactions, tx),
            check_schema=partial(check_current, engine),
            access_tokens=AccessTokens(derive_key(secret, "tokens"), installation_id=here.id),
            reader=ArrowFileReader(),
            describe_file=describe_file,
            check_records=check_records,
            read_rates=read_rates,
            read_delivery=read_delivery,
            extract=extract,
            safe_address=safe_address,
            resources=Resources(memory_mb=settings.memory_mb, temp_folder=settings.temp_dir),
            models=SignedModelStore(settings.data_dir / "models", derive_key(secret, "model files")),
            check_export=check_export,
            export_format=format_of,
            write_table=partial(writing, folder=settings.data_dir / _EXPORTS),
            nameless_file=partial(nameless, settings.data_dir / _EXPORTS),
            replacing_file=replacing,
            sweep_exports=partial(sweep_scratch, settings.data_dir / _EXPORTS),
            write_scores=write_scores,
        )
    finally:
        engine.dispose()


def migrate(settings: Settings) -> Installation:
    """Bring the database to this version and tie the data folder to it; safe to repeat.

    Raises InstallationMismatch when the folder belongs to another database.
    """
    load_secret(settings)
    engine = make_engine(settings.url)
    try:
        migrate_schema(engine)
        here = SqlTransactions(engine).run(
            installation.initialise,
            currency=settings.currency,
            timezone=settings.timezone,
            now=datetime.now(UTC),
        )
    finally:
        engine.dispose()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = settings.data_dir / _ID_FILE
    if not file.exists():
        file.write_text(here.id + "\n")
    _check_folder(settings, here)
    return here


def _check_folder(settings: Settings, here: Installation) -> None:
    file = settings.data_dir / _ID_FILE
    found = file.read_text().strip() if file.exists() else None
    if found is None:
        raise InstallationMismatch(
            f"SALESML_DATA_DIR {settings.data_dir} is not tied to this database yet; run: salesml migrate"
        )
    if found != here.id:
        raise InstallationMismatch(
            f"SALESML_DATA_DIR {settings.data_dir} belongs to another database than SALESML_DATABASE_URL"
        )


def _digest(key: bytes) -> Callable[[str, str], bytes]:
    def digest(source: str, external_id: str) -> bytes:
        return hmac.new(key, f"{len(source)}:{source}:{external_id}".encode(), hashlib.sha256).digest()

    return digest


def simulate_shop(folder: Path, *, seed: int, last_day: int, currency: Currency) -> Mapping[ImportKind, Path]:
    """Write the files of a made-up shop into a folder, in the order in which to import them."""
    clients, orders, activity = write(simulate(seed=seed, last_day=last_day, currency=currency), folder)
    return {ImportKind.CLIENTS: clients, ImportKind.ORDERS: orders, ImportKind.ACTIVITY: activity}
