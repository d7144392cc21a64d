"""Sentry's integrations of httpx and httpx2 trace every call of the SDK, although they replace `Client.send`."""

from __future__ import annotations

import httpx
import httpx2
import pytest
import sentry_sdk
from conftest import KEY, KINDS, REQUEST
from sentry_sdk.transport import Transport

from polargrid import PolarGrid, PolarGridSync


class _Memory(Transport):
    """Keeps what Sentry would send."""

    def __init__(self, options=None) -> None:
        super().__init__(options)
        self.events = []

    def capture_envelope(self, envelope) -> None:
        self.events += [item.payload.json for item in envelope.items if item.type in ("event", "transaction")]


@pytest.fixture(scope="module")
def transport_of_sentry():
    """Sentry without a network. It patches httpx once, and never undoes it."""
    memory = _Memory()
    with pytest.MonkeyPatch.context() as patch:
        for library in (httpx, httpx2):
            patch.setattr(library.Client, "send", library.Client.send)
            patch.setattr(library.AsyncClient, "send", library.AsyncClient.send)
        sentry_sdk.init(dsn="https://key@sentry.test/1", transport=memory, traces_sample_rate=1.0)
        yield memory
        sentry_sdk.get_client().close()
        sentry_sdk.init()


@pytest.fixture
def events(transport_of_sentry):
    """What Sentry would have sent while the test ran."""
    transport_of_sentry.events.clear()
    return transport_of_sentry.events


@pytest.mark.parametrize("transport", ["httpx", "httpx2"])
async def test_each_request_is_a_span(call, kind, server, events, transport):
    """With its URL and status, in the transaction that runs."""
    with sentry_sdk.start_transaction(name="test"):
        assert await call(kind, server.url, transport=transport) == "Hello"
    (event,) = events
    (span,) = [span for span in event["spans"] if span["op"] == "http.client"]
    assert span["origin"] == f"auto.http.{transport}"
    assert span["data"]["url"] == server.url + KINDS[kind].path.partition("?")[0]
    assert span["data"]["http.response.status_code"] == 200


@pytest.mark.parametrize("transport", ["httpx", "httpx2"])
async def test_connections_are_used_again(server, events, transport):
    """As without Sentry."""
    async with PolarGrid(base_url=server.url, api_key=KEY, transport=transport) as client:
        await client.chat_completion(REQUEST)
        await client.chat_completion(REQUEST)
    with PolarGridSync(base_url=server.url, api_key=KEY, transport=transport) as client:
        client.chat_completion(REQUEST)
        client.chat_completion(REQUEST)
    assert (server.requests, server.connections) == (4, 2)


async def test_fast_says_that_sentry_sees_nothing(call, server, events, fast_warnings):
    """And the call is made."""
    with fast_warnings("sentry_sdk"):
        assert await call("plain", server.url, transport="fast") == "Hello"
