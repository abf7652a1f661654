"""The README tells the truth: its commands run, and it names every command and setting."""

import re
import shlex
from pathlib import Path

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import typer
from tests.support.commands import Salesml
from tests.support.shops import small_shop

from salesml.cli.main import app
from salesml.settings import Settings

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


def commands_under(heading: str) -> list[list[str]]:
    """The `salesml` lines of the first block below a heading, as arguments."""
    block = re.search(r"```\n(.*?)```", README.split(f"## {heading}")[1], re.DOTALL)
    assert block
    lines = [shlex.split(line, comments=True) for line in block[1].splitlines()]
    return [line[1:] for line in lines if line and line[0] == "salesml"]


def test_the_way_from_an_order_file_to_forecasts_can_be_walked(salesml: Salesml, tmp_path: Path) -> None:
    shop = small_shop(tmp_path / "shop")
    for kind in ("orders", "activity"):
        arrow_csv.write_csv(pq.read_table(shop[kind]), tmp_path / f"{kind}.csv")
    salesml.monkeypatch.chdir(tmp_path)
    commands = commands_under("From an order file to forecasts")
    assert [command[0] for command in commands] == [
        "migrate",
        "import",
        "import",
        "train",
        "score",
        "backtest",
    ]
    for command in commands:
        salesml.good(*command)
    assert (tmp_path / "forecasts.csv").exists()


def test_every_command_is_named() -> None:
    command = typer.main.get_command(app)
    missing = [name for name in command.commands if f"`salesml {name}" not in README]  # type: ignore[attr-defined]
    assert missing == []


def test_every_setting_is_named() -> None:
    missing = [name for name in Settings.model_fields if f"`SALESML_{name.upper()}`" not in README]
    assert missing == []
