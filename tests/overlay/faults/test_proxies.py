"""Proxies of the environment that fail."""

import pytest

from polargrid import (
    NetworkError,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
)
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import HEALTHY, close, response, send

TUNNEL = "https://server.invalid"


@pytest.fixture
def connect_by_proxy(connect_to, connect, monkeypatch):
    """`connect_by_proxy(script, base_url)`: a client behind a proxy that runs this script."""

    def create(script, base_url):
        proxy = connect_to(script).server
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url.replace("//", "//user:password@"))
        client = connect(base_url=base_url)
        client.server = proxy
        return client

    return create


@fault("proxy", "The environment names a proxy", result="the response, by the proxy", line=None)
def test_proxy(connect_by_proxy):
    client = connect_by_proxy(send(HEALTHY), "http://server.invalid")
    assert client.health().status == "healthy"
    assert client.server.requests[0].line == "GET http://server.invalid/health HTTP/1.1"


HINT = "; check the option proxy, or HTTP_PROXY and HTTPS_PROXY"


@pytest.mark.parametrize("base_url", [TUNNEL, "http://server.invalid"])
@fault(
    "proxy",
    "The proxy refuses the connection",
    result="`NetworkError` that says so, with its URL without password; it does not name `polargrid serve`",
    line='fake.fault("connection-refused")',
)
def test_refused(connect_by_proxy, expect_error, base_url):
    client = connect_by_proxy(close, base_url)
    client.server.join()
    route = rf"\({base_url}, proxy {client.server.url}\)"
    with expect_error(NetworkError, f"^cannot connect to the proxy: connection refused {route}{HINT}$", sent=False):
        client.health()


@pytest.mark.parametrize("scheme", ["http", "https"])
@fault(
    "proxy",
    "The host of the proxy is unknown",
    result="`NetworkError` that says so, with its name",
    line='fake.fault("name-unknown")',
)
def test_unknown_host(connect, serve, expect_error, scheme):
    client = connect(base_url=TUNNEL, proxy=f"{scheme}://user:password@proxy.invalid:3128")
    reason = "unknown host 'proxy.invalid': .*"
    route = rf"\({TUNNEL}, proxy {scheme}://proxy.invalid:3128\)"
    with expect_error(NetworkError, f"^cannot connect to the proxy: {reason} {route}{HINT}$", sent=False):
        client.health()


@fault(
    "proxy",
    "The proxy does not respond",
    result="`TimeoutError` with its URL without password",
    line='fake.fault("proxy-stall")',
)
def test_silent_proxy(connect_to, connect, expect_error):
    server = connect_to(send()).server
    client = connect(base_url=TUNNEL, proxy=server.url.replace("//", "//user:password@"), timeout=0.1)
    with expect_error(TimeoutError, rf"timeout after 0.1 s \({TUNNEL}, proxy {server.url}\)$"):
        client.health()


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
@fault(
    "proxy",
    "The proxy rejects the tunnel",
    result="`NetworkError` with its status; the key is not sent to it",
    line='fake.fault("proxy-rejects", status=407)',
)
def test_rejected_tunnel(connect_by_proxy, expect_error, key, status):
    client = connect_by_proxy(send(response(b"no", status=status)), TUNNEL)
    route = rf"\({TUNNEL}, proxy {client.server.url}\)"
    with expect_error(NetworkError, f"^proxy error: {status} {route}{HINT}$", sent=False):
        client.health()
    (request,) = client.server.requests
    assert request.line == "CONNECT server.invalid:443 HTTP/1.1"
    assert key not in str(request.headers)


@fault(
    "proxy",
    "The tunnel leads to a server without TLS",
    result="`NetworkError`; the key is not sent",
    line='fake.fault("proxy-tunnel-plain")',
)
def test_no_tls_in_tunnel(connect_by_proxy, expect_error, key):
    client = connect_by_proxy(send(b"HTTP/1.1 200 OK\r\n\r\n", HEALTHY), TUNNEL)
    with expect_error(NetworkError, "cannot connect", sent=False):
        client.health()
    assert key not in str(client.server.requests)


@fault(
    "proxy",
    "The proxy itself responds to a request over http",
    result="the error of its status",
    line='fake.fault("html", status=502)',
)
def test_response_of_proxy(connect_by_proxy, expect_error):
    data = response(b"<p>No route</p>", status="502 Bad Gateway", media_type="text/html")
    client = connect_by_proxy(send(data), "http://server.invalid")
    with expect_error(ServerError, "No route", status_code=502):
        client.health()


@fault("proxy", "`NO_PROXY` names the server", result="the response, without the proxy", line=None)
def test_no_proxy(connect_to, serve, monkeypatch):
    proxy = serve(close)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert connect_to(send(HEALTHY)).health().status == "healthy"
    assert proxy.connections == 0
