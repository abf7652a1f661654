"""`salesml demo` from an empty folder to a dashboard that answers, and again."""

import re
import socket
import time
from pathlib import Path

import httpx
from tests.support.commands import Salesml
from tests.support.processes import Running, running, token_of

SECOND_START_S = 20
"""Four seconds on a machine that does nothing else; tests run where others run."""


def login(demo: Running) -> tuple[str, str]:
    """What the demo has printed to log in with."""
    found = re.search(r"log in as (\S+) with the password (\S+)", "\n".join(demo.printed))
    assert found
    return found[1], found[2]


def own_words(log: Path) -> list[str]:
    """What the product has logged. DuckDB's binding may count its own types as leaked when a process ends."""
    foreign = ("nanobind: ", " - leaked ", " - ... skipped remainder", "See https://nanobind.")
    return [line for line in log.read_text().splitlines() if not line.startswith(foreign)]


def test_the_demo_serves_a_simulated_shop_and_is_there_at_once_the_second_time(
    salesml: Salesml, tmp_path: Path
) -> None:
    ordinary = (tmp_path / "data" / "salesml.db").read_bytes()
    log = tmp_path / "log"
    with running(salesml, "demo", "--port", 0, log=log) as demo:
        url = demo.url()
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
        first = login(demo)
        summary = httpx.get(f"{url}/api/v1/dashboard/summary", headers=token_of(url, *first)).json()
        assert (summary["simulated"], summary["clients"]) == (True, 5_000)
        assert summary["expected_buyers"] > 0
        assert any("simulated" in line for line in demo.printed)
        assert sum("baselines" not in line and "-kernel-" in line for line in demo.printed) == 2
        assert demo.stop() == 0
    started = time.monotonic()
    with running(salesml, "demo", "--port", 0, log=log) as demo:
        url = demo.url()
        assert httpx.get(f"{url}/healthz").status_code == 200
        assert time.monotonic() - started < SECOND_START_S
        second = login(demo)
        assert (second[0], second[1] != first[1]) == (first[0], True)
        again = httpx.get(f"{url}/api/v1/dashboard/summary", headers=token_of(url, *second)).json()
        assert again["scored_at"] == summary["scored_at"]
        old = httpx.post(f"{url}/api/v1/auth/token", data={"username": first[0], "password": first[1]})
        assert old.status_code == 401
        assert demo.stop() == 0
    assert own_words(log) == []
    assert (tmp_path / "data" / "salesml.db").read_bytes() == ordinary


def test_a_port_in_use_is_one_line_that_names_the_option(salesml: Salesml, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = salesml("demo", "--port", port)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        f"salesml: cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "choose another port by --port\n"
    )
    assert not (tmp_path / "data" / "demo").exists()
