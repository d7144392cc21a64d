"""The operations over HTTP: what the edge accepts, rejects, and responds."""

from __future__ import annotations

import gc
import json
from typing import Any

import httpx
import jsonschema_rs
import pytest

from polargrid_edge.app import find_unserved_operations, load_specification
from polargrid_edge.errors import EdgeError
from polargrid_edge.media.audio import encode
from polargrid_edge.server import run_in_thread
from polargrid_edge.services import Services
from polargrid_edge.services.context import RequestContext
from polargrid_edge.settings import EdgeSettings
from polargrid_generated.operations import OPERATIONS
from tests.edge.scripted import HEADERS, LONG_PROMPT, ScriptedEdge, ScriptedSpeech, run_scripted_edge, wait_until

SPEC = load_specification()
ROUTES = sorted({(operation.path, operation.method) for operation in OPERATIONS})
PUBLIC = {(operation.path, operation.method) for operation in OPERATIONS if not operation.requires_key}
PATHS = sorted({path for path, _ in ROUTES})
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"}
CHAT = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Count to five."}], "max_tokens": 6}
COMPLETION = {"model": "smollm2-135m", "prompt": "One, two,", "max_tokens": 6}
SPEECH = {"model": "tts-1", "input": "Hello from the edge.", "voice": "alloy"}
FORM = {"model": "whisper-1"}
CHAT_PATH, COMPLETION_PATH, SPEECH_PATH = "/v1/chat/completions", "/v1/completions", "/v1/audio/speech"
TONE = b"".join(encode(ScriptedSpeech().speak(".", "alloy", 1.0), 24_000, "wav"))


def is_valid(schema: str, value: object) -> bool:
    """Whether a value matches a schema of openapi.yaml."""
    reference = {"$ref": f"#/components/schemas/{schema}", "components": SPEC["components"]}
    jsonschema_rs.validator_for(reference).validate(value)
    return True


def read_events(response: httpx.Response) -> list[str]:
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = response.text.split("\n\n")
    assert lines.pop() == ""
    return [line.removeprefix("data: ") for line in lines]


def read_error(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert is_valid("ErrorResponse", response.json())
    error: dict[str, Any] = response.json()["error"]
    return error


# Before an operation is reached


@pytest.mark.parametrize(("path", "method"), [route for route in ROUTES if route not in PUBLIC])
def test_every_operation_requires_a_key(fake_edge: ScriptedEdge, path: str, method: str) -> None:
    """401 in the shape of the API, except for the public ones."""
    response = httpx.request(method, fake_edge.url + path)
    assert read_error(response, 401)["code"] == "invalid_api_key"
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("path", "method"), sorted(PUBLIC))
def test_a_public_operation_needs_no_key(fake_edge: ScriptedEdge, path: str, method: str) -> None:
    """Other methods of its path do."""
    assert httpx.request(method, fake_edge.url + path).status_code == 200
    assert httpx.delete(fake_edge.url + path).status_code == 401


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic pg_local", "Bearer pg_local x", b"Bearer \xff\xe9"]
)
def test_an_invalid_authorization_is_401(fake_edge: ScriptedEdge, authorization: str | bytes) -> None:
    """Bytes that are not ASCII as well."""
    assert httpx.get(f"{fake_edge.url}/health", headers={"Authorization": authorization}).status_code == 401


def test_the_key_is_checked_before_path_and_method(fake_edge: ScriptedEdge) -> None:
    """Without a key a client does not learn which paths exist."""
    assert httpx.get(f"{fake_edge.url}/nothing").status_code == 401
    assert httpx.delete(f"{fake_edge.url}/health").status_code == 401


@pytest.mark.parametrize(
    "path", ["/index.html", "/v1", "/v1/chat/completions/", "/health/", "/v1/models/load/x", "/%00"]
)
def test_an_unknown_path_is_404(fake_client: httpx.Client, path: str) -> None:
    """In the shape of the API, without redirects."""
    assert read_error(fake_client.get(path), 404)["type"] == "not_found_error"


@pytest.mark.parametrize("path", PATHS)
def test_another_method_is_405_with_allow(fake_client: httpx.Client, path: str) -> None:
    """HEAD and OPTIONS too, unless the specification has them."""
    allowed = {method for item, method in ROUTES if item == path}
    for other in METHODS - allowed:
        response = fake_client.request(other, path)
        assert response.status_code == 405
        assert set(response.headers["allow"].split(", ")) == allowed


