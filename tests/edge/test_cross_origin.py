"""Web pages of other sites: DNS rebinding, requests across origins, and CORS for allowed origins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from polargrid_edge.origins import Origin, parse_origin
from polargrid_edge.settings import EdgeSettings
from polargrid_generated.operations import OPERATIONS
from tests.edge.scripted import CHAT_MODEL, HEADERS, LONG_PROMPT, TIMEOUT, ScriptedEdge, run_scripted_edge

ROUTES = sorted({(operation.path, operation.method) for operation in OPERATIONS})
ALLOWED = "https://app.example.com"
CHAT = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Count."}], "max_tokens": 2}
PREFLIGHT = {"Origin": ALLOWED, "Access-Control-Request-Method": "POST"}
OTHER_HOSTS = [
    "evil.example",
    "evil.example:55111",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example/localhost",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost:55111:80",
    "localhost:x",
    "localhost, evil.example",
    "0.0.0.0",  # noqa: S104
    "192.168.1.7",
    "[::]",
    "[fe80::1]",
    "128.0.0.1",
    "2130706433",
    "0x7f.0.0.1",
    "localhost.",
    "",
]
LOOPBACK_HOSTS = ["localhost", "LOCALHOST:80", "127.0.0.1", "127.9.8.7:55111", "[::1]", "[::1]:1", "[0:0:0:0:0:0:0:1]"]


@pytest.fixture(scope="module")
def open_edge() -> Iterator[ScriptedEdge]:
    """An edge that allows an origin."""
    with run_scripted_edge(allow_origins=frozenset({ALLOWED, "chrome-extension://abc"})) as started:
        yield started


@pytest.fixture(scope="module")
def public_edge() -> Iterator[ScriptedEdge]:
    """An edge on all addresses, which has names that it does not know."""
    settings: Any = {"host": "0.0.0.0", "keys": frozenset({"mine"}), "allow_origins": frozenset({ALLOWED})}  # noqa: S104
    with run_scripted_edge(**settings) as started:
        yield started


def request(edge: ScriptedEdge, headers: dict[str, str], method: str = "GET", path: str = "/health") -> httpx.Response:
    key = next(iter(edge.settings.keys))
    url = f"http://127.0.0.1:{urlsplit(edge.url).port}{path}"
    return httpx.request(method, url, headers={"Authorization": f"Bearer {key}"} | headers, timeout=TIMEOUT)


def expect_rejection(response: httpx.Response, code: str) -> None:
    assert (response.status_code, response.json()["error"]["code"]) == (403, code)
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert response.headers["x-request-id"].startswith("req_")
    assert "access-control-allow-origin" not in response.headers


# Host


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_another_host_is_403_on_loopback(fake_edge: ScriptedEdge, host: str) -> None:
    """A name of another site that resolves to this machine, or an address that is not loopback."""
    expect_rejection(request(fake_edge, {"Host": host}), "host_not_allowed")


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_a_loopback_host_is_accepted(fake_edge: ScriptedEdge, host: str) -> None:
    """With any port: a tunnel may have another."""
    assert request(fake_edge, {"Host": host}).status_code == 200


@pytest.mark.parametrize(("path", "method"), [*ROUTES, ("/", "GET"), ("/_page/metrics", "GET"), ("/nothing", "GET")])
def test_no_path_is_served_to_another_host(fake_edge: ScriptedEdge, path: str, method: str) -> None:
    """Neither an operation nor the page; no model is loaded."""
    expect_rejection(request(fake_edge, {"Host": "evil.example"}, method, path), "host_not_allowed")
    assert request(fake_edge, {}, path="/v1/models/status").json()["loaded"] == []


@pytest.mark.parametrize("host", ["edge.example", "192.168.1.7:55111", "localhost"])
def test_an_edge_on_other_addresses_has_any_host(public_edge: ScriptedEdge, host: str) -> None:
    """It does not know its names; its key is not public."""
    assert request(public_edge, {"Host": host}).status_code == 200


# Origin


@pytest.mark.parametrize("host", [host for host in OTHER_HOSTS if host] + ["example.com"])
def test_another_origin_is_403(fake_edge: ScriptedEdge, host: str) -> None:
    """By a page of another site, whatever its name looks like."""
    expect_rejection(request(fake_edge, {"Origin": f"http://{host}"}), "origin_not_allowed")


@pytest.mark.parametrize("origin", ["null", "", "localhost", "file://", "app://localhost", "http://localhost/", "*"])
def test_an_origin_that_is_no_web_page_of_this_machine_is_403(fake_edge: ScriptedEdge, origin: str) -> None:
    """Such as a file, a sandboxed frame or an extension."""
    expect_rejection(request(fake_edge, {"Origin": origin}), "origin_not_allowed")


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_a_loopback_origin_is_served_without_cors(fake_edge: ScriptedEdge, host: str) -> None:
    """As the edge's own page; the browser gives the response to no page of another origin."""
    response = request(fake_edge, {"Origin": f"http://{host.lower()}"})
    assert response.status_code == 200
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_two_origins_are_403(open_edge: ScriptedEdge) -> None:
    """Although the first is allowed."""
    headers = [("Origin", ALLOWED), ("Origin", "https://evil.example"), *HEADERS.items()]
    expect_rejection(httpx.get(f"{open_edge.url}/health", headers=headers), "origin_not_allowed")


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("edge.example", "http://edge.example", 200),
        ("edge.example", "https://edge.example", 200),
        ("Edge.example:80", "http://edge.example", 200),
        ("edge.example:55111", "http://edge.example:55111", 200),
        ("edge.example:55111", ALLOWED, 200),
        ("edge.example:55111", "http://edge.example", 403),
        ("edge.example:55111", "http://localhost:55111", 403),
        ("edge.example", "http://evil.example", 403),
        ("edge.example", "null", 403),
    ],
)
def test_an_edge_on_other_addresses_has_the_origin_of_its_host(
    public_edge: ScriptedEdge, host: str, origin: str, status: int
) -> None:
    """And those that it allows."""
    assert request(public_edge, {"Host": host, "Origin": origin}).status_code == status


