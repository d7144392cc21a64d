"""pytest-httpx sees every call of the SDK, on its default connections."""

from __future__ import annotations

import pytest
from conftest import KEY, KINDS

from polargrid import errors


async def test_a_mocked_call_gets_the_mocked_response(call, kind, httpx_mock):
    """The fixture records the SDK's request."""
    path, content, _ = KINDS[kind]
    httpx_mock.add_response(url=f"http://mocked.test{path}", content=content, headers=KINDS[kind].headers)
    assert await call(kind, "http://mocked.test") == "Hello"
    assert httpx_mock.get_request().headers["authorization"] == f"Bearer {KEY}"


async def test_a_mocked_test_does_not_reach_the_server(call, kind, server, httpx_mock):
    """The mock answers, although a real server listens there."""
    httpx_mock.add_response(content=KINDS[kind].content, headers=KINDS[kind].headers)
    assert await call(kind, server.url) == "Hello"
    assert server.requests == 0


@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
async def test_a_request_without_a_response_fails(call, kind, server, httpx_mock):
    """It is a timeout, with the words of pytest-httpx."""
    with pytest.raises(errors.TimeoutError, match="No response can be found"):
        await call(kind, server.url)
    assert server.requests == 0
