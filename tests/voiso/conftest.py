from collections.abc import Callable

import httpx
import pytest

from voisoadmin.voiso import VoisoClient, open_client

KEY = "canary-7f3a9c51d20e4b86"
Handler = Callable[[httpx.Request], httpx.Response]

_handler: list[Handler] = []


def scripted_transport(base_url: str) -> httpx.BaseTransport:
    return httpx.MockTransport(_handler[-1])


@pytest.fixture
def voiso(settings):
    """A client of a generation whose contact centre answers with the given function."""
    settings.VOISO_TRANSPORT = "tests.voiso.conftest.scripted_transport"
    opened: list[VoisoClient] = []

    def open_(handler: Handler | httpx.Response, generation: str = "v4") -> VoisoClient:
        _handler.append(handler if callable(handler) else lambda request: handler)
        opened.append(open_client(generation=generation, base_url="https://cc-test01.voiso.com", key=KEY))
        return opened[-1]

    yield open_
    for client in opened:
        client.close()
    _handler.clear()
