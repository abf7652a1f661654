"""The shop that other tests of the API stand on."""

import httpx
import pytest
from tests.support.servers import Login

from salesml.core.models import Artifact
from salesml.services import predictions
from salesml.settings import Settings
from salesml.wiring import App


@pytest.fixture
def installation(shop: Settings) -> Settings:
    return shop


async def test_a_copied_shop_is_scored_and_serves(
    app: App, client: httpx.AsyncClient, analyst: Login
) -> None:
    run = app.tx.read(predictions.latest)
    assert run.clients > 300
    assert app.models.load(artifact_of(app)) is not None
    assert (await client.get("/api/v1/auth/me", headers=analyst.headers)).status_code == 200
    assert (await client.get("/readyz")).json() == {"status": "ready"}


def artifact_of(app: App) -> Artifact:
    return app.tx.read(predictions.scorers).sales.artifact
