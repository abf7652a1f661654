"""No form and no link of ours leads a browser to another site."""

import pytest

from salesml.web.visits import local


@pytest.mark.parametrize("address", ["/", "/clients", "/clients?sort=name&after=a%2Fb", "/a/b#c"])
def test_paths_of_ours_are_kept(address: str) -> None:
    assert local(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "///evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "evil.example",
        "",
        "/ok\r\nSet-Cookie: a=b",
    ],
)
def test_everything_else_becomes_the_main_page(address: str) -> None:
    assert local(address) == "/"
