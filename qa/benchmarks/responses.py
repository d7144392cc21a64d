"""The server's responses, built once as bytes: the server only writes them, and is not the bottleneck."""

from __future__ import annotations

import functools
import json
from typing import Any, Final

from qa.benchmarks.workload import MODEL, SPEECHES, STREAMS

_TEXT: Final = "The great-circle distance from Vancouver to Montreal is about 3,680 kilometres, or 2,290 miles."
_CREATED: Final = 1_760_000_000
_DATE: Final = "2025-10-09T08:53:20.000000Z"
_EVENT_STREAM: Final = "text/event-stream; charset=utf-8"
_JSON_LINES: Final = "application/x-ndjson"
_LAST_CHUNK: Final = b"0\r\n\r\n"


def _build_head(media_type: str, framing: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", "server: bench", f"content-type: {media_type}", "x-request-id: req_0123456789", framing)
    return "\r\n".join((*lines, "", "")).encode()


def _build_response(media_type: str, body: bytes) -> bytes:
    return _build_head(media_type, f"content-length: {len(body)}") + body


def _encode_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encode_chunk(data: bytes) -> bytes:
    """A chunk of the chunked transfer coding: servers send each event as one."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _build_choice(finish_reason: str | None, **content: Any) -> dict[str, Any]:
    return {"index": 0, **content, "finish_reason": finish_reason}


def _build_chat() -> bytes:
    message = {"role": "assistant", "content": _TEXT}
    usage = {"prompt_tokens": 34, "completion_tokens": 27, "total_tokens": 61}
    fields = {"id": "chatcmpl-0123456789abcdef", "object": "chat.completion", "created": _CREATED, "model": MODEL}
    return _encode_json({**fields, "choices": [_build_choice("stop", message=message)], "usage": usage})


def _build_ollama_chat(text: str, *, done: bool) -> bytes:
    message = {"role": "assistant", "content": text}
    response = {"model": MODEL, "created_at": _DATE, "message": message, "done": done}
    counts = {"total_duration": 5_000_000, "prompt_eval_count": 34, "eval_count": 27}
    return _encode_json({**response, "done_reason": "stop", **counts} if done else response)


def build_chunk(text: str, finish_reason: str | None) -> bytes:
    """The data of an event: a chunk of a chat in OpenAI's format."""
    fields = {"id": "chatcmpl-0123456789abcdef", "object": "chat.completion.chunk", "created": _CREATED, "model": MODEL}
    return _encode_json({**fields, "choices": [_build_choice(finish_reason, delta={"content": text})]})


def _build_event(text: str, finish_reason: str | None) -> bytes:
    return b"data: " + build_chunk(text, finish_reason) + b"\n\n"


def _build_events(count: int) -> list[bytes]:
    """The events of a stream; the last one ends it."""
    events = [_build_event(f" word{n % 10}", None) for n in range(count - 1)]
    return [*events, _build_event("", "stop")]


def _build_openai_stream(count: int) -> list[bytes]:
    *events, last = map(_encode_chunk, _build_events(count))
    return [*events, last + _encode_chunk(_DONE) + _LAST_CHUNK]


def _build_ollama_stream(count: int) -> list[bytes]:
    lines = [_encode_chunk(_build_ollama_chat(f" word{n % 10}", done=False) + b"\n") for n in range(count - 1)]
    return [*lines, _encode_chunk(_build_ollama_chat("", done=True) + b"\n") + _LAST_CHUNK]


_DONE: Final = b"data: [DONE]\n\n"


def body_size(model: str) -> int:
    """The bytes of the body of an event stream, without the framing of HTTP."""
    return sum(map(len, _build_events(STREAMS[model]))) + len(_DONE)


@functools.cache
def _get_speech(size: int) -> bytes:
    return _build_response("audio/wav", b"RIFF" + bytes(size - 4))


@functools.cache
def _get_stream(model: str, *, ollama: bool) -> list[bytes]:
    chunks = (_build_ollama_stream if ollama else _build_openai_stream)(STREAMS[model])
    return [_build_head(_JSON_LINES if ollama else _EVENT_STREAM, "transfer-encoding: chunked"), *chunks]


@functools.cache
def _get_joined_stream(model: str, *, ollama: bool) -> bytes:
    return b"".join(_get_stream(model, ollama=ollama))


_CHAT: Final = _build_response("application/json", _build_chat())
_OLLAMA_CHAT: Final = _build_response("application/json", _build_ollama_chat(_TEXT, done=True))
_TRANSCRIPT: Final = _build_response("application/json", _encode_json({"text": _TEXT}))
_QUOTED_MODELS: Final = {f'"{model}"'.encode(): model for model in STREAMS}
_SPEECH_SIZES: Final = {text.encode(): size for text, size in SPEECHES.items()}


def get_response(path: bytes, body: bytes) -> bytes | list[bytes]:
    """Return the response to a request: complete, or in the parts that are sent one by one."""
    if b"/audio/transcriptions" in path:
        return _TRANSCRIPT
    if b"/audio/speech" in path:
        return next(_get_speech(size) for text, size in _SPEECH_SIZES.items() if text in body)
    ollama = path.startswith(b"/api/")
    model = next((model for quoted, model in _QUOTED_MODELS.items() if quoted in body), None)
    if model is None:
        return _OLLAMA_CHAT if ollama else _CHAT
    return (_get_stream if model.startswith("paced") else _get_joined_stream)(model, ollama=ollama)
