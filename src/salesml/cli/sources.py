"""`salesml import --from`: rows of a foreign database become a file, which is then imported as any other."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from salesml.cli.output import progress_bar
from salesml.core.errors import InvalidValue
from salesml.core.imports import ImportKind
from salesml.core.jobs import Progress
from salesml.core.sources import Question, position_key
from salesml.jobs.sources import Fetched, fetch, file_name
from salesml.jobs.spool import FOLDER
from salesml.wiring import App

From = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Read a database instead of files: a name of SALESML_SOURCES, postgresql://..., or a file of "
        "SQLite, DuckDB or Parquet (with * for several).",
    ),
]
Query = Annotated[
    str | None, typer.Option(help="What to ask it, as one SELECT; rows of Parquet files are the table data.")
]
WatermarkColumn = Annotated[
    str | None,
    typer.Option(
        "--watermark",
        help="A column that only grows, as updated_at: the next run of this command reads from its largest "
        "value on. :watermark in the query stands for that value.",
    ),
]
Since = Annotated[
    str | None, typer.Option(help="Where the first run begins; without it, that one reads everything.")
]
_PARQUET = "SELECT * FROM data"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command line says of a foreign database."""

    address: str
    query: str | None
    watermark: str | None
    since: str | None

    @staticmethod
    def of(
        address: str | None, query: str | None, watermark: str | None, since: str | None, files: list[Path]
    ) -> "Asked | None":
        """None without `--from`. Raises InvalidValue for options that do not go together."""
        if address is None:
            if query is not None or watermark is not None or since is not None:
                raise InvalidValue("--from", "is missing: --query, --watermark and --since belong to it")
            if not files:
                raise InvalidValue("FILES", "name files to import, or a database by --from")
            return None
        if files:
            raise InvalidValue("--from", "reads a database; leave the files out")
        return Asked(address=address, query=query, watermark=watermark, since=since)


@contextmanager
def fetched(
    app: App, asked: Asked | None, kind: ImportKind, source: str, *, quiet: bool
) -> Iterator[Fetched | None]:
    """The rows as a file that is gone at the end; None when no database is asked. Raises SourceRefused."""
    if asked is None:
        yield None
        return
    known = app.settings.sources.get(asked.address)
    address = asked.address if known is None else known.get_secret_value()
    if asked.query is None and not address.endswith((".parquet", ".pq", "*", "/")):
        raise InvalidValue("--query", "is missing: what to ask the database, as one SELECT")
    question = Question(query=asked.query or _PARQUET, watermark=asked.watermark, since=asked.since)
    told = asked.address if known is not None else app.safe_address(address)
    folder = app.settings.data_dir.absolute() / FOLDER / str(uuid4())
    try:
        with progress_bar(quiet=quiet) as report:
            found = fetch(
                app,
                address,
                question,
                position_key(kind, source, told, question),
                folder / file_name(told),
                lambda rows: report(Progress(stage="fetching", done=rows)),
            )
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)
