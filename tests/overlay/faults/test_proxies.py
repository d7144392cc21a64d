"""Proxies of the environment that fail."""

import pytest

from polargrid import NetworkError, ServerError
from tests.overlay.faults.edges import FINE, HEALTH, answer, closes, heard, says
from tests.overlay.faults.registry import fault

TUNNEL = "https://edge.invalid"


@pytest.fixture
def proxied(against, connect, monkeypatch):
    """A client behind a proxy that runs this script."""

    def make(script, base_url):
        proxy = against(script).edge
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url.replace("//", "//user:password@"))
        client = connect(base_url=base_url)
        client.edge = proxy
        return client

    return make


@fault("proxy", "The environment names a proxy", then="the answer, through it")
def test_proxy(proxied):
    client = proxied(says(FINE), "http://edge.invalid")
    assert client.health().status == "healthy"
    assert heard(client.edge)[0].line == "GET http://edge.invalid/health HTTP/1.1"


@fault("proxy", "The proxy refuses the connection", then="`NetworkError`")
def test_refused(proxied, fails):
    client = proxied(closes, TUNNEL)
    client.edge.join()
    with fails(NetworkError, "cannot be reached", sent=False) as caught:
        client.health()
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
@fault("proxy", "The proxy makes no tunnel", then="`NetworkError` with what it says; the key is not sent to it")
def test_no_tunnel(proxied, fails, key, status):
    client = proxied(says(answer(b"no", status=status)), TUNNEL)
    with fails(NetworkError, status, sent=False):
        client.health()
    (received,) = heard(client.edge)
    assert received.line == "CONNECT edge.invalid:443 HTTP/1.1"
    assert key not in str(received.headers)


@fault("proxy", "The proxy makes a tunnel to something else", then="`NetworkError`; the key is not sent")
def test_no_tls_in_the_tunnel(proxied, fails, key):
    client = proxied(says(b"HTTP/1.1 200 OK\r\n\r\n", FINE), TUNNEL)
    with fails(NetworkError, "cannot be reached", sent=False):
        client.health()
    assert key not in str(heard(client.edge))


@fault("proxy", "The proxy of a plain connection answers in the edge's place", then="the error of its status")
def test_answer_of_the_proxy(proxied, fails):
    client = proxied(
        says(answer(b"<p>No route</p>", status="502 Bad Gateway", media_type="text/html")), "http://edge.invalid"
    )
    with fails(ServerError, "No route", status_code=502):
        client.health()


@fault("proxy", "`NO_PROXY` names the edge", then="the answer, past the proxy")
def test_no_proxy(against, serve, monkeypatch):
    proxy = serve(closes)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert against(says(answer(HEALTH))).health().status == "healthy"
    assert proxy.connections == 0
