"""respx sees every call of the SDK, on its default connections."""

from __future__ import annotations

import httpx
import pytest
import respx
from conftest import KEY, KINDS


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
async def test_a_mocked_call_gets_the_mocked_response(call, kind, using):
    """The route is called with the SDK's request, whichever functions respx replaces."""
    path, content, _ = KINDS[kind]
    with respx.mock(using=using) as router:
        route = router.post(f"http://mocked.test{path}").respond(200, content=content, headers=KINDS[kind].headers)
        assert await call(kind, "http://mocked.test") == "Hello"
    assert route.call_count == 1
    assert route.calls.last.request.headers["authorization"] == f"Bearer {KEY}"


async def test_a_mocked_test_does_not_reach_the_server(call, kind, server):
    """The mock answers, although a real server listens there."""
    with respx.mock:
        respx.post(server.url + KINDS[kind].path).respond(200, content=KINDS[kind].content, headers=KINDS[kind].headers)
        assert await call(kind, server.url) == "Hello"
    assert server.requests == 0


async def test_a_request_without_a_route_fails_as_respx_says(call, kind, server):
    """Its AssertionError is raised unchanged, and the request is not sent again."""
    with respx.mock:
        other = respx.get("http://mocked.test/other")
        with pytest.raises(AssertionError, match="not mocked"):
            await call(kind, server.url, max_retries=2)
        other(httpx.Request("GET", "http://mocked.test/other"))
    assert server.requests == 0
