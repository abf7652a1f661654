"""Static files: read once, compressed once, named by their content.

`/static/<fingerprint>/<path>` may be cached for ever, since another content has another fingerprint; the same
path without it is asked for anew each time, by ETag. One fingerprint stands for all files, so that a style
sheet or a module finds its neighbours by relative addresses.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"
_FOR_EVER = "public, max-age=31536000, immutable"
_FINGERPRINT_LENGTH = 12
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_WORTH_COMPRESSING = frozenset([".js", ".css", ".svg", ".txt"])


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file; `packed` is its gzip form where that is smaller."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


@dataclass(frozen=True, kw_only=True)
class Assets:
    files: Mapping[str, Asset]
    fingerprint: str


@cache
def assets() -> Assets:
    """Every static file by its path below `static`."""
    paths = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    files = {
        path.relative_to(FOLDER).as_posix(): _asset(path)
        for path in paths
        if path.suffix != ".gz" and not path.name.startswith(".")
    }
    whole = hashlib.sha256("".join(f"{name}\0{files[name].etag}" for name in files).encode())
    return Assets(files=files, fingerprint=whole.hexdigest()[:_FINGERPRINT_LENGTH])


def asset_url(path: str) -> str:
    """Address of a static file; raises KeyError for one that does not exist."""
    known = assets()
    if path not in known.files:
        raise KeyError(f"there is no static file {path}; was the front end built (python hatch_build.py)?")
    return f"{PREFIX}/{known.fingerprint}/{path}"


async def serve_asset(request: Request) -> Response:
    """Answer a path below `/static`."""
    known = assets()
    fingerprint, path = _split(request.path_params["path"])
    asset = known.files.get(path)
    if asset is None:
        return Response("not found\n", status_code=404, media_type="text/plain")
    headers = {
        "ETag": asset.etag,
        "Cache-Control": _FOR_EVER if fingerprint == known.fingerprint else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip"}
        return Response(asset.packed, headers=headers, media_type=asset.media_type)
    return Response(asset.body, headers=headers, media_type=asset.media_type)


def _split(path: str) -> tuple[str | None, str]:
    found = re.match(rf"([0-9a-f]{{{_FINGERPRINT_LENGTH}}})/", path)
    return (found[1], path[found.end() :]) if found else (None, path)


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(
        body=body,
        packed=_packed(path, body) if path.suffix in _WORTH_COMPRESSING else None,
        media_type=_TYPES.get(path.suffix)
        or mimetypes.guess_type(path.name)[0]
        or "application/octet-stream",
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


def _packed(path: Path, body: bytes) -> bytes | None:
    """What the build compressed already, else compressed here; None when that does not make it smaller."""
    built = path.with_name(f"{path.name}.gz")
    packed = built.read_bytes() if built.exists() else gzip.compress(body, 9, mtime=0)
    return packed if len(packed) < len(body) else None
