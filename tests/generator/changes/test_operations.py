"""Each change of an operation of the real document is told in one line, breaking only if it breaks a caller."""

from __future__ import annotations

from typing import Any

import pytest

Spec = dict[str, Any]


def operation(spec: Spec, path: str, method: str = "post") -> dict[str, Any]:
    return spec["paths"][path][method]


def schema(spec: Spec, name: str) -> dict[str, Any]:
    return spec["components"]["schemas"][name]


CHAT, SPEECH, TRANSCRIBE = "/v1/chat/completions", "/v1/audio/speech", "/v1/audio/transcriptions"


def remove_operation(spec):
    del spec["paths"]["/v1/gpu/memory"]


def add_operation(spec):
    echo = {"operationId": "echo", "tags": ["text"], "summary": "Echo.", "security": [{"bearerAuth": []}]}
    echo["responses"] = {"200": {"description": "It.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    spec["paths"]["/v1/echo"] = {"get": {**echo, "x-call": "words.get"}}


def rename_operation(spec):
    operation(spec, "/v1/gpu/memory", "get")["operationId"] = "read_gpu_memory"


def move_operation(spec):
    spec["paths"]["/v2/health"] = spec["paths"].pop("/health")


def change_call(spec):
    operation(spec, SPEECH)["x-call"] = "audio.speech.make"


def remove_helper(spec):
    operation(spec, CHAT)["x-call-also"].remove("run_tools")


def send_constant(spec):
    sync = {"name": "sync", "in": "query", "schema": {"type": "boolean", "const": True}}
    operation(spec, "/v1/models/load")["parameters"].append(sync)


def add_streaming_operation(spec):
    content = operation(spec, CHAT)["responses"]["200"]["content"]["text/event-stream"]
    listen = {"operationId": "listen", "x-call": "audio.speech.create(stream=True)", "security": []}
    listen["responses"] = {"200": {"description": "It.", "content": {"text/event-stream": content}}}
    spec["paths"]["/v1/audio/speech?stream=true"] = {"post": listen}


def add_error(spec):
    operation(spec, "/v1/models/load")["responses"]["402"] = {"$ref": "#/components/responses/PaymentRequired"}


def remove_error(spec):
    del operation(spec, "/v1/models/load")["responses"]["404"]


def change_response(spec):
    content = operation(spec, "/v1/gpu/memory", "get")["responses"]["200"]["content"]["application/json"]
    content["schema"]["$ref"] = "#/components/schemas/GPUStatusResponse"


def add_media_type(spec):
    operation(spec, SPEECH)["responses"]["200"]["content"]["audio/webm"] = {
        "schema": {"type": "string", "format": "binary"}
    }


def remove_media_type(spec):
    del operation(spec, SPEECH)["responses"]["200"]["content"]["audio/aac"]


def send_as_form(spec):
    content = operation(spec, "/v1/models/load")["requestBody"]["content"]
    content["application/x-www-form-urlencoded"] = content.pop("application/json")


def remove_stream(spec):
    del operation(spec, "/v1/completions")["responses"]["200"]["content"]["text/event-stream"]


def add_stream(spec):
    content = operation(spec, CHAT)["responses"]["200"]["content"]["text/event-stream"]
    operation(spec, TRANSCRIBE)["responses"]["200"]["content"]["text/event-stream"] = content


def change_stream_end(spec):
    content = operation(spec, "/v1/completions")["responses"]["200"]["content"]["text/event-stream"]
    content["x-event-stream"]["last"] = {"type": "text.done"}


def deprecate(spec):
    operation(spec, "/v1/models/unload-all")["deprecated"] = True


def drop_key(spec):
    operation(spec, "/v1/models", "get")["security"] = []


def require_key(spec):
    operation(spec, "/v1/models", "get")["security"] = [{"bearerAuth": []}]


def move_server(spec):
    operation(spec, "/v1/models", "get")["servers"] = [{"url": "https://router.example"}]


def drop_idempotency(spec):
    operation(spec, "/v1/models/load")["parameters"] = []


CASES: list[tuple[Any, str, str]] = [
    (remove_operation, "Breaking",
     "`get_gpu_memory`: also `gpu.memory`, is removed (`openapi.yaml:@-get_gpu_memory` in v1.0)."),
    (add_operation, "Added", "`echo`: also `words.get`, `GET /v1/echo` (`openapi.yaml:@echo`)."),
    (rename_operation, "Breaking",
     "`read_gpu_memory`: is the new name of `get_gpu_memory` (`openapi.yaml:@read_gpu_memory`)."),
    (move_operation, "Changed",
     "`health`: is sent to `GET /v2/health`; it was `GET /health` (`openapi.yaml:@health`)."),
    (change_call, "Breaking",
     "`text_to_speech`: `audio.speech.create` is now `audio.speech.make` (`openapi.yaml:@text_to_speech`)."),
    (remove_helper, "Breaking",
     "`chat_completion`: `chat.completions.run_tools` is removed (`openapi.yaml:@chat_completion`)."),
    (send_constant, "Changed", "`load_model`: always sends `sync=true` (`openapi.yaml:@load_model`)."),
    (add_streaming_operation, "Added",
     "`listen`: also `audio.speech.create(stream=True)`, `POST /v1/audio/speech?stream=true`"
     " (`openapi.yaml:@listen`)."),
    (add_error, "Added", "`load_model`: can fail with 402 (`BillingError`) (`openapi.yaml:@load_model`)."),
    (remove_error, "Removed", "`load_model`: no longer fails with 404 (`NotFoundError`) (`openapi.yaml:@load_model`)."),
    (change_response, "Breaking",
     "`get_gpu_memory`: the response has the type `GPUStatusResponse`; it was `GPUMemoryResponse`"
     " (`openapi.yaml:@get_gpu_memory`)."),
    (add_media_type, "Added", "`text_to_speech`: the response can be `audio/webm` (`openapi.yaml:@text_to_speech`)."),
    (remove_media_type, "Breaking",
     "`text_to_speech`: the response is no longer `audio/aac` (`openapi.yaml:@text_to_speech`)."),
    (send_as_form, "Changed",
     "`load_model`: the request is sent as `application/x-www-form-urlencoded`; it was `application/json`"
     " (`openapi.yaml:@load_model`)."),
    (remove_stream, "Breaking", "`completion`: can no longer be streamed (`openapi.yaml:@completion`)."),
    (add_stream, "Added",
     "`transcribe`: can be streamed, as `ChatCompletionChunk` (`openapi.yaml:@transcribe`)."),
    (change_stream_end, "Changed",
     "`completion`: the stream ends with the event of the type `text.done`; it was `[DONE]`"
     " (`openapi.yaml:@completion`)."),
    (deprecate, "Deprecated", "`unload_all_models`: is deprecated (`openapi.yaml:@unload_all_models`)."),
    (drop_key, "Changed",
     "`list_models`: no longer needs an API key, and sends none (`openapi.yaml:@list_models`)."),
    (move_server, "Changed", "`list_models`: is sent to `https://router.example` (`openapi.yaml:@list_models`)."),
    (drop_idempotency, "Changed",
     "`load_model`: no longer sends an `Idempotency-Key`, which makes a retry safe (`openapi.yaml:@load_model`)."),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "section", "line"), CASES, ids=[case[0].__name__ for case in CASES])
def test_change_is_one_line(assert_changes, edit, section, line):
    """One edit of the document is one line below the right heading."""
    assert_changes(edit, {section: [line]})


def test_key_that_is_needed_again_breaks(assert_changes):
    """An operation that needs a key again is a breaking change."""
    line = "`list_models`: needs an API key (`openapi.yaml:@list_models`)."
    assert_changes(require_key, {"Breaking": [line]}, before=drop_key)
