"""The edge over HTTP, with real models: what it takes, what it refuses, what it answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema_rs
import pytest

from polargrid_edge.app import build, specification
from polargrid_edge.server import Edge
from polargrid_edge.service import Service
from polargrid_edge.settings import EdgeSettings

SPEC = specification()
ROUTES = [(path, method.upper()) for path, item in SPEC["paths"].items() for method in item]
CHAT = {"model": "smollm2-135m", "messages": [{"role": "user", "content": "Count to five."}], "max_tokens": 12}
COMPLETION = {"model": "smollm2-135m", "prompt": "One, two,", "max_tokens": 8}
SPEECH = {"model": "tts-1", "input": "Hello from the edge.", "voice": "alloy"}
FORM = {"model": "whisper-1"}


def is_valid(schema: str, value: object) -> bool:
    """Whether a value is what openapi.yaml says, taken strictly."""
    wanted = {"$ref": f"#/components/schemas/{schema}", "components": SPEC["components"]}
    jsonschema_rs.validator_for(wanted).validate(value)
    return True


def events(answer: httpx.Response) -> list[str]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.text.split("\n\n")
    assert lines.pop() == ""
    return [line.removeprefix("data: ") for line in lines]


def error(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert is_valid("ErrorResponse", answer.json())
    told: dict[str, Any] = answer.json()["error"]
    return told


@pytest.fixture(scope="module")
def spoken(edge: Edge) -> bytes:
    """A sentence as a WAV file."""
    headers = {"Authorization": "Bearer pg_local"}
    answer = httpx.post(f"{edge.url}/v1/audio/speech", json=SPEECH | {"response_format": "wav"}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.content


# Before an operation is reached


@pytest.mark.parametrize(("path", "method"), ROUTES)
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic pg_local", "Bearer pg_local x"])
def test_no_operation_answers_without_a_key(edge: Edge, path: str, method: str, authorization: str | None) -> None:
    """401 in the API's shape, whatever else the request is."""
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = httpx.request(method, edge.url + path, headers=headers)
    assert error(answer, 401)["code"] == "invalid_api_key"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_is_asked_for_before_anything_is_looked_at(edge: Edge) -> None:
    """Not even whether a path exists or takes the method is told."""
    assert httpx.get(f"{edge.url}/nothing").status_code == 401
    assert httpx.delete(f"{edge.url}/health").status_code == 401


def test_a_key_of_any_bytes_is_just_wrong(edge: Edge) -> None:
    """Latin-1 in the header fails nothing."""
    assert httpx.get(f"{edge.url}/health", headers={"Authorization": b"Bearer \xff\xe9"}).status_code == 401


@pytest.mark.parametrize(
    "path", ["/index.html", "/v1", "/v1/chat/completions/", "/health/", "/v1/models/load/x", "/%00"]
)
def test_an_unknown_path_is_404(client: httpx.Client, path: str) -> None:
    """In the API's shape, without redirects."""
    assert error(client.get(path), 404)["type"] == "not_found_error"


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_other_methods_are_405_with_allow(client: httpx.Client, path: str, method: str) -> None:
    """HEAD and OPTIONS too: the specification has none."""
    for other in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"} - {method}:
        answer = client.request(other, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, method)


def test_every_answer_has_an_id_of_its_own(client: httpx.Client) -> None:
    """Errors as well, and never the client's."""
    headers = {"x-request-id": "mine"}
    answers = [client.get(path, headers=headers) for path in ("/health", "/nothing", "/v1/chat/completions")]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 3
    assert "mine" not in ids


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_media_type_is_415(client: httpx.Client, media_type: str) -> None:
    """Before the body is looked at."""
    answer = client.post("/v1/chat/completions", content=b"{", headers={"content-type": media_type})
    assert error(answer, 415)["code"] == "unsupported_media_type"