def test_every_response_has_a_request_id(fake_client: httpx.Client) -> None:
    """Error responses as well, and it is not the client's id."""
    headers = {"x-request-id": "mine"}
    responses = [fake_client.get(path, headers=headers) for path in ("/health", "/nothing", CHAT_PATH)]
    ids = {response.headers["x-request-id"] for response in responses}
    assert len(ids) == 3
    assert "mine" not in ids


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_media_type_is_415(fake_client: httpx.Client, media_type: str) -> None:
    """Before the body is parsed."""
    response = fake_client.post(CHAT_PATH, content=b"{", headers={"content-type": media_type})
    assert read_error(response, 415)["code"] == "unsupported_media_type"


def test_a_missing_body_is_400(fake_client: httpx.Client) -> None:
    """With a code of its own."""
    assert read_error(fake_client.post(CHAT_PATH), 400)["code"] == "missing_body"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_413(fake_client: httpx.Client, chunked: bool) -> None:
    """By its length, or by the size of its chunks so far."""
    size = 2_000_000
    content = (b" " * 100_000 for _ in range(size // 100_000)) if chunked else b" " * size
    headers = {"content-type": "application/json"}
    response = fake_client.post(COMPLETION_PATH, content=content, headers=headers)
    assert read_error(response, 413)["code"] == "content_too_large"


def test_json_has_a_limit_of_its_own() -> None:
    """Lower than that of uploads, which are stored on disk."""
    with run_scripted_edge(max_json_bytes=1000) as edge, httpx.Client(base_url=edge.url, headers=HEADERS) as client:
        large = client.post(COMPLETION_PATH, json=COMPLETION | {"prompt": "a" * 1000})
        upload = client.post("/v1/audio/transcriptions", data=FORM, files={"file": ("a.wav", TONE)})
    assert read_error(large, 413)["message"] == "body too large; the limit is 1000 bytes"
    assert (upload.status_code, len(TONE) > 1000) == (200, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_tokens", 0), ("max_tokens", "5"), ("temperature", 2.1), ("n", 9), ("messages", []), ("stream", "yes")],
)
def test_an_invalid_field_is_400(fake_client: httpx.Client, field: str, value: object) -> None:
    """The param and the message name it."""
    error = read_error(fake_client.post(CHAT_PATH, json=CHAT | {field: value}), 400)
    assert error["param"] == field
    assert field in error["message"]


def test_an_operation_without_a_service_is_501() -> None:
    """The edge starts, and serves the others."""
    settings = EdgeSettings(port=0, chat_model="smollm2-135m", node="local")

    class IncompleteServices(Services):
        def handler(self, operation: str) -> Any:
            return None if operation == "get_model_status" else super().handler(operation)

    with run_in_thread(settings, IncompleteServices(settings)) as edge:
        response = httpx.get(f"{edge.url}/v1/models/status", headers=HEADERS)
        healthy = httpx.get(f"{edge.url}/health", headers=HEADERS)
    error = read_error(response, 501)
    assert (error["type"], error["code"]) == ("server_error", "not_implemented")
    assert "'get_model_status'" in error["message"]
    assert healthy.status_code == 200


def test_every_operation_is_served(fake_edge: ScriptedEdge) -> None:
    """The list of those that are not: 501 would be their response."""
    assert find_unserved_operations(fake_edge.services) == []


# Text


def test_a_fallback_name_is_the_model_of_the_response(fake_client: httpx.Client) -> None:
    """The metadata have the model that served the request."""
    response = fake_client.post(CHAT_PATH, json=CHAT | {"model": "llama-3.1-8b"}).json()
    assert is_valid("ChatCompletionResponse", response)
    assert (response["model"], response["pg_metadata"]["served_model"]) == ("llama-3.1-8b", "smollm2-135m")
    assert response["choices"][0]["message"]["content"] == "word " * 6


@pytest.mark.parametrize(
    ("path", "body", "schema"),
    [(CHAT_PATH, CHAT, "ChatCompletionResponse"), (COMPLETION_PATH, COMPLETION, "CompletionResponse")],
)
def test_real_responses_match_the_specification(
    client: httpx.Client, path: str, body: dict[str, Any], schema: str
) -> None:
    """With a usage that adds up."""
    response = client.post(path, json=body).json()
    assert is_valid(schema, response)
    usage = response["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@pytest.mark.parametrize(
    ("path", "body", "schema"),
    [(CHAT_PATH, CHAT, "ChatCompletionChunk"), (COMPLETION_PATH, COMPLETION, "CompletionChunk")],
)
def test_real_streams_match_the_specification(
    client: httpx.Client, path: str, body: dict[str, Any], schema: str
) -> None:
    """One id, time and model in all chunks; usage last, if requested; `[DONE]` at the end."""
    response = client.post(path, json=body | {"stream": True, "stream_options": {"include_usage": True}})
    *data, last = read_events(response)
    chunks = [json.loads(text) for text in data]
    assert last == "[DONE]"
    assert all(is_valid(schema, chunk) for chunk in chunks)
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] > 0
    assert response.headers["cache-control"] == "no-cache"


def test_null_is_the_default_of_a_field(fake_client: httpx.Client) -> None:
    """As if the field were absent."""
    body = CHAT | {"temperature": None, "top_p": None, "n": None, "stream": None, "tools": None, "seed": 7}
    assert fake_client.post(CHAT_PATH, json=body).status_code == 200


def test_a_stream_is_the_plain_response_in_chunks(fake_client: httpx.Client) -> None:
    """Without usage, unless it is requested."""
    plain = fake_client.post(CHAT_PATH, json=CHAT).json()["choices"][0]["message"]["content"]
    chunks = [json.loads(data) for data in read_events(fake_client.post(CHAT_PATH, json=CHAT | {"stream": True}))[:-1]]
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks) == plain
    assert not any("usage" in chunk for chunk in chunks)


