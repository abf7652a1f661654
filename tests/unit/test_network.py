"""The guard in conftest guards."""

import asyncio
import socket

import pytest
from pytest_socket import SocketBlockedError


def test_a_unit_test_cannot_open_a_network_socket() -> None:
    with pytest.warns(UserWarning, match="tried to use socket"), pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET)


async def test_a_unit_test_can_have_an_event_loop() -> None:
    assert await asyncio.to_thread(lambda: 7) == 7