def test_a_body_that_is_needed_is_asked_for(client: httpx.Client) -> None:
    """400 where there is none."""
    assert error(client.post("/v1/chat/completions"), 400)["code"] == "missing_body"


def test_a_large_body_is_413(client: httpx.Client) -> None:
    """By its length."""
    answer = client.post("/v1/completions", json=COMPLETION | {"prompt": "x" * 1_000_000})
    assert error(answer, 413)["code"] == "content_too_large"


def test_a_large_body_in_chunks_is_413(client: httpx.Client) -> None:
    """By what came so far."""
    headers = {"content-type": "application/json"}
    answer = client.post("/v1/completions", content=(b" " * 100_000 for _ in range(20)), headers=headers)
    assert error(answer, 413)["code"] == "content_too_large"


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_tokens", 0), ("max_tokens", "5"), ("temperature", 2.1), ("n", 9), ("messages", []), ("stream", "yes")],
)
def test_a_bad_field_is_400_and_named(client: httpx.Client, field: str, value: object) -> None:
    """In param and in the message."""
    told = error(client.post("/v1/chat/completions", json=CHAT | {field: value}), 400)
    assert told["param"] == field
    assert field in told["message"]


def test_an_operation_without_a_service_is_found_at_the_start() -> None:
    """And named."""

    class Without(Service):
        def handler(self, operation: str) -> Any:
            return super().handler("make_coffee" if operation == "health" else operation)

    settings = EdgeSettings(chat_model="smollm2-135m")
    with pytest.raises(NotImplementedError, match="make_coffee"):
        build(settings, Without(settings))


# Text


def test_a_chat_answer_is_what_the_specification_says(client: httpx.Client) -> None:
    """With the name that was asked for, sums that are right, and how it was made."""
    answer = client.post("/v1/chat/completions", json=CHAT | {"model": "llama-3.1-8b"}).json()
    assert is_valid("ChatCompletionResponse", answer)
    assert (answer["model"], answer["pg_metadata"]["served_model"]) == ("llama-3.1-8b", "smollm2-135m")
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_completion_is_what_the_specification_says(client: httpx.Client) -> None:
    """A choice for each prompt."""
    answer = client.post("/v1/completions", json=COMPLETION | {"prompt": ["One,", "Two,"]}).json()
    assert is_valid("CompletionResponse", answer)
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]


def test_null_is_the_same_as_absent(client: httpx.Client) -> None:
    """A field that is null has the specification's default."""
    body = CHAT | {"temperature": None, "top_p": None, "n": None, "stream": None, "tools": None, "seed": 7}
    assert client.post("/v1/chat/completions", json=body).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "schema"),
    [
        ("/v1/chat/completions", CHAT, "ChatCompletionChunk"),
        ("/v1/completions", COMPLETION, "CompletionChunk"),
    ],
)
def test_a_stream_is_chunks_of_one_answer_and_done(
    client: httpx.Client, path: str, body: dict[str, Any], schema: str
) -> None:
    """Same id, time and model in each; usage last, as asked for; nothing after `[DONE]`."""
    answer = client.post(path, json=body | {"stream": True, "stream_options": {"include_usage": True}})
    *sent, last = events(answer)
    chunks = [json.loads(data) for data in sent]
    assert last == "[DONE]"
    assert all(is_valid(schema, chunk) for chunk in chunks)
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] > 0
    assert answer.headers["cache-control"] == "no-cache"


def test_a_stream_says_what_the_plain_answer_says(client: httpx.Client) -> None:
    """The same text, at temperature 0."""
    body = CHAT | {"temperature": 0}
    whole = client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
    sent = events(client.post("/v1/chat/completions", json=body | {"stream": True}))[:-1]
    deltas = [json.loads(data)["choices"][0]["delta"].get("content") or "" for data in sent]
    assert "".join(deltas) == whole


