"""Clients: how they are created, shown and closed, and the HTTP client of the caller."""

import json
import re
import ssl
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from polargrid import PolarGridError, PolarGridSync, ValidationError
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send
from tests.overlay.faults.scripts import response


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].response)


@pytest.mark.parametrize(
    ("options", "region_id", "name"),
    [({"region": "was"}, "was-01", "Washington"), ({"base_url": "https://edge.example"}, None, None)],
)
def test_region(connect, health, options, region_id, name):
    """A client with another base URL has none."""
    client = connect(health, **options)
    assert (client.get_region_id(), client.get_region_name()) == (region_id, name)


def test_environment(connect, health, monkeypatch):
    """Key and region are read from it."""
    monkeypatch.setenv("POLARGRID_API_KEY", "pg_of_the_environment")
    monkeypatch.setenv("POLARGRID_REGION", "ymq")
    client = connect(health, api_key=None)
    client.health()
    assert client.get_region_id() == "ymq-01"
    assert client.requests[0].headers["authorization"] == "Bearer pg_of_the_environment"


def test_config_is_the_first_argument(connect, health):
    """As in the reference."""
    client = connect.kind({"api_key": "pg_config", "region": "ymq"}, http_client=connect.http(health))
    assert client.get_region_id() == "ymq-01"


def test_repr(connect, health, key):
    """It has the region or the base URL, and not the key."""
    name = connect.kind.__name__
    assert repr(connect(health, region="yvr").native) == f"<{name} yvr-01>"
    assert repr(connect(health, base_url="https://edge.example").native) == f"<{name} https://edge.example>"


# Closing


def test_context_manager_closes_the_connections(connect, serve, spec):
    """The server sees it."""
    closed = threading.Event()

    def script():
        yield ReceiveRequest()
        yield Send(response(json.dumps(spec["health"].response).encode()))
        if (yield AwaitClose()):
            closed.set()

    with connect(base_url=serve(script).url) as client:
        assert client.health().status == "healthy"
    assert closed.wait(60)


def test_close_twice(connect):
    """The second time has no effect."""
    client = connect(base_url="http://127.0.0.1:9")
    client.close()
    client.close()


def test_closed_client(connect, health):
    """It raises before sending."""
    client = connect(health)
    client.close()
    with pytest.raises(PolarGridError, match=r"^the client is closed$"):
        client.health()
    assert client.requests == []


# The caller's HTTP client


def test_http_client_is_not_closed(connect, health):
    """Its owner closes it."""
    http = connect.http(health)
    with connect(http_client=http) as client:
        client.health()
    assert not http.is_closed


def test_http_client_sends_the_requests(connect, health):
    """Its hooks run, and its headers and its timeout apply."""
    requests = []

    def hook(request):
        requests.append(request)

    async def async_hook(request):
        requests.append(request)

    hooks = {"request": [async_hook if connect.name == "async" else hook]}
    http = connect.http(health, event_hooks=hooks, headers={"x-mine": "1"}, timeout=77)
    connect(http_client=http).health()
    (request,) = requests
    assert request.headers["x-mine"] == "1"
    assert request.extensions["timeout"]["read"] == 77


@pytest.mark.parametrize("value", [httpx, httpx.Client, httpx.AsyncClient, "http://proxy", httpx.MockTransport(print)])
def test_http_client_of_another_kind(connect, value):
    """It is rejected, not only when the first request is sent."""
    name = {"async": "AsyncClient", "sync": "Client"}[connect.name]
    with pytest.raises(ValidationError, match=rf"^http_client: expected an httpx.{name}, not "):
        connect(http_client=value)


def test_http_client_of_the_other_client(connect):
    """An httpx.Client is no httpx.AsyncClient, nor the reverse."""
    http = {"async": httpx.Client, "sync": httpx.AsyncClient}[connect.name](transport=httpx.MockTransport(print))
    with pytest.raises(ValidationError, match=r"^http_client: expected an httpx\."):
        connect(http_client=http)


def test_timeout_overrides_that_of_the_http_client(connect, health):
    """For each phase."""
    http = connect.http(health, timeout=77)
    connect(http_client=http, timeout=5).health()
    assert http.handler.requests[0].extensions["timeout"] == {"connect": 5, "read": 5, "write": 5, "pool": 5}


@pytest.mark.parametrize("option", ["proxy", "ssl_context"])
def test_option_of_connections_with_an_http_client(connect, health, option):
    """The HTTP client has its own; the message says so."""
    value = {"proxy": "http://127.0.0.1:3128", "ssl_context": ssl.create_default_context()}[option]
    with pytest.raises(ValidationError, match=f"^{option}: set it on your http_client$"):
        connect(http_client=connect.http(health), **{option: value})


def test_transport_that_is_not_installed(connect, monkeypatch):
    """The message has the command that installs it."""
    monkeypatch.setitem(sys.modules, "httpx2", None)
    client = connect(base_url="http://127.0.0.1:9", transport="httpx2")
    message = re.escape("transport: httpx2 is not installed; run: pip install 'polargrid[httpx2]'")
    with pytest.raises(ValidationError, match=f"^{message}$") as caught:
        client.health()
    assert caught.value.sent is False


def test_sync_client_is_thread_safe(spec):
    """Many threads share it."""
    example = spec["health"].response
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=example))
    with (
        httpx.Client(transport=transport) as http,
        PolarGridSync(api_key="pg_test", http_client=http) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        statuses = {response.status for response in threads.map(lambda _: client.health(), range(64))}
    assert statuses == {"healthy"}
