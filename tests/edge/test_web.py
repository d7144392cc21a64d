"""The files of the web page, its texts, its options, and its stream of state."""

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
from polargrid_edge.models.voices import KOKORO_NAMES
from polargrid_edge.services import Services
from polargrid_edge.settings import EdgeSettings
from polargrid_edge.web.markdown_route import MARKDOWN_PATH
from polargrid_edge.web.options import build_options
from polargrid_edge.web.routes import OPTIONS_PATH, static_files
from polargrid_edge.web.state_stream import STATE_PATH, StateReader, StateStream
from tests.edge.scripted import HEADERS, TIMEOUT, ScriptedEdge, run_scripted_edge

SPECIFICATION = load_specification()
FILES = static_files(SPECIFICATION)
FOLDER = resources.files("polargrid_edge.web").joinpath("static")
TEXTS = {file.name: file.read_text("utf-8") for file in FOLDER.iterdir() if file.is_file()}
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}
CHAT = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Count to five."}], "max_tokens": 12}


def iter_events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in response.iter_lines():
        if line:
            yield json.loads(line.removeprefix("data: "))


def wait_for_status(client: httpx.Client, operation: str, status: str) -> dict[str, Any]:
    """The first event in which the operation has the status."""
    with client.stream("GET", STATE_PATH) as response:
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


@pytest.mark.parametrize("path", FILES)
def test_a_file_has_its_media_type(fake_edge: ScriptedEdge, path: str) -> None:
    """A browser runs a script only with the right type."""
    suffix = "html" if path == "/" else path.rpartition(".")[2]
    assert httpx.get(fake_edge.url + path).headers["content-type"] == TYPES[suffix]