def test_tokens_leave_as_they_are_made(client: httpx.Client) -> None:
    """More than one piece reaches the client."""
    with client.stream("POST", "/v1/chat/completions", json=CHAT | {"stream": True}) as answer:
        assert len(list(answer.iter_raw())) > 2


@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_served_is_a_plain_error(client: httpx.Client, stream: bool) -> None:
    """With its status, where a stream was asked for too."""
    long = CHAT | {"messages": [{"role": "user", "content": "word " * 6000}], "stream": stream}
    assert error(client.post("/v1/chat/completions", json=long), 400)["code"] == "context_length_exceeded"


@pytest.mark.parametrize(("path", "body"), [("/v1/chat/completions", CHAT), ("/v1/audio/speech", SPEECH)])
def test_an_unknown_model_is_404(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """The code and the field say so."""
    told = error(client.post(path, json=body | {"model": "gpt-9"}), 404)
    assert (told["code"], told["param"]) == ("model_not_found", "model")


def test_a_model_of_another_kind_is_not_there(client: httpx.Client) -> None:
    """A speech model does not chat."""
    assert error(client.post("/v1/chat/completions", json=CHAT | {"model": "tts-1"}), 404)["param"] == "model"


def test_half_a_surrogate_is_400(client: httpx.Client) -> None:
    """It is no text."""
    body = json.dumps(CHAT | {"user": "\ud800"})
    answer = client.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert error(answer, 400)["code"] == "invalid_value"


# Audio


def test_speech_has_its_length(client: httpx.Client) -> None:
    """And the media type of its format."""
    answer = client.post("/v1/audio/speech", json=SPEECH)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert int(answer.headers["content-length"]) == len(answer.content) > 1000


def test_streamed_speech_is_the_same_speech(client: httpx.Client) -> None:
    """As it is made, so without a length."""
    body = SPEECH | {"response_format": "pcm"}
    answer = client.post("/v1/audio/speech", json=body | {"stream": True})
    assert "content-length" not in answer.headers
    assert answer.content == client.post("/v1/audio/speech", json=body).content


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_voice_is_404(client: httpx.Client, stream: bool) -> None:
    """Streamed or not."""
    told = error(client.post("/v1/audio/speech", json=SPEECH | {"voice": "nobody", "stream": stream}), 404)
    assert (told["code"], told["param"]) == ("voice_not_found", "voice")


def test_long_speech_is_refused(client: httpx.Client) -> None:
    """Where the edge's settings bound it."""
    assert error(client.post("/v1/audio/speech", json=SPEECH | {"input": "a" * 201}), 400)["param"] == "input"


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("text", "text/plain; charset=utf-8", "Hello"),
        ("srt", "text/plain; charset=utf-8", "1\n00:00:00,000 --> 00:00:0"),
        ("vtt", "text/vtt; charset=utf-8", "WEBVTT\n\n00:00:00.000 --> 00:00:0"),
    ],
)
def test_a_transcript_has_the_form_asked_for(
    client: httpx.Client, spoken: bytes, form: str, media_type: str, begins: str
) -> None:
    """Text, or subtitles of either kind."""
    fields = FORM | {"response_format": form}
    answer = client.post("/v1/audio/transcriptions", data=fields, files={"file": ("a.wav", spoken)})
    assert answer.headers["content-type"] == media_type
    assert answer.text.startswith(begins)


@pytest.mark.parametrize(
    ("path", "form", "schema"),
    [
        ("/v1/audio/transcriptions?sync=true", "json", "TranscriptionResponse"),
        ("/v1/audio/transcriptions", "verbose_json", "VerboseTranscriptionResponse"),
        ("/v1/audio/translations", "json", "TranslationResponse"),
    ],
)
def test_a_json_transcript_is_what_the_specification_says(
    client: httpx.Client, spoken: bytes, path: str, form: str, schema: str
) -> None:
    """With the words, and how it was made."""
    answer = client.post(path, data=FORM | {"response_format": form}, files={"file": ("a.wav", spoken)})
    assert is_valid(schema, answer.json())
    assert "edge" in answer.json()["text"]
    assert answer.json()["pg_metadata"]["served_model"] == "whisper-base"


