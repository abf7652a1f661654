"""Token logins over HTTP."""

import httpx
from tests.support.servers import PASSWORD, Login


async def test_the_right_password_gives_a_token_that_tells_who_one_is(
    client: httpx.AsyncClient, analyst: Login
) -> None:
    answer = await client.post(
        "/api/v1/auth/token", data={"username": "Analyst@shop.example", "password": PASSWORD}
    )
    assert answer.status_code == 200
    token = answer.json()["access_token"]
    me = await client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json() == {
        "id": str(analyst.user.id),
        "email": "analyst@shop.example",
        "role": "analyst",
        "language": None,
    }
