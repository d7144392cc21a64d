"""The page in the browser as the edge serves it, and the traffic it is told of."""

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

from polargrid_edge.app import specification
from polargrid_edge.endpoint import OpenCalls
from polargrid_edge.page import TRAFFIC_PATH, TrafficStream, files
from polargrid_edge.server import Edge, running
from polargrid_edge.settings import EdgeSettings
from polargrid_edge.traffic import Traffic

FOLDER = resources.files("polargrid_edge").joinpath("page")
TEXTS = {file.name: file.read_text("utf-8") for file in FOLDER.iterdir()}
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
CHAT = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Count to five."}], "max_tokens": 12}
HEADERS = {"Authorization": "Bearer pg_local"}


@pytest.fixture(scope="module")
def quiet() -> Iterator[httpx.Client]:
    """A client of an edge that nobody else asks anything."""
    settings = EdgeSettings(port=0, chat_model="smollm2-135m")
    with running(settings) as edge, httpx.Client(base_url=edge.url, headers=HEADERS, timeout=60) as client:
        yield client


def events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in answer.iter_lines():
        if line:
            yield json.loads(line.removeprefix("data: "))


def told_after(client: httpx.Client, operation: str, status: str) -> dict[str, Any]:
    """The first event that tells of an operation with that status."""
    with client.stream("GET", TRAFFIC_PATH) as answer:
        for told in events(answer):
            if status in told["operations"].get(operation, {"statuses": {}})["statuses"]:
                return told
    raise AssertionError("the stream ended")


# The files


def test_the_page_needs_no_key(edge: Edge) -> None:
    """A browser has none when it first asks."""
    answer = httpx.get(f"{edge.url}/")
    assert answer.status_code == 200
    assert "<title>PolarGrid edge</title>" in answer.text


@pytest.mark.parametrize("path", files())
def test_each_file_has_its_type(edge: Edge, path: str) -> None:
    """By which a browser runs it, or does not."""
    ending = "html" if path == "/" else path.rpartition(".")[2]
    assert httpx.get(edge.url + path).headers["content-type"] == TYPES[ending]