# Browsers that send no Origin


@pytest.mark.parametrize(("path", "mode"), [("/health", "no-cors"), ("/health", "navigate"), ("/", "no-cors")])
def test_a_request_of_a_page_of_another_site_is_403(fake_edge: ScriptedEdge, path: str, mode: str) -> None:
    """Such as an image or a form: browsers send no Origin with a GET, but its site."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode}
    expect_rejection(request(fake_edge, headers, path=path), "origin_not_allowed")


def test_a_link_on_another_site_opens_the_page(fake_edge: ScriptedEdge) -> None:
    """With GET; a form does not."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert request(fake_edge, headers, path="/").status_code == 200
    expect_rejection(request(fake_edge, headers, "POST", "/"), "origin_not_allowed")


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_the_page_of_the_edge_uses_it(fake_edge: ScriptedEdge, site: str) -> None:
    """As does an address that the user types."""
    assert request(fake_edge, {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "cors"}).status_code == 200


# CORS


def test_a_preflight_of_an_allowed_origin_needs_no_key(open_edge: ScriptedEdge) -> None:
    """A browser sends none; the response allows what the API needs, and this origin only."""
    response = httpx.options(f"{open_edge.url}/v1/chat/completions", headers=PREFLIGHT)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == ALLOWED
    assert response.headers["access-control-allow-methods"] == "GET, POST"
    assert response.headers["access-control-allow-headers"] == "authorization, content-type, idempotency-key"
    assert response.headers["access-control-max-age"] == "600"
    assert response.headers["vary"] == "Access-Control-Request-Headers, Origin"
    assert "access-control-allow-private-network" not in response.headers
    assert "access-control-allow-credentials" not in response.headers


def test_a_preflight_allows_the_requested_headers(open_edge: ScriptedEdge) -> None:
    """OpenAI's SDK for browsers has its own; what is no name is left out."""
    requested = {"Access-Control-Request-Headers": "authorization,x-stainless-os, X-Custom,bad name,"}
    response = httpx.options(f"{open_edge.url}/health", headers=PREFLIGHT | requested)
    names = response.headers["access-control-allow-headers"].split(", ")
    assert names == ["authorization", "content-type", "idempotency-key", "x-custom", "x-stainless-os"]


