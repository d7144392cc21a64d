"""respx sees every call of the SDK, on its default connections."""

from __future__ import annotations

import httpx
import respx
from conftest import EVENTS, KEY, RESPONSE

URL = "http://mocked.test/v1/chat/completions"


async def test_a_mocked_call_gets_the_mocked_response(chat):
    """The route is called with the SDK's request, and nothing else is."""
    with respx.mock:
        route = respx.post(URL).mock(return_value=httpx.Response(200, json=RESPONSE))
        assert await chat("http://mocked.test") == "Hello"
    assert route.call_count == 1
    assert route.calls.last.request.headers["authorization"] == f"Bearer {KEY}"


async def test_a_mocked_stream_is_read_to_its_end(chat):
    """Events of a mock are events."""
    with respx.mock:
        respx.post(URL).respond(200, content=EVENTS, content_type="text/event-stream")
        assert await chat("http://mocked.test", stream=True) == "Hello"


async def test_a_mocked_test_does_not_reach_the_server(chat, server):
    """The mock answers, although a real server listens there."""
    with respx.mock:
        respx.post(f"{server.url}/v1/chat/completions").respond(200, json=RESPONSE)
        assert await chat(server.url) == "Hello"
    assert server.requests == 0
