"""Proxies of the environment: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY."""

import json
import ssl
import traceback

import httpx
import pytest

from polargrid import NetworkError, PolarGridSync, ValidationError

PASSWORD = "secret-of-the-proxy"


@pytest.fixture
def healthy(spec):
    """A script that answers the health check, as an edge or as a proxy."""
    body = json.dumps(spec["health"].answer).encode()

    def script(connection):
        while connection.request().line:
            connection.answer(body)

    return script


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_proxy(connect, serve, healthy, monkeypatch, name):
    """A proxy of the environment gets the request with its whole URL, and passes on what it carries."""
    proxy = serve(healthy)
    monkeypatch.setenv(name, proxy.url)
    assert connect(base_url="http://edge.example/behind", api_key="pg_mine").health().status == "healthy"
    connect.close()
    request = proxy.requests[0]
    assert request.line == "GET http://edge.example/behind/health HTTP/1.1"
    assert (request.headers["host"], request.headers["authorization"]) == ("edge.example", "Bearer pg_mine")


def test_proxy_without_a_scheme(connect, serve, healthy, monkeypatch):
    """A proxy may be named by host and port alone."""
    monkeypatch.setenv("HTTP_PROXY", serve(healthy).url.removeprefix("http://"))
    assert connect(base_url="http://edge.example").health().status == "healthy"
    connect.close()


def test_proxy_of_the_other_scheme(connect, serve, healthy, monkeypatch):
    """HTTPS_PROXY is not for an http URL."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert connect(base_url=serve(healthy).url).health().status == "healthy"
    connect.close()


@pytest.mark.parametrize("hosts", ["127.0.0.1", "elsewhere.example, 127.0.0.1", "*"])
def test_no_proxy(connect, serve, healthy, monkeypatch, hosts):
    """A host that NO_PROXY names is asked without the proxy."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", hosts)
    edge = serve(healthy)
    assert connect(base_url=edge.url).health().status == "healthy"
    connect.close()
    assert edge.requests[0].line == "GET /health HTTP/1.1"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_tunnel(connect, serve, monkeypatch, name):
    """For https a proxy is asked for a tunnel; the key is not for it, and TLS begins behind it."""
    heard = []

    def script(connection):
        connection.request()
        connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        heard.append(connection._file.read(2))

    proxy = serve(script)
    monkeypatch.setenv(name, proxy.url)
    with pytest.raises(NetworkError):
        connect(base_url="https://edge.example").health()
    proxy.join()
    assert proxy.requests[0].line == "CONNECT edge.example:443 HTTP/1.1"
    assert "authorization" not in proxy.requests[0].headers
    assert heard == [b"\x16\x03"]  # a TLS record, the handshake's


def test_password(connect, serve, healthy, monkeypatch):
    """The user name and password of a proxy's URL go to the proxy, as it expects them."""
    proxy = serve(healthy)
    monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("://", f"://user:{PASSWORD}@"))
    connect(base_url="http://edge.example").health()
    connect.close()
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize("refusal", ["407 Proxy Authentication Required", "502 Bad Gateway", "closed"])
def test_tunnel_is_refused(connect, serve, monkeypatch, refusal, key):
    """A proxy that refuses the tunnel is a NetworkError that was not sent, and shows no key and no password."""

    def script(connection):
        connection.request()
        if refusal != "closed":
            connection.answer(b"", status=refusal)

    monkeypatch.setenv("HTTPS_PROXY", serve(script).url.replace("://", f"://user:{PASSWORD}@"))
    with pytest.raises(NetworkError) as caught:
        connect(base_url="https://edge.example").health()
    assert caught.value.sent is (refusal == "closed")
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert PASSWORD not in told
    assert key not in told.replace(f"key = '{key}'", "")  # this test's own variable
    assert (refusal.partition(" ")[0] in caught.value.message) is (refusal != "closed")


def test_proxy_that_is_not_there(connect, serve, monkeypatch):
    """A proxy that nobody runs is a connection that cannot be made."""
    proxy = serve(lambda _: None)
    proxy.join()
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    with pytest.raises(NetworkError, match="cannot be reached") as caught:
        connect(base_url="http://edge.example").health()
    assert not caught.value.sent


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "ftp://127.0.0.1:9"])
def test_proxy_that_cannot_be(connect, monkeypatch, proxy):
    """A proxy that cannot be used is told as one, before anything is sent."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ValidationError) as caught:
        connect(base_url="http://edge.example").health()
    assert not caught.value.sent


@pytest.mark.parametrize("given", ["as an option", "in a config"])
def test_proxy_of_the_caller(connect, serve, healthy, monkeypatch, given):
    """A proxy that the caller names goes before the environment's, and serves what NO_PROXY names, too."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    proxy = serve(healthy)
    named = {"proxy": proxy.url}
    options = named if given == "as an option" else {"config": named}
    assert connect(base_url="http://edge.example", **options).health().status == "healthy"
    connect.close()
    assert proxy.requests[0].line == "GET http://edge.example/health HTTP/1.1"


def test_password_of_the_callers_proxy(connect, serve):
    """The password of the caller's proxy is in no traceback, nor in what a client says of itself."""
    proxy = serve(lambda connection: connection.request() and connection.answer(b"", status="407 No"))
    client = connect(base_url="https://edge.example", proxy=proxy.url.replace("://", f"://user:{PASSWORD}@"))
    with pytest.raises(NetworkError) as caught:
        client.health()
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert PASSWORD not in told
    assert PASSWORD not in repr(vars(client))


@pytest.mark.parametrize("proxy", ["", "127.0.0.1:3128", "ftp://127.0.0.1", "http://", "http://a b", 7])
def test_what_is_no_proxy(connect, proxy):
    """What is no URL of a proxy is refused when the client is made."""
    with pytest.raises(ValidationError, match="proxy: a URL is needed"):
        connect(base_url="http://edge.example", proxy=proxy)


def test_certificates_of_the_caller_are_a_context(connect):
    """Certificates come as an ssl.SSLContext, which is refused as anything else."""
    with pytest.raises(ValidationError, match=r"ssl_context: an ssl\.SSLContext is needed"):
        connect(base_url="https://edge.example", ssl_context="/etc/ssl/cert.pem")


@pytest.mark.parametrize("option", [{"proxy": "http://127.0.0.1:9"}, {"ssl_context": ssl.create_default_context()}])
def test_both_a_client_and_its_ways(option):
    """Who hands in an HTTP client makes that with his proxy and certificates."""
    with httpx.Client() as http, pytest.raises(ValidationError, match="make your http_client with it"):
        PolarGridSync(base_url="http://edge.example", api_key="pg_mine", http_client=http, **option)