@pytest.mark.parametrize("path", files())
def test_each_file_lets_in_nothing_foreign(edge: Edge, path: str) -> None:
    """Scripts, styles, connections: all from the edge alone, none inline, no frame around it."""
    headers = httpx.get(edge.url + path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["img-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_an_upgraded_page_is_not_the_old_one(edge: Edge) -> None:
    """A browser asks each time, and is sent what it does not have."""
    first = httpx.get(f"{edge.url}/")
    assert first.headers["cache-control"] == "no-cache"
    same = httpx.get(f"{edge.url}/", headers={"If-None-Match": f'"old", W/{first.headers["etag"]}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert httpx.get(f"{edge.url}/", headers={"If-None-Match": '"old"'}).content == first.content


def test_a_head_is_a_get_without_the_page(edge: Edge) -> None:
    """The same headers, its length among them."""
    head, get = httpx.head(f"{edge.url}/"), httpx.get(f"{edge.url}/")
    named = ("content-length", "content-type", "etag")
    assert [head.headers[name] for name in named] == [get.headers[name] for name in named]
    assert head.content == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_page_is_only_read(client: httpx.Client, method: str) -> None:
    """405 in the API's shape."""
    answer = client.request(method, "/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_beside_the_page_nothing_is_open(edge: Edge, client: httpx.Client) -> None:
    """Neither the traffic nor what there is not."""
    for path in (TRAFFIC_PATH, "/_page/", "/_page/nothing.js", "/_page/../app.py"):
        assert httpx.get(edge.url + path).status_code == 401
    assert client.get("/_page/nothing.js").status_code == 404


@pytest.mark.parametrize("name", TEXTS)
def test_no_file_names_another_host(name: str) -> None:
    """The one URL is the name of SVG, which nobody fetches."""
    text = TEXTS[name].replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?i)\b(?:https?|wss?|ftp|data):/*\w|[\"'(]//", text) == []


def test_nothing_is_inline() -> None:
    """The policy forbids it, so that it would not work."""
    html = TEXTS["index.html"]
    assert re.findall(r"<style|<script(?![^>]*\bsrc=)|\s(?:style|on\w+)=", html) == []


def test_every_file_is_named_and_there() -> None:
    """None is missing, none is left over."""
    named = {"/", *re.findall(r'(?:href|src)="(/_page/[^"]+)"', TEXTS["index.html"])}
    for text in TEXTS.values():
        named |= {f"/_page/{name}" for name in re.findall(r'from "\./([\w.]+)"', text)}
    assert named == set(files())


def test_the_page_is_small() -> None:
    """40 kB in all."""
    assert sum(len(text.encode()) for text in TEXTS.values()) < 40_000


def test_the_voices_are_those_of_the_api() -> None:
    """Each that can be chosen."""
    select = re.search(r'<select id="speak-voice">(.*?)</select>', TEXTS["index.html"], re.DOTALL)
    assert select is not None
    offered = set(re.findall(r'value="(\w+)"', select[1]))
    assert offered
    assert offered <= set(specification()["components"]["schemas"]["TTSVoice"]["enum"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [(text, ground) for text in ("ink", "soft") for ground in ("ground", "surface", "sunk")]
    + [("accent", "surface"), ("on-accent", "accent"), ("bad", "surface")],
)
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    """A contrast of 4.5, as WCAG 2.2 wants it for all but large text (1.4.3)."""
    roots = re.findall(r":root \{(.*?)\}", TEXTS["style.css"], re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): #(\w+);", roots[0 if scheme == "light" else 1]))
    lighter, darker = sorted((luminance(colours[name]) for name in (text, ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """WCAG's relative luminance of a colour of three or six digits."""
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# The stream


def test_the_stream_tells_a_request(quiet: httpx.Client) -> None:
    """One that came after it had begun."""
    with quiet.stream("GET", TRAFFIC_PATH) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        coming = events(answer)
        assert "get_gpu_status" not in next(coming)["operations"]
        quiet.get("/v1/gpu/status")
        told = next(told for told in coming if "get_gpu_status" in told["operations"])
    assert told["operations"]["get_gpu_status"]["statuses"] == {"200": 1}


def test_a_refused_request_is_told_with_its_status(quiet: httpx.Client) -> None:
    """Here one for a model that there is not."""
    quiet.post("/v1/audio/speech", json={"model": "gpt-9", "input": "Hello", "voice": "alloy"})
    assert told_after(quiet, "text_to_speech", "404")["operations"]["text_to_speech"]["statuses"] == {"404": 1}


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_are_told_as_the_usage_has_them(stream: bool) -> None:
    """Streamed or not; a stream has a usage of its own only where it was asked for."""
    settings = EdgeSettings(port=0, chat_model="smollm2-135m")
    with running(settings) as edge, httpx.Client(base_url=edge.url, headers=HEADERS, timeout=60) as client:
        body = CHAT | {"temperature": 0, "stream": stream}
        answer = client.post("/v1/chat/completions", json=body)
        assert ('"usage"' in answer.text) is not stream
        assert sum(told_after(client, "chat_completion", "200")["tokens"]) == CHAT["max_tokens"]


def test_a_client_that_left_is_told(quiet: httpx.Client) -> None:
    """As gone, whatever the edge had answered by then."""
    long = CHAT | {"max_tokens": 4096, "stream": True}
    with quiet.stream("POST", "/v1/chat/completions", json=long) as answer:
        next(answer.iter_raw())
    assert told_after(quiet, "chat_completion", "gone")["in_flight"] == {}


def test_a_stopping_edge_ends_the_stream() -> None:
    """As a whole answer, at once: one that was cut would raise here."""
    with (
        running(EdgeSettings(port=0, chat_model="smollm2-135m")) as edge,
        httpx.stream("GET", edge.url + TRAFFIC_PATH, headers=HEADERS, timeout=60) as answer,
    ):
        coming = events(answer)
        next(coming)
        edge.stop()
        assert len(list(coming)) < 5


def test_a_stopping_edge_begins_no_stream() -> None:
    """A request that came with the last breath would hold it up for ever."""
    calls = OpenCalls()
    calls.stop()
    assert [message.get("status") for message in streamed(calls)] == [503, None]


def test_a_reader_that_leaves_leaves_nothing() -> None:
    """The stream ends, and is not kept among the open calls."""
    calls = OpenCalls()
    assert [message["type"] for message in streamed(calls)][:2] == ["http.response.start", "http.response.body"]
    assert calls._scopes == set()


def streamed(calls: OpenCalls) -> list[dict[str, Any]]:
    """What a stream sends to a client that leaves with the first event."""

    async def run() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        gone = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)
            if message["type"] == "http.response.body":
                gone.set()

        with anyio.fail_after(10):
            await TrafficStream(Traffic(), calls)({"type": "http", "method": "GET"}, receive, send)
            await asyncio.sleep(0)  # the watch over the client is cancelled, and ends with the next turn
            assert asyncio.all_tasks() == {asyncio.current_task()}
        return sent

    return anyio.run(run)
