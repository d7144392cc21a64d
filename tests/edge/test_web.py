"""The files of the web page, and its stream of metrics."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import anyio
import httpx
import pytest

from polargrid_edge.app import load_specification
from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.metrics import Metrics
from polargrid_edge.web.routes import METRICS_PATH, MetricsStream, static_files
from tests.edge.scripted import HEADERS, TIMEOUT, ScriptedEdge, run_scripted_edge

FOLDER = resources.files("polargrid_edge.web").joinpath("static")
TEXTS = {file.name: file.read_text("utf-8") for file in FOLDER.iterdir() if file.is_file()}
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
CHAT = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Count to five."}], "max_tokens": 12}


def iter_events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in response.iter_lines():
        if line:
            yield json.loads(line.removeprefix("data: "))


def wait_for_status(client: httpx.Client, operation: str, status: str) -> dict[str, Any]:
    """The first event in which the operation has the status."""
    with client.stream("GET", METRICS_PATH) as response:
        for metrics in iter_events(response):
            if status in metrics["operations"].get(operation, {"statuses": {}})["statuses"]:
                return metrics
    raise AssertionError("the stream ended")


# The files


def test_the_page_needs_no_key(fake_edge: ScriptedEdge) -> None:
    """A browser has none at its first request."""
    response = httpx.get(f"{fake_edge.url}/")
    assert response.status_code == 200
    assert "<title>PolarGrid edge</title>" in response.text


@pytest.mark.parametrize("path", static_files())
def test_a_file_has_its_media_type(fake_edge: ScriptedEdge, path: str) -> None:
    """A browser runs a script only with the right type."""
    suffix = "html" if path == "/" else path.rpartition(".")[2]
    assert httpx.get(fake_edge.url + path).headers["content-type"] == TYPES[suffix]


@pytest.mark.parametrize("path", static_files())
def test_a_file_has_a_strict_policy(fake_edge: ScriptedEdge, path: str) -> None:
    """Scripts, styles and connections are the edge's own; no inline code, no frame."""
    headers = httpx.get(fake_edge.url + path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["img-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_cached_page_is_validated(fake_edge: ScriptedEdge) -> None:
    """A browser sends its ETag each time, and gets the file only if it changed."""
    first = httpx.get(f"{fake_edge.url}/")
    assert first.headers["cache-control"] == "no-cache"
    same = httpx.get(f"{fake_edge.url}/", headers={"If-None-Match": f'"old", W/{first.headers["etag"]}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert httpx.get(f"{fake_edge.url}/", headers={"If-None-Match": '"old"'}).content == first.content


def test_a_head_response_has_the_headers_of_a_get(fake_edge: ScriptedEdge) -> None:
    """Its length included."""
    head, get = httpx.head(f"{fake_edge.url}/"), httpx.get(f"{fake_edge.url}/")
    names = ("content-length", "content-type", "etag")
    assert [head.headers[name] for name in names] == [get.headers[name] for name in names]
    assert head.content == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_page_is_read_only(fake_client: httpx.Client, method: str) -> None:
    """405 in the API's shape."""
    response = fake_client.request(method, "/")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    assert response.json()["error"]["code"] == "method_not_allowed"


def test_other_paths_require_a_key(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """The stream of metrics and unknown paths."""
    for path in (METRICS_PATH, "/_page/", "/_page/nothing.js", "/_page/../app.py"):
        assert httpx.get(fake_edge.url + path).status_code == 401
    assert fake_client.get("/_page/nothing.js").status_code == 404


@pytest.mark.parametrize("name", TEXTS)
def test_no_file_has_a_url_of_another_host(name: str) -> None:
    """Except the namespace of SVG, which is not fetched."""
    text = TEXTS[name].replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?i)\b(?:https?|wss?|ftp|data):/*\w|[\"'(]//", text) == []


def test_the_page_has_no_inline_code() -> None:
    """The policy forbids it."""
    html = TEXTS["index.html"]
    assert re.findall(r"<style|<script(?![^>]*\bsrc=)|\s(?:style|on\w+)=", html) == []


def test_every_file_is_used() -> None:
    """And every file that the page uses exists."""
    used = {"/", *re.findall(r'(?:href|src)="(/_page/[^"]+)"', TEXTS["index.html"])}
    for text in TEXTS.values():
        used |= {f"/_page/{name}" for name in re.findall(r'from "\./([\w.]+)"', text)}
    assert used == set(static_files())


def test_the_page_is_small() -> None:
    """Less than 45 kB in total."""
    assert sum(len(text.encode()) for text in TEXTS.values()) < 45_000


def test_the_voices_are_those_of_the_api() -> None:
    """Every voice in the list."""
    select = re.search(r'<select id="speech-voice">(.*?)</select>', TEXTS["index.html"], re.DOTALL)
    assert select is not None
    offered = set(re.findall(r'value="(\w+)"', select[1]))
    assert offered
    assert offered <= set(load_specification()["components"]["schemas"]["TTSVoice"]["enum"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [(text, ground) for text in ("ink", "soft") for ground in ("ground", "surface", "sunk")]
    + [("accent", "surface"), ("on-accent", "accent"), ("bad", "surface")],
)
def test_text_has_contrast(scheme: str, text: str, ground: str) -> None:
    """At least 4.5, as WCAG 2.2 requires for all but large text (1.4.3)."""
    roots = re.findall(r":root \{(.*?)\}", TEXTS["style.css"], re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): #(\w+);", roots[0 if scheme == "light" else 1]))
    lighter, darker = sorted((compute_luminance(colours[name]) for name in (text, ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def compute_luminance(colour: str) -> float:
    """The relative luminance (WCAG) of a colour of three or six digits."""
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# The stream of metrics


def test_the_stream_reports_a_request() -> None:
    """One that started after the stream."""
    with (
        run_scripted_edge() as fake_edge,
        httpx.Client(base_url=fake_edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
        client.stream("GET", METRICS_PATH) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        stream = iter_events(response)
        assert "get_gpu_status" not in next(stream)["operations"]
        client.get("/v1/gpu/status")
        metrics = next(metrics for metrics in stream if "get_gpu_status" in metrics["operations"])
    assert metrics["operations"]["get_gpu_status"]["statuses"] == {"200": 1}


def test_the_stream_reports_a_rejected_request(fake_client: httpx.Client) -> None:
    """With its status."""
    fake_client.post("/v1/audio/speech", json={"model": "gpt-9", "input": "Hello", "voice": "alloy"})
    metrics = wait_for_status(fake_client, "text_to_speech", "404")
    assert metrics["operations"]["text_to_speech"]["statuses"] == {"404": 1}


@pytest.mark.parametrize("stream", [False, True])
def test_the_stream_reports_the_tokens_of_the_usage(stream: bool) -> None:
    """A streamed response counts the same, and has a usage of its own only if requested."""
    with (
        run_scripted_edge() as fake_edge,
        httpx.Client(base_url=fake_edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
    ):
        response = client.post("/v1/chat/completions", json=CHAT | {"stream": stream})
        assert ('"usage"' in response.text) is not stream
        metrics = wait_for_status(client, "chat_completion", "200")
        assert sum(metrics["tokens"]) == CHAT["max_tokens"]


def test_the_stream_reports_a_disconnect(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """As gone, although the response had started."""
    fake_edge.text.hold()
    with fake_client.stream("POST", "/v1/chat/completions", json=CHAT | {"stream": True}) as response:
        chunks = response.iter_raw()
        next(chunks)
    fake_edge.text.released.set()
    assert wait_for_status(fake_client, "chat_completion", "gone")["in_flight"] == {}


def test_a_stopping_edge_ends_the_stream() -> None:
    """As a complete response; a cut response would raise an exception."""
    with (
        run_scripted_edge() as fake_edge,
        httpx.stream("GET", fake_edge.url + METRICS_PATH, headers=HEADERS, timeout=TIMEOUT) as response,
    ):
        stream = iter_events(response)
        next(stream)
        fake_edge.edge.stop()
        list(stream)


def test_a_stopping_edge_starts_no_stream() -> None:
    """It would delay the shutdown."""
    active = ActiveRequests()
    active.stop()
    assert [message.get("status") for message in run_stream(active)] == [503, None]


def test_a_disconnect_ends_the_stream() -> None:
    """No task and no active request remains."""
    active = ActiveRequests()
    messages = [message["type"] for message in run_stream(active)]
    assert messages[:2] == ["http.response.start", "http.response.body"]
    assert len(active) == 0


def run_stream(active: ActiveRequests) -> list[dict[str, Any]]:
    """The messages of a stream to a client that disconnects at the first event."""

    async def run() -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        disconnected = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await disconnected.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            messages.append(message)
            if message["type"] == "http.response.body":
                disconnected.set()

        with anyio.fail_after(TIMEOUT):
            await MetricsStream(Metrics(), active)({"type": "http", "method": "GET"}, receive, send)
            await asyncio.sleep(0)  # the cancelled task that waits for the disconnect ends in the next iteration
            assert asyncio.all_tasks() == {asyncio.current_task()}
        return messages

    return anyio.run(run)
