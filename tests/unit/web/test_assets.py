"""Static files: named by their content, compressed, cached; and icons that exist."""

import gzip
import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from salesml.web.assets import FOLDER, asset_url, assets, serve_asset

WEB = FOLDER.parent


@pytest.fixture
def client() -> httpx.AsyncClient:
    server = Starlette(routes=[Route("/static/{path:path}", serve_asset)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://127.0.0.1")


async def test_a_file_under_its_fingerprint_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get(asset_url("app.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("address", ["/static/app.css", "/static/0123456789ab/app.css"])
async def test_another_address_of_it_is_asked_for_anew(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(address)
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_file_travels_compressed_where_that_is_understood(client: httpx.AsyncClient) -> None:
    path = asset_url("vendor/bootstrap/bootstrap.min.css")
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    async with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert len(raw) < len(plain.content) / 5
    assert gzip.decompress(raw) == plain.content


@pytest.mark.parametrize("path", ["", "nothing.css", "../app.py", "%2e%2e/app.py", "vendor", "vendor/.stamp"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/static/{path}")).status_code == 404


def test_a_template_cannot_name_a_file_that_is_not_there() -> None:
    with pytest.raises(KeyError, match=r"hatch_build\.py"):
        asset_url("nothing.css")


def test_no_file_asks_another_host_for_anything() -> None:
    """Swagger UI names addresses in its texts; style sheets, and everything of our own, may not load any."""
    loading = {name: asset.body for name, asset in assets().files.items() if name.endswith((".css", ".html"))}
    own = {name: asset.body for name, asset in assets().files.items() if not name.startswith("vendor/")}
    wrong = re.compile(rb"url\(\s*[\"']?(?:https?:)?//|@import|(?:src|href)=[\"'](?:https?:)?//")
    assert [name for name, body in {**loading, **own}.items() if wrong.search(body)] == []


def test_every_icon_that_a_page_shows_is_in_the_sprite() -> None:
    sprite = assets().files["vendor/icons.svg"].body.decode()
    known = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    sources = [path.read_text() for path in [*WEB.glob("templates/**/*.html"), *WEB.glob("**/*.py")]]
    named = re.compile(r'(?:\b(?:icon|empty_state)\(\s*|\bicon(?:_name)?=)"([a-z0-9-]+)"')
    used = {name for text in sources for name in named.findall(text)}
    assert used - known == set(), "add these to frontend/icons.txt and run: python hatch_build.py"


def test_no_template_needs_what_the_content_security_policy_forbids() -> None:
    inline = re.compile(r"\sstyle=|\son[a-z]+=|javascript:|<style|<script(?![^>]*\bsrc=)|hx-on|\bjs:")
    paths = WEB.glob("templates/**/*")
    assert [str(path) for path in paths if path.is_file() and inline.search(path.read_text())] == []
