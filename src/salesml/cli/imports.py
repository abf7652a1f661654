"""`salesml import`."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from salesml.cli.output import Json, actor, counted, print_error, print_json, print_line, refusals_as_json
from salesml.cli.previews import outcome, show_previews, show_readings
from salesml.cli.sources import Asked, From, Query, Since, WatermarkColumn, fetched
from salesml.cli.work import run_job
from salesml.core.clients import DEFAULT_SOURCE
from salesml.core.errors import FileRefused, InvalidValue, JobFailed
from salesml.core.files import ReadingOptions
from salesml.core.import_requests import ImportRequest
from salesml.core.imports import ImportCounts, ImportKind, RejectedRow
from salesml.jobs.files import file_sha256
from salesml.jobs.sources import Fetched
from salesml.services import import_requests, imports, installation, mappings, orders
from salesml.settings import load_settings
from salesml.wiring import App, open_app

_MIB = 1024**2
_SHOWN = 5
_SUFFIXES = frozenset(".csv .tsv .tab .txt .gz .zip .xlsx .xlsm .parquet .pq .jsonl .ndjson .json".split())


def import_file(
    kind: Annotated[ImportKind, typer.Argument(help="What the files hold.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CSV or JSON Lines (plain, gzip or zip), XLSX, Parquet; of a folder, every such file."
        ),
    ] = None,
    source: Annotated[
        str, typer.Option(help="The shop or system that ids and order numbers belong to.")
    ] = DEFAULT_SOURCE,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help='Which column holds a field, as client_id="Customer ID"; may repeat.'),
    ] = None,
    saved: Annotated[
        str | None, typer.Option("--mapping", help="Read the files by a saved mapping: salesml mappings.")
    ] = None,
    save_as: Annotated[
        str | None, typer.Option("--save-mapping", help="Keep how the files are read under this name.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="The known export that it is, such as shopify-orders; none to recognise none."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option(help="Orders count gross, as the shop sums them up, or net of tax.")
    ] = None,
    shipping: Annotated[
        str | None, typer.Option(help="The cost of delivery is in what an order counts, or out of it.")
    ] = None,
    lines: Annotated[
        bool | None, typer.Option("--lines/--no-lines", help="Rows are line items, to be summed into orders.")
    ] = None,
    dates: Annotated[
        str | None,
        typer.Option(
            help="How dates are written: iso, ymd, dmy, mdy, compact (20260131), text (31 Jan 2026) or unix."
        ),
    ] = None,
    decimal: Annotated[
        str | None,
        typer.Option(help="What 1,234 and 1.234 mean where a file does not tell: point or comma is decimal."),
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header", help="Whether the first row names the columns; else column 1, ..."
        ),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a workbook, instead of the first one with a table.")
    ] = None,
    separator: Annotated[
        str | None,
        typer.Option(help="Column separator, instead of the detected one; space is any white space."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Text encoding, instead of the detected one.")] = None,
    origin: From = None,
    query: Query = None,
    watermark: WatermarkColumn = None,
    since: Since = None,
    update: Annotated[bool, typer.Option("--update", help="Replace stored orders that differ.")] = False,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Show how files are read and what would happen; import nothing."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Import what was detected without asking.")] = False,
    as_json: Annotated[bool, Json] = False,
) -> None:
    """Import orders, clients or daily activity from files, each as an import of its own.

    Good rows are kept and bad ones set aside with row number, field and reason. Importing a file
    twice is the same as once; an import that was killed goes on when the command is repeated.
    Nothing is imported when one of the files cannot be read. A database is only read, and its passwords
    are neither stored nor shown.
    """
    database = Asked.of(origin, query, watermark, since, files or [])
    settings = load_settings()
    options = ReadingOptions(
        mapping=_mapping(mapping or []),
        lines=lines,
        date_format=dates,
        decimal=decimal,
        header=header,
        sheet=sheet,
        separator=separator,
        encoding=encoding,
        profile=profile,
        amount=amount,
        shipping=shipping,
        max_bytes=settings.max_file_mb * _MIB,
    )
    with (
        refusals_as_json(wanted=as_json),
        open_app(settings) as app,
        fetched(app, database, kind, source, quiet=as_json) as found,
    ):
        if found is not None and found.rows == 0:
            _show_nothing_new(app, found, as_json=as_json)
            return
        paths = [found.path] if found else [path for file in files or [] for path in _files(file)]
        if saved is not None:
            options = app.tx.read(mappings.applied, saved, kind, options)
        readings = {path: app.reader.inspect(path, kind, options) for path in paths}
        if save_as is not None:
            settled = mappings.settled(next(iter(readings.values())), options)
            app.tx.run(mappings.put, save_as, kind, settled, actor=actor(), now=datetime.now(UTC))
        asked = [
            ImportRequest(
                path=path,
                kind=kind,
                source=source,
                sha256=file_sha256(path),
                options=options,
                update=update,
                spooled=found is not None,
                position=found.position if found else None,
            )
            for path in readings
        ]
        if preview:
            show_previews(app, asked, readings, as_json=as_json)
            return
        if not as_json:
            show_readings(readings)
        if sys.stdin.isatty() and not yes and not as_json:
            typer.confirm(
                f"Import {'it' if len(paths) == 1 else 'them'} like this?", default=True, abort=True
            )
        _import_all(app, asked, as_json=as_json)


def _files(file: Path) -> list[Path]:
    """The file, or the files of a folder by name. Raises FileRefused for a folder without any."""
    path = file.expanduser().absolute()
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.is_file() and each.suffix.lower() in _SUFFIXES)
    if not found:
        raise FileRefused("no_files", file=path, suffixes=tuple(sorted(_SUFFIXES)))
    return found


def _import_all(app: App, asked: Sequence[ImportRequest], *, as_json: bool) -> None:
    """One import after the other. Of several, one that fails does not keep the rest."""
    results: list[Mapping[str, Any]] = []
    for request in asked:
        try:
            result = run_job(app, import_requests.import_file, request, quiet=as_json)
        except JobFailed as error:
            if len(asked) == 1:
                raise
            print_error(f"{request.path.name}: {error}")
            result = {"error": str(error), "refusal": error.refusal and error.refusal.plain()}
        results.append({"file": request.path.name, **result})
        if not as_json and "error" not in result:
            _show_result(app, request.path, result)
    _show_stored(app, results, as_json=as_json)
    if any("error" in result for result in results):
        raise typer.Exit(1)


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise InvalidValue("--map", f"{pair!r} is not FIELD=COLUMN")
        mapping[field.strip()] = column
    return mapping


def _show_nothing_new(app: App, found: Fetched, *, as_json: bool) -> None:
    if not as_json:
        print_line(f"{found.path.name}: nothing new")
    _show_stored(app, [{"file": found.path.name, **asdict(ImportCounts())}], as_json=as_json)


def _show_result(app: App, path: Path, result: Mapping[str, Any]) -> None:
    print_line(f"{path.name}: {result['rows']:,} rows read, {outcome(result)}")
    if result["rejected"]:
        print_line(f"set aside: {result['rejected']:,} rows ({counted(result['reasons'])})")
        for row in app.tx.read(imports.rejected, int(result["import_id"]), _SHOWN):
            print_line(f"  {_rejected(row)}")


def _show_stored(app: App, results: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """What is there now; in JSON, with what became of one file, or of each of several."""
    here = app.tx.read(installation.current)
    count, clients, net = app.tx.read(orders.totals)
    if as_json:
        stored = {"orders": count, "clients": clients, "net": float(here.currency.to_major(net))}
        print_json({**(results[0] if len(results) == 1 else {"imports": results}), "stored": stored})
        return
    print_line(
        f"stored now: {count:,} orders of {clients:,} clients, "
        f"net {here.currency.to_major(net):,} {here.currency.code}"
    )


def _rejected(row: RejectedRow) -> str:
    return f"row {row.row}, {row.field}: {row.reason}"