@pytest.mark.parametrize("fields", [{}, {"stream": False}, {"stream": None}, {"stream": True}])
def test_a_path_of_its_own_is_always_a_stream(fake_client: httpx.Client, fields: dict[str, Any]) -> None:
    """With the chunks of the other path."""
    *data, last = read_events(fake_client.post(f"{COMPLETION_PATH}/stream", json=COMPLETION | fields))
    assert last == "[DONE]"
    assert all(is_valid("CompletionChunk", json.loads(text)) for text in data)
    assert "".join(json.loads(text)["choices"][0]["text"] for text in data) == "word " * 6


def test_tokens_are_sent_as_they_are_generated(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """The first reaches the client before the second is generated."""
    fake_edge.text.hold()
    with fake_client.stream("POST", CHAT_PATH, json=CHAT | {"stream": True}) as response:
        chunks = response.iter_raw()
        first = next(chunks)
        assert first.count(b"word") == 1
        fake_edge.text.released.set()
        assert b"".join(chunks).count(b"word") == 5


@pytest.mark.parametrize("stream", [False, True])
def test_a_long_prompt_is_a_plain_error(fake_client: httpx.Client, stream: bool) -> None:
    """With a status, for a stream as well."""
    body = CHAT | {"messages": [{"role": "user", "content": LONG_PROMPT}], "stream": stream}
    assert read_error(fake_client.post(CHAT_PATH, json=body), 400)["code"] == "context_length_exceeded"


@pytest.mark.parametrize(("path", "body"), [(CHAT_PATH, CHAT), (SPEECH_PATH, SPEECH)])
@pytest.mark.parametrize("model", ["gpt-9", "whisper-1"])
def test_an_unknown_model_is_404(fake_client: httpx.Client, path: str, body: dict[str, Any], model: str) -> None:
    """A model of another kind is as unknown."""
    error = read_error(fake_client.post(path, json=body | {"model": model}), 404)
    assert (error["code"], error["param"]) == ("model_not_found", "model")


def test_a_lone_surrogate_is_400(fake_client: httpx.Client) -> None:
    """It is not Unicode text."""
    body = json.dumps(CHAT | {"user": "\ud800"})
    response = fake_client.post(CHAT_PATH, content=body, headers={"content-type": "application/json"})
    assert read_error(response, 400)["code"] == "invalid_value"


# Audio


@pytest.mark.parametrize(("format", "media_type"), [("mp3", "audio/mpeg"), ("wav", "audio/wav")])
def test_plain_speech_has_a_length(client: httpx.Client, format: str, media_type: str) -> None:  # noqa: A002
    """And the media type of its format; here with the real model."""
    response = client.post(SPEECH_PATH, json=SPEECH | {"response_format": format})
    assert response.headers["content-type"] == media_type
    assert int(response.headers["content-length"]) == len(response.content) > 1000


def test_streamed_speech_is_the_plain_speech_in_chunks(fake_client: httpx.Client) -> None:
    """Without a length."""
    body = SPEECH | {"response_format": "pcm", "input": "One. Two."}
    response = fake_client.post(SPEECH_PATH, json=body | {"stream": True})
    assert "content-length" not in response.headers
    assert response.content == fake_client.post(SPEECH_PATH, json=body).content


def test_the_fallback_voice_is_a_header(fake_client: httpx.Client) -> None:
    """Where the file of the requested voice is missing."""
    fallback = fake_client.post(SPEECH_PATH, json=SPEECH | {"voice": "af_sky"})
    assert fallback.headers["x-pg-voice"] == "heart"
    assert "x-pg-voice" not in fake_client.post(SPEECH_PATH, json=SPEECH).headers


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_voice_is_404(fake_client: httpx.Client, stream: bool) -> None:
    """For a stream as well."""
    body = SPEECH | {"voice": "unknown", "stream": stream}
    error = read_error(fake_client.post(SPEECH_PATH, json=body), 404)
    assert (error["code"], error["param"]) == ("voice_not_found", "voice")


def test_long_speech_is_400(fake_client: httpx.Client) -> None:
    """Beyond the limit of the settings."""
    assert read_error(fake_client.post(SPEECH_PATH, json=SPEECH | {"input": "a" * 201}), 400)["param"] == "input"


@pytest.mark.parametrize(
    ("response_format", "media_type", "text"),
    [
        ("text", "text/plain; charset=utf-8", "Hello, edge."),
        ("srt", "text/plain; charset=utf-8", "1\n00:00:00,000 --> 00:00:01,500\nHello, edge.\n"),
        ("vtt", "text/vtt; charset=utf-8", "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello, edge.\n"),
    ],
)
def test_a_transcript_has_the_requested_format(
    fake_client: httpx.Client, response_format: str, media_type: str, text: str
) -> None:
    """Text or subtitles."""
    fields = FORM | {"response_format": response_format}
    response = fake_client.post("/v1/audio/transcriptions", data=fields, files={"file": ("a.wav", TONE)})
    assert response.headers["content-type"] == media_type
    assert response.text == text


@pytest.mark.parametrize(
    ("path", "response_format", "schema"),
    [
        ("/v1/audio/transcriptions?sync=true", "json", "TranscriptionResponse"),
        ("/v1/audio/transcriptions", "verbose_json", "VerboseTranscriptionResponse"),
        ("/v1/audio/translations", "json", "TranslationResponse"),
    ],
)
def test_a_json_transcript_matches_the_specification(
    fake_edge: ScriptedEdge, fake_client: httpx.Client, path: str, response_format: str, schema: str
) -> None:
    """With the metadata; the model gets the task."""
    fields = FORM | {"response_format": response_format}
    body = fake_client.post(path, data=fields, files={"file": ("a.wav", TONE)}).json()
    assert is_valid(schema, body)
    assert body["text"] == "Hello, edge."
    assert body["pg_metadata"]["served_model"] == "whisper-base"
    assert fake_edge.transcription.calls[-1]["task"] == ("translate" if "translations" in path else "transcribe")


def test_real_transcripts_match_the_specification(client: httpx.Client) -> None:
    """Whisper transcribes the speech of Kokoro; its words are not compared."""
    speech = client.post(SPEECH_PATH, json=SPEECH | {"response_format": "wav"}).content
    fields = FORM | {"response_format": "verbose_json"}
    body = client.post("/v1/audio/transcriptions", data=fields, files={"file": ("a.wav", speech)}).json()
    assert is_valid("VerboseTranscriptionResponse", body)


@pytest.mark.parametrize(
    ("path", "fields", "param"),
    [
        ("/v1/audio/transcriptions", FORM, "file"),
        ("/v1/audio/transcriptions?sync=false", FORM, "file"),
        ("/v1/audio/transcriptions?sync=maybe", FORM, "sync"),
        ("/v1/audio/transcriptions?stream=true", FORM, "file"),
        ("/v1/audio/translations", FORM | {"stream": "true"}, "stream"),
        ("/v1/audio/translations", FORM | {"temperature": "warm"}, "temperature"),
    ],
)
def test_an_invalid_upload_is_400(fake_client: httpx.Client, path: str, fields: dict[str, str], param: str) -> None:
    """Bytes that are not audio as well."""
    response = fake_client.post(path, data=fields, files={"file": ("a.wav", b"noise")})
    assert read_error(response, 400)["param"] == param


def test_an_unknown_language_is_400(fake_client: httpx.Client) -> None:
    """The model decides which languages are known."""
    fields = FORM | {"language": "xx"}
    response = fake_client.post("/v1/audio/transcriptions", data=fields, files={"file": ("a", TONE)})
    assert read_error(response, 400)["param"] == "language"


# Management


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/health", "HealthResponse"),
        ("/v1/models", "ListModelsResponse"),
        ("/v1/models/status", "ModelStatusResponse"),
        ("/v1/gpu/status", "GPUStatusResponse"),
        ("/v1/gpu/memory", "GPUMemoryResponse"),
    ],
)
def test_status_responses_match_the_specification(fake_client: httpx.Client, path: str, schema: str) -> None:
    """Every GET."""
    assert is_valid(schema, fake_client.get(path).json())