@pytest.mark.parametrize("path", FILES)
def test_a_file_has_a_strict_policy(fake_edge: ScriptedEdge, path: str) -> None:
    """Scripts, styles and connections are the edge's own; no inline code, no frame."""
    headers = httpx.get(fake_edge.url + path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["img-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["trusted-types"] == "markdown"
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
    for path in (STATE_PATH, MARKDOWN_PATH, OPTIONS_PATH + "x", "/_page/", "/_page/nothing.js", "/_page/../app.py"):
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
        used |= set(re.findall(r'fetch\("([^"]+)"\)', text))
    assert used == set(FILES)


def test_the_page_is_small() -> None:
    """Less than 110 kB in total, without a build step."""
    assert sum(len(text.encode()) for text in TEXTS.values()) < 110_000


# The texts


def test_every_language_has_the_same_texts() -> None:
    """With the same values in them."""
    languages = json.loads(TEXTS["strings.json"])
    english = {key: set(re.findall(r"\{\w+\}", text)) for key, text in languages["en"].items()}
    for texts in languages.values():
        assert {key: set(re.findall(r"\{\w+\}", text)) for key, text in texts.items()} == english
        assert all(texts.values())


def test_every_text_is_used() -> None:
    """And every text that is used exists; a script may build the end of a key."""
    keys = set(json.loads(TEXTS["strings.json"])["en"])
    used = {"language", *re.findall(r'data-(?:text|label|hint)="([\w.]+)"', TEXTS["index.html"])}
    for name, text in TEXTS.items():
        if name.endswith(".js"):
            used |= {key for key in keys if f'"{key}"' in text}
            assert set(re.findall(r'\btext\(\s*"([\w.]+)"', text)) <= keys
            for start, end in re.findall(r"`([a-z]+\.)\$\{\w+\}([.\w]*)`", text):
                used |= {key for key in keys if key.startswith(start) and key.endswith(end)}
    assert used == keys


def test_a_file_has_no_text_of_its_own() -> None:
    """All texts are in strings.json, but for the names in the title and what is shown without JavaScript."""
    html = re.sub(r"<!--.*?-->|<(noscript|title|h1)>.*?</\1>", "", TEXTS["index.html"], flags=re.DOTALL)
    assert re.findall(r">([^<>]*[a-zA-Z][^<>]*)<", html) == []
    assert re.findall(r'\s(?:title|placeholder|aria-label|alt)="[^"]+"', html) == []


# The options


def test_the_settings_are_those_of_the_specification() -> None:
    """Each with its kind and its limits; what has no effect is not offered."""
    fields = {field.pop("name"): field for field in build_options(SPECIFICATION)["chat"]}
    assert fields["temperature"].pop("description")
    assert fields["temperature"] == {"kind": "number", "minimum": 0, "maximum": 2, "default": 0.7}
    kinds = {name: field["kind"] for name, field in fields.items()}
    expected = {"max_tokens": "integer", "top_p": "number", "seed": "integer", "stop": "texts", "tools": "json"}
    expected |= {"response_format": "json", "parallel_tool_calls": "boolean", "user": "text", "logit_bias": "json"}
    assert expected.items() <= kinds.items()
    assert kinds.keys().isdisjoint({"model", "messages", "stream", "service_tier", "store"})


def test_a_new_field_of_the_specification_is_offered() -> None:
    """Without a change of the page."""
    field = {"type": ["string", "null"], "enum": ["a", "b", None], "description": "A field."}
    specification = json.loads(json.dumps(SPECIFICATION))
    specification["components"]["schemas"]["ChatCompletionRequest"]["properties"]["new_field"] = field
    added = {"name": "new_field", "kind": "choice", "description": "A field.", "values": ["a", "b"]}
    assert build_options(specification)["chat"][-1] == added


def test_all_voices_are_offered(fake_edge: ScriptedEdge) -> None:
    """By each of their names, and all formats."""
    speech = httpx.get(fake_edge.url + OPTIONS_PATH).json()["speech"]
    assert set(speech["voices"]) == set(KOKORO_NAMES)
    assert speech["formats"] == ["mp3", "opus", "aac", "flac", "wav", "pcm"]
    assert (speech["speed"]["minimum"], speech["speed"]["maximum"]) == (0.25, 4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [(text, ground) for text in ("ink", "soft", "accent") for ground in ("ground", "surface", "sunk")]
    + [("on-accent", "accent"), ("bad", "surface"), ("bad", "ground")],
)
def test_text_has_contrast(scheme: str, text: str, ground: str) -> None:
    """At least 4.5, as WCAG 2.2 requires for all but large text (1.4.3)."""
    pairs = re.findall(r"--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\);", TEXTS["style.css"])
    colours = {name: light if scheme == "light" else dark for name, light, dark in pairs}
    lighter, darker = sorted((compute_luminance(colours[name]) for name in (text, ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def compute_luminance(colour: str) -> float:
    """The relative luminance (WCAG) of a colour of six digits."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# The stream of state


def test_the_first_event_has_all_that_the_page_shows(fake_client: httpx.Client) -> None:
    """What the API says of the models, their states, health and memory; later ones have what changes."""
    expected = {
        "health": fake_client.get("/health").json(),
        "models": fake_client.get("/v1/models").json()["data"],
        "states": fake_client.get("/v1/models/status").json()["loading_status"],
    }
    with fake_client.stream("GET", STATE_PATH) as response:
        first, second = (event for event, _ in zip(iter_events(response), range(2), strict=False))
    del expected["health"]["timestamp"], first["health"]["timestamp"]
    assert {name: first[name] for name in expected} == expected
    assert len(first["gpus"]) == len(fake_client.get("/v1/gpu/memory").json()["memory"])
    assert first["memory"] is None or first["memory"] > 0
    assert set(first) - set(second) == {"health", "models"}


def test_what_the_page_reads_is_not_counted() -> None:
    """Neither its stream, nor its files, nor the Markdown that it renders."""
    with (
        run_scripted_edge() as edge,
        httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
        client.stream("GET", STATE_PATH) as response,
    ):
        for path in FILES:
            client.get(path)
        headers = {"origin": edge.url, "content-type": "text/plain"}
        assert client.post(MARKDOWN_PATH, content=b"a", headers=headers).status_code == 200
        _, second = (event for event, _ in zip(iter_events(response), range(2), strict=False))
        assert (second["operations"], second["in_flight"]) == ({}, {})
        assert client.get("/v1/usage").json()["usage"]["total_requests"] == 0


def test_the_stream_reports_a_request() -> None:
    """One that started after the stream."""
    with (
        run_scripted_edge() as fake_edge,
        httpx.Client(base_url=fake_edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
        client.stream("GET", STATE_PATH) as response,
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
        httpx.stream("GET", fake_edge.url + STATE_PATH, headers=HEADERS, timeout=TIMEOUT) as response,
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
            await StateStream(StateReader(Services(EdgeSettings()), Metrics()), active)(
                {"type": "http", "method": "GET"}, receive, send
            )
            await asyncio.sleep(0)  # the cancelled task that waits for the disconnect ends in the next iteration
            assert asyncio.all_tasks() == {asyncio.current_task()}
        return messages

    return anyio.run(run)
