"""Pages of other sites in a real browser, with an edge with scripted backends: what they can and cannot do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from selenium import webdriver

from tests.edge.browser import needs_browser, run_browser
from tests.edge.scripted import CHAT_MODEL, HEADERS, TIMEOUT, ScriptedEdge, run_scripted_edge

CHAT = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Count."}], "max_tokens": 3, "stream": True}
# Calls the callback with the status, a header and the text of a response, or with the name of an exception.
FETCH = """
const [url, options, done] = arguments;
fetch(url, options)
  .then(async response => done([response.status, response.headers.get("x-request-id"), await response.text()]))
  .catch(error => done(error.name));
"""

pytestmark = needs_browser


class BlankPage(BaseHTTPRequestHandler):
    """Responds to any path with an empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def site_port() -> Iterator[int]:
    """The port of a web server on this machine; every name under `.example` is its name."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BlankPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def fake_edge(site_port: int) -> Iterator[ScriptedEdge]:
    """An edge that allows one site."""
    with run_scripted_edge(allow_origins=frozenset({f"http://app.example:{site_port}"})) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """Chromium, for which every name under `.example` is this machine."""
    with run_browser("--host-resolver-rules=MAP *.example 127.0.0.1") as driver:
        driver.set_script_timeout(TIMEOUT)
        yield driver


def fetch(browser: webdriver.Chrome, url: str, **options: Any) -> Any:
    return browser.execute_async_script(FETCH, url, options)


def list_loaded(edge: ScriptedEdge) -> Any:
    return httpx.get(f"{edge.url}/v1/models/status", headers=HEADERS).json()["loaded"]


LOAD = {
    "method": "POST",
    "headers": HEADERS | {"content-type": "application/json"},
    "body": f'{{"model_name": "{CHAT_MODEL}"}}',
}


def test_a_name_of_another_site_is_not_the_edge(browser: webdriver.Chrome, fake_edge: ScriptedEdge) -> None:
    """DNS rebinding: for the browser, script and edge have one origin."""
    browser.get(f"http://evil.example:{urlsplit(fake_edge.url).port}/")
    assert "host_not_allowed" in browser.page_source
    assert fetch(browser, "/v1/models/load", **LOAD)[0] == 403
    assert list_loaded(fake_edge) == []


@pytest.mark.parametrize("changes", [{}, {"mode": "no-cors"}, {"mode": "no-cors", "headers": {}}])
def test_a_page_of_another_site_cannot_use_the_edge(
    browser: webdriver.Chrome, site_port: int, fake_edge: ScriptedEdge, changes: dict[str, Any]
) -> None:
    """The browser gives it no response, and the edge does nothing."""
    browser.get(f"http://evil.example:{site_port}/")
    result = fetch(browser, f"{fake_edge.url}/v1/models/load", **LOAD | changes)
    assert result in ("TypeError", [0, None, ""])
    assert list_loaded(fake_edge) == []


def test_a_page_of_an_allowed_origin_uses_the_edge(
    browser: webdriver.Chrome, site_port: int, fake_edge: ScriptedEdge
) -> None:
    """A stream, and an error with its text; both have a request id."""
    browser.get(f"http://app.example:{site_port}/")
    options = LOAD | {"body": httpx.Request("POST", "http://x", json=CHAT).content.decode()}
    status, request_id, text = fetch(browser, f"{fake_edge.url}/v1/chat/completions", **options)
    assert (status, request_id[:4], text.count("word"), text[-14:]) == (200, "req_", 3, "data: [DONE]\n\n")
    status, request_id, text = fetch(browser, f"{fake_edge.url}/v1/chat/completions", **LOAD | {"body": "{}"})
    assert (status, request_id[:4], "Field required" in text) == (400, "req_", True)