@pytest.mark.parametrize(
    ("path", "fields", "param"),
    [
        ("/v1/audio/transcriptions", FORM, "file"),
        ("/v1/audio/transcriptions?sync=false", FORM, "sync"),
        ("/v1/audio/transcriptions?stream=true", FORM, "stream"),
        ("/v1/audio/translations", FORM | {"stream": "true"}, "stream"),
        ("/v1/audio/translations", FORM | {"temperature": "warm"}, "temperature"),
        ("/v1/audio/transcriptions", FORM | {"language": "xx"}, "file"),
    ],
)
def test_a_bad_upload_is_400(client: httpx.Client, path: str, fields: dict[str, str], param: str) -> None:
    """Bytes that are no audio among them."""
    assert error(client.post(path, data=fields, files={"file": ("a.wav", b"noise")}), 400)["param"] == param


def test_an_unknown_language_is_400(client: httpx.Client, spoken: bytes) -> None:
    """The model says which it knows."""
    answer = client.post("/v1/audio/transcriptions", data=FORM | {"language": "xx"}, files={"file": ("a", spoken)})
    assert error(answer, 400)["param"] == "language"


# The node


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
def test_what_is_asked_is_answered_as_the_specification_says(client: httpx.Client, path: str, schema: str) -> None:
    """Every GET."""
    assert is_valid(schema, client.get(path).json())


def test_a_model_is_loaded_and_unloaded(client: httpx.Client) -> None:
    """And the status says so, by its id, whatever name it was called by."""

    def state() -> tuple[bool, str]:
        told = client.get("/v1/models/status").json()
        return "smollm2-135m" in told["loaded"], told["loading_status"]["smollm2-135m"]

    loaded = client.post("/v1/models/load", json={"model_name": "llama-3.1-8b"}).json()
    assert is_valid("LoadModelResponse", loaded)
    assert loaded["model"] == "llama-3.1-8b"
    assert state() == (True, "loaded")
    unloaded = client.post("/v1/models/unload", json={"model_name": "llama-3.1-8b"}).json()
    assert is_valid("UnloadModelResponse", unloaded)
    assert state() == (False, "unloaded")
    again = client.post("/v1/models/unload", json={"model_name": "llama-3.1-8b"}).json()
    assert (again["status"], again["message"]) == ("success", "It was not loaded.")


def test_all_models_are_unloaded_and_counted(client: httpx.Client) -> None:
    """The count is that of the list."""
    client.post("/v1/models/load", json={"model_name": "smollm2-135m"})
    answer = client.post("/v1/models/unload-all").json()
    assert is_valid("UnloadAllModelsResponse", answer)
    assert "smollm2-135m" in answer["unloaded_models"]
    assert answer["total_unloaded"] == len(answer["unloaded_models"])
    assert client.get("/v1/models/status").json()["loaded"] == []


@pytest.mark.parametrize("sent", [{}, {"json": {}}, {"json": {"force": True}}, {"content": b""}])
def test_a_purge_needs_no_body(client: httpx.Client, sent: dict[str, Any]) -> None:
    """It unloads what is idle."""
    client.post("/v1/models/load", json={"model_name": "smollm2-135m"})
    answer = client.post("/v1/gpu/purge", **sent).json()
    assert is_valid("GPUPurgeResponse", answer)
    assert "smollm2-135m" in answer["models_unloaded"]


@pytest.mark.parametrize("path", ["/v1/models/load", "/v1/models/unload"])
def test_naming_an_unknown_model_is_404(client: httpx.Client, path: str) -> None:
    """The field is the one that names it."""
    told = error(client.post(path, json={"model_name": "gpt-9"}), 404)
    assert (told["code"], told["param"]) == ("model_not_found", "model_name")
