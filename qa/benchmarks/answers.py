"""The server's answers, prepared once as bytes: a server that is not the bottleneck only writes them."""

from __future__ import annotations

import functools
import json
from typing import Any, Final

from qa.benchmarks.work import MODEL, SPEECHES, STREAMS

_TEXT: Final = "The great-circle distance from Vancouver to Montreal is about 3,680 kilometres, or 2,290 miles."
_CREATED: Final = 1_760_000_000
_DATE: Final = "2025-10-09T08:53:20.000000Z"
_EVENTS: Final = "text/event-stream; charset=utf-8"
_LINES: Final = "application/x-ndjson"


def _head(media: str, framing: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", "server: bench", f"content-type: {media}", "x-request-id: req_0123456789", framing)
    return "\r\n".join((*lines, "", "")).encode()


def _whole(media: str, body: bytes) -> bytes:
    return _head(media, f"content-length: {len(body)}") + body


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _framed(data: bytes) -> bytes:
    """A chunk of HTTP's chunked coding: servers send each event as one."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _choice(finish: str | None, **member: Any) -> dict[str, Any]:
    return {"index": 0, **member, "finish_reason": finish}


def _chat() -> bytes:
    message = {"role": "assistant", "content": _TEXT}
    usage = {"prompt_tokens": 34, "completion_tokens": 27, "total_tokens": 61}
    head = {"id": "chatcmpl-0123456789abcdef", "object": "chat.completion", "created": _CREATED, "model": MODEL}
    return _json({**head, "choices": [_choice("stop", message=message)], "usage": usage})


def _ollama(text: str, *, done: bool) -> bytes:
    answer = {"model": MODEL, "created_at": _DATE, "message": {"role": "assistant", "content": text}, "done": done}
    counts = {"total_duration": 5_000_000, "prompt_eval_count": 34, "eval_count": 27}
    return _json({**answer, "done_reason": "stop", **counts} if done else answer)


def _event(text: str, finish: str | None) -> bytes:
    head = {"id": "chatcmpl-0123456789abcdef", "object": "chat.completion.chunk", "created": _CREATED, "model": MODEL}
    return b"data: " + _json({**head, "choices": [_choice(finish, delta={"content": text})]}) + b"\n\n"


def _openai_pieces(count: int) -> list[bytes]:
    """A stream in pieces, one for each chunk; what ends it is in the last."""
    events = [_framed(_event(f" word{n % 10}", None)) for n in range(count - 1)]
    return [*events, _framed(_event("", "stop")) + _framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"]


def _ollama_pieces(count: int) -> list[bytes]:
    lines = [_framed(_ollama(f" word{n % 10}", done=False) + b"\n") for n in range(count - 1)]
    return [*lines, _framed(_ollama("", done=True) + b"\n") + b"0\r\n\r\n"]


@functools.cache
def _speech(size: int) -> bytes:
    return _whole("audio/wav", b"RIFF" + bytes(size - 4))


@functools.cache
def _stream(model: str, *, ollama: bool) -> list[bytes]:
    pieces = (_ollama_pieces if ollama else _openai_pieces)(STREAMS[model])
    return [_head(_LINES if ollama else _EVENTS, "transfer-encoding: chunked"), *pieces]


_CHAT: Final = _whole("application/json", _chat())
_OLLAMA_CHAT: Final = _whole("application/json", _ollama(_TEXT, done=True))
_TRANSCRIPT: Final = _whole("application/json", _json({"text": _TEXT}))
_MODELS: Final = {f'"{model}"'.encode(): model for model in STREAMS}
_SPOKEN: Final = {text.encode(): size for text, size in SPEECHES.items()}


def answer(path: bytes, body: bytes) -> bytes | list[bytes]:
    """The answer to a request: whole, or in pieces where it is to be paced."""
    if b"/audio/transcriptions" in path:
        return _TRANSCRIPT
    if b"/audio/speech" in path:
        return next(_speech(size) for text, size in _SPOKEN.items() if text in body)
    ollama = path.startswith(b"/api/")
    model = next((model for sign, model in _MODELS.items() if sign in body), None)
    if model is None:
        return _OLLAMA_CHAT if ollama else _CHAT
    pieces = _stream(model, ollama=ollama)
    return pieces if model.startswith("paced") else _joined(model, ollama=ollama)


@functools.cache
def _joined(model: str, *, ollama: bool) -> bytes:
    return b"".join(_stream(model, ollama=ollama))