def test_a_model_is_loaded_and_unloaded(fake_client: httpx.Client) -> None:
    """By any of its names; the status has its id."""

    def read_state() -> tuple[bool, str]:
        status = fake_client.get("/v1/models/status").json()
        return "smollm2-135m" in status["loaded"], status["loading_status"]["smollm2-135m"]

    body = {"model_name": "llama-3.1-8b"}
    load = fake_client.post("/v1/models/load", json=body).json()
    assert is_valid("LoadModelResponse", load)
    assert load["model"] == "llama-3.1-8b"
    assert read_state() == (True, "loaded")
    assert fake_client.post("/v1/models/load", json=body).json()["message"] == "already loaded"
    unload = fake_client.post("/v1/models/unload", json=body).json()
    assert is_valid("UnloadModelResponse", unload)
    assert read_state() == (False, "unloaded")
    second = fake_client.post("/v1/models/unload", json=body).json()
    assert (second["status"], second["message"]) == ("success", "not loaded")


def test_all_models_are_unloaded(fake_client: httpx.Client) -> None:
    """The count is that of the list."""
    fake_client.post("/v1/models/load", json={"model_name": "smollm2-135m"})
    body = fake_client.post("/v1/models/unload-all").json()
    assert is_valid("UnloadAllModelsResponse", body)
    assert "smollm2-135m" in body["unloaded_models"]
    assert body["total_unloaded"] == len(body["unloaded_models"])
    assert fake_client.get("/v1/models/status").json()["loaded"] == []


