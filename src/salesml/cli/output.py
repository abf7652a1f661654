"""What the command line shows: JSON for scripts, tables for people, progress on stderr."""

import getpass
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from salesml.core.errors import FileRefused, JobFailed
from salesml.core.jobs import MB
from salesml.core.jobs import Progress as JobProgress

Json = typer.Option("--json", help="Print one JSON document instead of tables.")


def actor() -> str:
    """Who acts, in the audit trail."""
    return f"cli:{getpass.getuser()}"


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def refusals_as_json(*, wanted: bool) -> Iterator[None]:
    """Print why a file is refused as JSON as well, for scripts; the error itself goes on."""
    try:
        yield
    except (FileRefused, JobFailed) as error:
        if wanted and error.refusal is not None:
            print_json({"error": str(error), "refusal": error.refusal.plain()})
        raise


def print_line(text: str) -> None:
    Console(soft_wrap=True).print(text, markup=False, highlight=False)


def print_error(text: str) -> None:
    """One line on stderr."""
    Console(stderr=True, soft_wrap=True).print(f"salesml: {text}", markup=False, highlight=False)


@dataclass(frozen=True, kw_only=True)
class Column:
    title: str
    numeric: bool = False


def print_table(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """A table as wide as the terminal, numbers aligned right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column.title, justify="right" if column.numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def number(value: object, decimals: int = 4) -> str:
    """A metric for people: thousands separated; a dash where there is none."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{float(str(value)):,.{decimals}f}"


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[JobProgress], None]]:
    """A bar on stderr that a job's progress moves; nothing when quiet or not a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None, amount="")

        def report(progress: JobProgress) -> None:
            share = progress.share
            bar.update(
                task,
                description=progress.stage,
                completed=share or 0,
                total=None if share is None else 1,
                amount=amount_of(progress),
            )

        yield report


def amount_of(progress: JobProgress) -> str:
    """`12,000 rows, 3.1 of 8.0 MB` of a file that is being read, `5 of 9 clients` of other work."""
    if progress.total_bytes:
        size = f"{progress.bytes / MB:,.1f} of {progress.total_bytes / MB:,.1f} MB"
        return f"{progress.done:,} {progress.unit}, {size}"
    share = f" of {progress.total:,}" if progress.total else ""
    return f"{progress.done:,}{share} {progress.unit}"


def counted(items: Mapping[str, int]) -> str:
    """`conflict 3, future 1`, the most frequent first."""
    ordered = sorted(items.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)
