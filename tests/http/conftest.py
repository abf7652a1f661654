"""What every test over HTTP may rely on."""

import pytest
from passlib.context import CryptContext

from salesml.services import passwords


@pytest.fixture(autouse=True)
def _hash_cheaply(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at its least, unless a test is marked `real_hashes`: the costs have their own tests."""
    if request.node.get_closest_marker("real_hashes") is None:
        cheap = CryptContext(
            schemes=["argon2"],
            argon2__type="ID",
            argon2__memory_cost=1024,
            argon2__rounds=1,
            argon2__parallelism=1,
        )
        monkeypatch.setattr(passwords, "_CONTEXT", cheap)
