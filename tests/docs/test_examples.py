"""The examples run: the script of the README against a server, Flask with the blueprint."""

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from tests.support.commands import Salesml
from tests.support.processes import running
from tests.support.servers import log_in

from salesml.core.users import UserRole
from salesml.http.schemas.predictions import SALES_EXAMPLE
from salesml.settings import Settings
from salesml.wiring import open_app

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "ten_lines.py"
ON_SQLITE = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)


def test_the_script_of_the_readme_is_the_one_that_is_tested_and_has_ten_lines() -> None:
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block
    assert block[1] == SCRIPT.read_text()
    assert len([line for line in block[1].splitlines() if line]) == 10


@ON_SQLITE
def test_the_script_adds_a_client_posts_its_orders_and_reads_both_forecasts(
    shop_salesml: Salesml, tmp_path: Path
) -> None:
    email = "ewa@shop.example"
    made = shop_salesml.good("users", "create", email, "--role", "analyst").out
    password = made.split("shown only now): ")[1].strip()
    with running(shop_salesml, "serve", "--port", 0, log=tmp_path / "log") as server:
        command = [sys.executable, str(SCRIPT), server.url(), email, password]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert ended.returncode == 0, ended.stderr
        assert server.stop() == 0
    score = ast.literal_eval(ended.stdout)
    assert score["sales"]["predicted_sales"] > 0
    assert 0 < score["purchase"]["probability"] < 1
    assert score["sales"]["model_version"].startswith("sales-clients-")


@ON_SQLITE
def test_the_flask_example_answers(
    shop: Settings, shop_salesml: Salesml, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shop_salesml.environment.items():
        monkeypatch.setenv(name, value)
    server: Flask = runpy.run_path(str(ROOT / "examples" / "flask_app.py"))["create_app"]()
    client = server.test_client()
    asked = client.post("/api/v1/predictions/sales", json=SALES_EXAMPLE)
    assert asked.status_code == 401
    with open_app(shop) as app:
        login = log_in(app, UserRole.ANALYST)
    answer = client.post("/api/v1/predictions/sales", json=SALES_EXAMPLE, headers=login.headers)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["predicted_sales"] > 0
