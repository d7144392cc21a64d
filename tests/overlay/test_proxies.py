"""Proxies: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, and the `proxy` option."""

import json
import ssl
import traceback

import httpx
import pytest

from polargrid import NetworkError, PolarGridSync, ValidationError
from polargrid_testing.steps import AwaitData, ReceiveRequest, Send
from polargrid_transport.environment import proxy_for
from tests.overlay.faults.scripts import close, response

PASSWORD = "secret-of-the-proxy"


@pytest.fixture
def respond(spec):
    """A script that responds to health checks, as a server or as a proxy."""
    body = json.dumps(spec["health"].response).encode()

    def script():
        while (yield ReceiveRequest()).line:
            yield Send(response(body))

    return script


# The environment


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_proxy(connect, serve, respond, monkeypatch, name):
    """A proxy of the environment gets the request with its whole URL and its headers."""
    proxy = serve(respond)
    monkeypatch.setenv(name, proxy.url)
    assert connect(base_url="http://server.example/behind", api_key="pg_mine").health().status == "healthy"
    request = proxy.requests[0]
    assert request.line == "GET http://server.example/behind/health HTTP/1.1"
    assert (request.headers["host"], request.headers["authorization"]) == ("server.example", "Bearer pg_mine")


def test_proxy_without_scheme(connect, serve, respond, monkeypatch):
    """A proxy may be a host and a port without a scheme."""
    monkeypatch.setenv("HTTP_PROXY", serve(respond).url.removeprefix("http://"))
    assert connect(base_url="http://server.example").health().status == "healthy"


def test_proxy_of_another_scheme(connect, serve, respond, monkeypatch):
    """HTTPS_PROXY does not apply to an http URL."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert connect(base_url=serve(respond).url).health().status == "healthy"


@pytest.mark.parametrize("hosts", ["127.0.0.1", "other.example, 127.0.0.1", "*", "127.0.0.0/8"])
def test_no_proxy(connect, serve, respond, monkeypatch, hosts):
    """A host in NO_PROXY is called without the proxy."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", hosts)
    server = serve(respond)
    assert connect(base_url=server.url).health().status == "healthy"
    assert server.requests[0].line == "GET /health HTTP/1.1"


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_direct"),
    [
        ("example.com", "https://example.com", True),
        ("example.com", "https://api.example.com", True),
        (".example.com", "https://api.example.com", True),
        ("EXAMPLE.com", "https://Example.COM", True),
        ("example.com", "https://notexample.com", False),
        ("example.com:8000", "http://example.com:8000", True),
        ("example.com:8000", "http://example.com:8001", False),
        ("10.0.0.0/8", "http://10.1.2.3:55111", True),
        ("10.0.0.0/8", "http://11.1.2.3:55111", False),
        ("10.0.0.0/8", "http://ten.example", False),
        ("[::1]", "http://[::1]:55111", True),
        ("fd00::/8", "http://[fd12::1]", True),
        (" , ,", "http://example.com", False),
    ],
)
def test_no_proxy_patterns(monkeypatch, no_proxy, url, is_direct):
    """NO_PROXY holds domains, addresses, networks and ports."""
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_for(url) == (None if is_direct else "http://proxy.example:3128")


def test_no_environment():
    """Without proxies in the environment there is none."""
    assert proxy_for("https://server.example") is None


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_tunnel(connect, serve, monkeypatch, name):
    """For https the proxy is asked for a tunnel; it does not get the key, and TLS starts inside the tunnel."""
    first_bytes = []

    def script():
        yield ReceiveRequest()
        yield Send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        first_bytes.append((yield AwaitData())[:2])

    proxy = serve(script)
    monkeypatch.setenv(name, proxy.url)
    with pytest.raises(NetworkError):
        connect(base_url="https://server.example").health()
    proxy.join()
    assert proxy.requests[0].line == "CONNECT server.example:443 HTTP/1.1"
    assert "authorization" not in proxy.requests[0].headers
    assert first_bytes == [b"\x16\x03"]  # a TLS record of the handshake


