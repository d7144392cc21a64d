"""x-pg-ignored: every response names the fields of its request that had no effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from polargrid_edge.app import build_app, load_specification
from polargrid_edge.http.ignored_fields import find_ignored, ignorable_fields
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.services.context import RequestContext
from polargrid_edge.settings import EdgeSettings
from polargrid_generated.models import TextToSpeechRequest
from polargrid_generated.operations import OPERATIONS
from polargrid_testing.samples import Sample, load_samples, sample_schema
from tests.edge.scripted import HEADERS
from tests.edge.test_app import CHAT, CHAT_PATH, FORM, SPEECH, SPEECH_PATH, TONE

SPEC = load_specification()
IGNORABLE = ignorable_fields(SPEC)
SAMPLES = [sample for sample in load_samples() if sample.name in IGNORABLE]
TRANSCRIPTION_PATH = "/v1/audio/transcriptions"


class _Services:
    """Operations that do nothing, plain or streamed, but obey some fields."""

    usage = None
    pool = SimpleNamespace(upstreams=None)

    def __init__(self, obeyed: tuple[str, ...] = (), *, status: int = 200, stream: bool = False) -> None:
        self._obeyed, self._status, self._stream = obeyed, status, stream

    def handler(self, operation: str) -> Callable[[RequestContext[Any]], Any]:
        del operation
        return self._handle

    async def _handle(self, context: RequestContext[Any]) -> Response:
        context.obey(self._obeyed)
        if self._stream:
            return StreamedResponse(_one_chunk(), "text/event-stream", {})
        return Response(b"{}", self._status)


async def _one_chunk() -> AsyncIterator[bytes]:
    yield b"data: [DONE]\n\n"


def _schemas(name: str) -> dict[str, Any]:
    """The ignorable fields of an operation with their schemas, wherever the document defines them."""
    properties: dict[str, Any] = {}
    for schema in SPEC["components"]["schemas"].values():
        properties |= {key: value for key, value in schema.get("properties", {}).items() if value.get("x-may-ignore")}
    return {field: properties[field] for field in IGNORABLE[name]}


def _send(services: _Services, sample: Sample, fields: dict[str, Any]) -> httpx.Response:
    return asyncio.run(_send_async(services, sample, fields))


async def _send_async(services: _Services, sample: Sample, fields: dict[str, Any]) -> httpx.Response:
    transport = httpx.ASGITransport(build_app(EdgeSettings(port=0), services))  # type: ignore[arg-type]
    operation = next(item for item in OPERATIONS if item.name == sample.name)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=HEADERS) as client:
        return await client.request(operation.method, operation.path, **_body(sample, fields))


def _body(sample: Sample, fields: dict[str, Any]) -> dict[str, Any]:
    if not sample.files:
        return {"json": {**sample.request, **fields}}
    return {"data": {**sample.request, **fields}, "files": dict.fromkeys(sample.files, ("a.wav", TONE))}


@pytest.fixture(params=SAMPLES, ids=str)
def sample(request: pytest.FixtureRequest) -> Sample:
    """An operation with fields that a server may ignore."""
    found: Sample = request.param
    return found


@pytest.fixture
def fields(sample: Sample) -> dict[str, Any]:
    """A value of each of them."""
    return {name: sample_schema(schema) for name, schema in _schemas(sample.name).items()}


@pytest.mark.parametrize("stream", [False, True])
def test_fields_without_effect_are_named(sample: Sample, fields: dict[str, Any], *, stream: bool) -> None:
    """In JSON and in forms, of plain and of streamed responses, in the order of the document."""
    response = _send(_Services(stream=stream), sample, fields)
    assert response.headers["x-pg-ignored"] == ", ".join(fields)


def test_obeyed_fields_are_not_named(sample: Sample, fields: dict[str, Any]) -> None:
    """The service says which it obeys; without another one there is no header."""
    first, *others = fields
    response = _send(_Services((first,)), sample, fields)
    assert response.headers.get("x-pg-ignored") == (", ".join(others) or None)


def test_a_request_without_such_fields_has_no_header(sample: Sample, fields: dict[str, Any]) -> None:
    """Nor has one in which they are null; a form has no null."""
    response = _send(_Services(), sample, {} if sample.files else dict.fromkeys(fields))
    assert (response.status_code, response.headers.get("x-pg-ignored")) == (200, None)


def test_a_rejection_ignores_nothing(sample: Sample, fields: dict[str, Any]) -> None:
    """The document has the header with successful responses."""
    response = _send(_Services(status=400), sample, fields)
    assert (response.status_code, response.headers.get("x-pg-ignored")) == (400, None)


@pytest.mark.parametrize(
    ("path", "options", "ignored"),
    [
        (SPEECH_PATH, {"json": SPEECH | {"instructions": "Whisper."}}, "instructions"),
        (SPEECH_PATH, {"json": SPEECH | {"instructions": "Whisper.", "stream": True}}, "instructions"),
        (CHAT_PATH, {"json": CHAT | {"prompt_cache_key": "k", "stream": True}}, "prompt_cache_key"),
        (
            TRANSCRIPTION_PATH,
            {"data": FORM | {"include[]": "logprobs", "chunking_strategy": "auto"}, "files": {"file": ("a.wav", TONE)}},
            "include[], chunking_strategy",
        ),
    ],
)
def test_a_replay_names_the_same_fields(
    fake_client: httpx.Client, path: str, options: dict[str, Any], ignored: str
) -> None:
    """A stored response keeps the header."""
    headers = {"Idempotency-Key": f"{path} {sorted(options)} {ignored} {options.get('json', {}).get('stream')}"}
    responses = [fake_client.post(path, headers=headers, **options) for _ in range(2)]
    assert [response.headers["x-pg-ignored"] for response in responses] == [ignored, ignored]
    assert responses[1].headers["idempotency-replayed"] == "true"


def test_the_fields_of_a_model_are_found_by_their_names() -> None:
    """What is set, not null, ignorable and not obeyed."""
    body = TextToSpeechRequest(model="tts-1", input="Hi.", voice="alloy", instructions="Slowly.", stream=None)
    assert find_ignored(body, ["stream", "instructions"], []) == ["instructions"]
    assert find_ignored(body, ["stream", "instructions"], ["instructions"]) == []
    assert find_ignored(None, ["stream"], []) == []


def test_only_bodies_with_marked_fields_are_listed() -> None:
    """Through references and combinations of schemas, of any media type."""
    marked = {"a": {"x-may-ignore": True}, "b": {}}
    part = {"properties": marked}
    document = {
        "components": {"schemas": {"A": part, "B": {"allOf": [{"$ref": "#/components/schemas/A"}, {}]}}},
        "paths": {
            "/a": {"get": {"operationId": "none"}, "parameters": []},
            "/b": {"post": _operation("form", "multipart/form-data", {"$ref": "#/components/schemas/B"})},
            "/c": {"post": _operation("union", "application/json", {"oneOf": [part, {"properties": {"b": {}}}]})},
            "/d": {"post": _operation("plain", "application/json", {"properties": {"b": {}}})},
        },
    }
    assert ignorable_fields(document) == {"form": ("a",), "union": ("a",)}


def _operation(name: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "requestBody": {"content": {media_type: {"schema": schema}}}}