@pytest.mark.parametrize("options", [{}, {"json": {}}, {"json": {"force": True}}, {"content": b""}])
def test_a_purge_unloads_idle_models(fake_client: httpx.Client, options: dict[str, Any]) -> None:
    """Its body is optional."""
    fake_client.post("/v1/models/load", json={"model_name": "smollm2-135m"})
    body = fake_client.post("/v1/gpu/purge", **options).json()
    assert is_valid("GPUPurgeResponse", body)
    assert "smollm2-135m" in body["models_unloaded"]


@pytest.mark.parametrize("path", ["/v1/models/load", "/v1/models/unload"])
def test_loading_an_unknown_model_is_404(fake_client: httpx.Client, path: str) -> None:
    """The param is the field with the name."""
    error = read_error(fake_client.post(path, json={"model_name": "gpt-9"}), 404)
    assert (error["code"], error["param"]) == ("model_not_found", "model_name")


# Memory


SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "poem"}}}
UPLOAD = {"data": {"model": "whisper-1"}, "files": {"file": ("a.wav", b"x")}}
REJECTED: list[tuple[str, dict[str, Any], int]] = [
    (CHAT_PATH, {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
    (CHAT_PATH, {"json": {}}, 400),
    (CHAT_PATH, {"json": CHAT | {"response_format": SCHEMA}}, 400),
    (CHAT_PATH, {"json": CHAT | {"messages": [{"role": "user", "content": LONG_PROMPT}], "stream": True}}, 400),
    ("/v1/audio/transcriptions", UPLOAD, 400),
    ("/v1/audio/transcriptions", UPLOAD | {"data": {"model": "none"}}, 404),
]


@pytest.mark.parametrize(("path", "options", "status"), REJECTED)
def test_a_rejected_request_is_freed_at_once(
    fake_edge: ScriptedEdge, fake_client: httpx.Client, path: str, options: dict[str, Any], status: int
) -> None:
    """Not when the garbage collector runs: until then a hundred bodies of 4 MiB would hold a gigabyte."""

    def count() -> int:
        return sum(isinstance(item, EdgeError | RequestContext) for item in gc.get_objects())

    gc.collect()
    before = count()  # tests of other files have errors as parameters
    gc.disable()
    try:
        assert fake_client.post(path, **options).status_code == status
        wait_until(lambda: count() <= before)
    finally:
        gc.enable()