def test_password(connect, serve, respond, monkeypatch):
    """The user name and password of a proxy URL are sent to the proxy."""
    proxy = serve(respond)
    monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("://", f"://user:{PASSWORD}@"))
    connect(base_url="http://server.example").health()
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize("rejection", ["407 Proxy Authentication Required", "502 Bad Gateway", "closed"])
def test_rejected_tunnel(connect, serve, monkeypatch, rejection, key):
    """A rejected tunnel is a NetworkError that shows neither the key nor the password."""

    def script():
        yield ReceiveRequest()
        if rejection != "closed":
            yield Send(response(b"", status=rejection))

    monkeypatch.setenv("HTTPS_PROXY", serve(script).url.replace("://", f"://user:{PASSWORD}@"))
    with pytest.raises(NetworkError) as caught:
        connect(base_url="https://server.example").health()
    assert caught.value.sent is (rejection == "closed")
    report = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert PASSWORD not in report
    assert key not in report.replace(f"key = '{key}'", "")  # the variable of this test
    assert (rejection.partition(" ")[0] in caught.value.message) is (rejection != "closed")


def test_stopped_proxy(connect, serve, monkeypatch):
    """A proxy that refuses the connection is a connection that cannot be made."""
    proxy = serve(close)
    proxy.join()
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    with pytest.raises(NetworkError, match="cannot connect") as caught:
        connect(base_url="http://server.example").health()
    assert not caught.value.sent


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:9", "socks4://127.0.0.1:9"])
def test_unsupported_scheme(connect, serve, monkeypatch, proxy):
    """A proxy with an unsupported scheme is rejected before anything is sent."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ValidationError, match="unsupported proxy scheme") as caught:
        connect(base_url="http://server.example").health()
    assert not caught.value.sent


def test_missing_package(connect, serve, monkeypatch):
    """A SOCKS proxy without the package that it needs is rejected before anything is sent."""
    monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(ValidationError, match="socksio") as caught:
        connect(base_url="http://server.example").health()
    assert not caught.value.sent


# The option


@pytest.mark.parametrize("source", ["option", "config"])
def test_proxy_option(connect, serve, respond, monkeypatch, source):
    """The `proxy` option overrides the environment, also for hosts in NO_PROXY."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    proxy = serve(respond)
    options = {"proxy": proxy.url}
    options = options if source == "option" else {"config": options}
    assert connect(base_url="http://server.example", **options).health().status == "healthy"
    assert proxy.requests[0].line == "GET http://server.example/health HTTP/1.1"


def test_password_of_proxy_option(connect, serve):
    """The password of the `proxy` option is in no traceback, and in no attribute of the client that prints."""
    proxy = serve(lambda: (ReceiveRequest(), Send(response(b"", status="407 No"))))
    client = connect(base_url="https://server.example", proxy=proxy.url.replace("://", f"://user:{PASSWORD}@"))
    with pytest.raises(NetworkError) as caught:
        client.health()
    report = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert PASSWORD not in report
    assert PASSWORD not in repr(vars(client.native))


@pytest.mark.parametrize("proxy", ["", "127.0.0.1:3128", "ftp://127.0.0.1", "http://", "http://a b", 7])
def test_invalid_proxy(connect, proxy):
    """An invalid proxy URL is rejected when the client is created."""
    with pytest.raises(ValidationError, match="proxy: expected a URL"):
        connect(base_url="http://server.example", proxy=proxy)


def test_invalid_ssl_context(connect):
    """Certificates are passed as an ssl.SSLContext; anything else is rejected."""
    with pytest.raises(ValidationError, match=r"ssl_context: expected an ssl\.SSLContext"):
        connect(base_url="https://server.example", ssl_context="/etc/ssl/cert.pem")


@pytest.mark.parametrize("option", [{"proxy": "http://127.0.0.1:9"}, {"ssl_context": ssl.create_default_context()}])
def test_http_client_with_connection_options(option):
    """The connections of an `http_client` are configured there."""
    with httpx.Client() as http, pytest.raises(ValidationError, match="set it on your http_client"):
        PolarGridSync(base_url="http://server.example", api_key="pg_mine", http_client=http, **option)