def test_a_preflight_allows_the_private_network(open_edge: ScriptedEdge) -> None:
    """Where the browser requests it: a public page that calls this machine."""
    headers = PREFLIGHT | {"Access-Control-Request-Private-Network": "true"}
    response = httpx.options(f"{open_edge.url}/health", headers=headers)
    assert response.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{ALLOWED}:8443", ALLOWED.replace("https", "http")]
)
def test_a_preflight_of_another_origin_is_403(open_edge: ScriptedEdge, origin: str) -> None:
    """Another port or scheme is another origin."""
    response = httpx.options(f"{open_edge.url}/health", headers=PREFLIGHT | {"Origin": origin})
    expect_rejection(response, "origin_not_allowed")


def test_a_preflight_of_a_loopback_origin_names_the_option(fake_edge: ScriptedEdge) -> None:
    """A page of a development server needs `--allow-origin`."""
    response = httpx.options(f"{fake_edge.url}/health", headers=PREFLIGHT | {"Origin": "http://localhost:3000"})
    expect_rejection(response, "origin_not_allowed")
    assert "--allow-origin" in response.json()["error"]["message"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("origin", [ALLOWED, "chrome-extension://abc"])
def test_a_response_to_an_allowed_origin_has_cors(open_edge: ScriptedEdge, origin: str, stream: bool) -> None:
    """Plain or streamed; a script can read the request id."""
    headers = HEADERS | {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    response = httpx.post(f"{open_edge.url}/v1/chat/completions", json=CHAT | {"stream": stream}, headers=headers)
    assert (response.status_code, "word" in response.text) == (200, True)
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["vary"] == "Origin"
    assert "x-request-id" in response.headers["access-control-expose-headers"].split(", ")


@pytest.mark.parametrize(
    ("headers", "body", "status", "exposed"),
    [
        ({"Authorization": "Bearer wrong"}, CHAT, 401, "www-authenticate"),
        ({}, CHAT | {"model": "none"}, 404, "x-request-id"),
        ({}, {}, 400, "x-request-id"),
        ({}, CHAT | {"messages": [{"role": "user", "content": LONG_PROMPT}]}, 400, "x-request-id"),
        ({"Content-Type": "text/plain"}, CHAT, 415, "x-request-id"),
    ],
)
def test_an_error_response_to_an_allowed_origin_has_cors(
    open_edge: ScriptedEdge, headers: dict[str, str], body: Any, status: int, exposed: str
) -> None:
    """Otherwise the script does not learn what is wrong."""
    headers = HEADERS | {"Origin": ALLOWED} | headers
    response = httpx.post(f"{open_edge.url}/v1/chat/completions", json=body, headers=headers, timeout=TIMEOUT)
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == ALLOWED
    assert exposed in response.headers["access-control-expose-headers"].split(", ")


def test_a_response_without_origin_varies_with_it(open_edge: ScriptedEdge) -> None:
    """So that a cache does not give it to a page."""
    response = request(open_edge, {})
    assert response.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in response.headers


def test_an_allowed_origin_is_no_allowed_host(open_edge: ScriptedEdge) -> None:
    """A page of the allowed site may call the edge; its name is not the edge's."""
    expect_rejection(request(open_edge, {"Host": "app.example.com"}), "host_not_allowed")


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_options_without_a_preflight_is_405(open_edge: ScriptedEdge, method: str) -> None:
    """As any method that the specification does not have."""
    assert request(open_edge, {"Origin": ALLOWED}, method).status_code == 405


# Settings


@pytest.mark.parametrize(
    "origin", ["*", "null", "", "localhost:3000", "https://a.example/", "https://a.example/x", "://a"]
)
def test_an_invalid_origin_is_rejected_at_the_start(origin: str) -> None:
    """With what it must look like."""
    with pytest.raises(ValueError, match=r"^allow_origins: .* https://app\.example\.com$"):
        EdgeSettings(allow_origins=frozenset({origin}))


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://a.example", Origin("https", "a.example", 443)),
        ("HTTP://A.example:8080", Origin("http", "a.example", 8080)),
        ("http://[::1]:1", Origin("http", "[::1]", 1)),
        ("moz-extension://0a-1b", Origin("moz-extension", "0a-1b", None)),
        ("http://a b", None),
        ("http://a:123456", None),
        ("http://a:", None),
        ("http://user@a", None),
    ],
)
def test_an_origin_has_a_scheme_a_host_and_a_port(text: str, origin: Origin | None) -> None:
    """The default port is the same as none."""
    assert parse_origin(text) == origin
