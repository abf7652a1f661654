"""Access tokens: what is taken, and every way to forge one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwt

from salesml.core.errors import NotAuthenticated
from salesml.core.users import User, UserRole
from salesml.services.tokens import AccessClaims, AccessTokens

KEY = b"k" * 32
NOW = datetime.now(UTC)
USER = User(id=7, email="ewa@shop.example", role=UserRole.ADMIN, is_active=True, created_at=NOW, revision=3)
TOKENS = AccessTokens(KEY, installation_id="here")


def issued() -> str:
    return TOKENS.issue(USER, "family", datetime.now(UTC))


def claims() -> dict[str, Any]:
    return dict(jwt.get_unverified_claims(issued()))


def signed(payload: Mapping[str, Any], algorithm: str = "HS256", key: bytes = KEY) -> str:
    return str(jwt.encode(dict(payload), key, algorithm=algorithm))


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def by_hand(header: object, payload: object, key: bytes = KEY) -> str:
    """Signed with HMAC-SHA256 whatever the header says."""
    body = f"{part(header)}.{part(payload)}"
    digest = hmac.new(key, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def test_a_token_says_whose_it_is_and_at_which_revision() -> None:
    assert TOKENS.read(issued()) == AccessClaims(user_id=7, revision=3, family="family")


def test_what_is_forged_here_would_pass_without_its_fault() -> None:
    assert TOKENS.read(by_hand({"alg": "HS256", "typ": "JWT"}, claims())).user_id == 7
    assert TOKENS.read(signed(claims())).user_id == 7


def test_no_two_tokens_are_alike() -> None:
    assert issued() != issued()


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "sub", "aud", "iss", "jti", "typ", "rev", "fam"])
def test_a_token_that_lacks_a_claim_is_refused(claim: str) -> None:
    payload = claims()
    del payload[claim]
    _refuse(signed(payload))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("exp", "soon"),
        ("aud", "another-api"),
        ("aud", ["salesml-api", "another-api"]),
        ("iss", "salesml:elsewhere"),
        ("typ", "refresh"),
        ("typ", "reset"),
        ("sub", "somebody"),
        ("sub", 7),
        ("rev", "x"),
        ("rev", None),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(claim: str, value: object) -> None:
    _refuse(signed({**claims(), claim: value}))


@pytest.mark.parametrize(("claim", "offset"), [("exp", -1), ("nbf", 86_400)])
def test_a_token_is_refused_outside_its_time(claim: str, offset: int) -> None:
    _refuse(signed({**claims(), claim: int(NOW.timestamp()) + offset}))


def test_a_token_of_ten_minutes_ago_is_over() -> None:
    now = datetime.now(UTC)
    _refuse(TOKENS.issue(USER, "family", now - timedelta(minutes=10, seconds=1)))
    assert TOKENS.read(TOKENS.issue(USER, "family", now - timedelta(minutes=9))).user_id == 7


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_even_with_the_right_key(algorithm: str) -> None:
    _refuse(signed(claims(), algorithm))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "RS256", "ES256", "", None])
def test_what_the_header_says_of_the_algorithm_opens_nothing(algorithm: str | None) -> None:
    _refuse(by_hand({"alg": algorithm, "typ": "JWT"}, claims()))


def test_a_token_signed_with_an_rsa_key_is_refused() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _refuse(signed(claims(), "RS256", pem))


def test_an_unsigned_token_is_refused() -> None:
    header, payload, _ = issued().split(".")
    _refuse(f"{header}.{payload}.")
    _refuse(f"{header}.{payload}")
    _refuse(f"{part({'alg': 'none'})}.{payload}.")


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = issued().split(".")
    _refuse(f"{header}.{part({**claims(), 'sub': '1'})}.{signature}")


def test_a_key_in_the_header_is_not_used() -> None:
    own = b"o" * 32
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(own).decode().rstrip("=")}
    for extra in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"kid": "../../dev/null"}):
        _refuse(by_hand({"alg": "HS256", "typ": "JWT", **extra}, claims(), own))


def test_a_token_of_another_installation_is_refused() -> None:
    _refuse(AccessTokens(KEY, installation_id="elsewhere").issue(USER, "family", datetime.now(UTC)))
    _refuse(AccessTokens(b"x" * 32, installation_id="here").issue(USER, "family", datetime.now(UTC)))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "\x00", "ł.ł.ł", "e30.e30.e30", "x" * 100_000])
def test_what_is_no_token_is_refused(text: str) -> None:
    _refuse(text)


@pytest.mark.parametrize("payload", [[], "text", 1, None])
def test_a_payload_that_is_no_object_is_refused(payload: object) -> None:
    _refuse(by_hand({"alg": "HS256"}, payload))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        AccessTokens(b"k" * 31, installation_id="here")


def _refuse(token: str) -> None:
    with pytest.raises(NotAuthenticated) as caught:
        TOKENS.read(token)
    assert str(caught.value) == "the access token is not valid, or no longer"
