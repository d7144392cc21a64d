"""pytest-httpx sees every call of the SDK, on its default connections."""

from __future__ import annotations

from conftest import EVENTS, KEY, RESPONSE


async def test_a_mocked_call_gets_the_mocked_response(chat, httpx_mock):
    """The fixture records the SDK's request."""
    httpx_mock.add_response(url="http://mocked.test/v1/chat/completions", json=RESPONSE)
    assert await chat("http://mocked.test") == "Hello"
    assert httpx_mock.get_request().headers["authorization"] == f"Bearer {KEY}"


async def test_a_mocked_stream_is_read_to_its_end(chat, httpx_mock):
    """Events of a mock are events."""
    httpx_mock.add_response(content=EVENTS, headers={"content-type": "text/event-stream"})
    assert await chat("http://mocked.test", stream=True) == "Hello"


async def test_a_mocked_test_does_not_reach_the_server(chat, server, httpx_mock):
    """The mock answers, although a real server listens there."""
    httpx_mock.add_response(json=RESPONSE)
    assert await chat(server.url) == "Hello"
    assert server.requests == 0
