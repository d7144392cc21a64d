"""The requests of the load, as bytes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

KEY: Final = "pg_local"
MODEL: Final = "smollm2-135m"
CHAT: Final[Mapping[str, Any]] = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "Count to ten."}],
    "max_tokens": 8,
}
COMPLETION: Final[Mapping[str, Any]] = {"model": MODEL, "prompt": "One, two,", "max_tokens": 8}
SPEECH: Final[Mapping[str, Any]] = {"model": "tts-1", "input": "Hello from the edge.", "voice": "alloy"}
LONG: Final = 512
"""The tokens of a response that would use its slot for long, if it did not end with its client."""

_BOUNDARY: Final = "the-boundary"
# The edge stores the file of a form on disk if it is larger than 1 MiB.
_ON_DISK: Final = 2 * 1024**2


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Build a request with the edge's key; a body is JSON with a length, unless the headers differ."""
    defaults = {"host": "localhost", "authorization": f"Bearer {KEY}"}
    if body:
        defaults |= {"content_type": "application/json", "content_length": str(len(body))}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (defaults | headers).items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def chat(**changes: Any) -> bytes:
    return request("POST", "/v1/chat/completions", json.dumps({**CHAT, **changes}).encode())


def completion(**changes: Any) -> bytes:
    return request("POST", "/v1/completions", json.dumps({**COMPLETION, **changes}).encode())


def speech(**changes: Any) -> bytes:
    return request("POST", "/v1/audio/speech", json.dumps({**SPEECH, **changes}).encode())


def transcription(audio: bytes) -> bytes:
    body = b"".join(
        [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'.encode(),
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'.encode(),
            audio,
            f"\r\n--{_BOUNDARY}--\r\n".encode(),
        ]
    )
    form = f"multipart/form-data; boundary={_BOUNDARY}"
    return request("POST", "/v1/audio/transcriptions", body, content_type=form)


def chat_in_chunks(body: bytes, *, size: int = 64) -> bytes:
    """A chat request whose body is in chunks of `size` bytes."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    head = request("POST", "/v1/chat/completions", content_type="application/json", transfer_encoding="chunked")
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


HEALTH: Final = request("GET", "/health")
MODELS: Final = request("GET", "/v1/models")
STATUS: Final = request("GET", "/v1/models/status")
STATUS_REQUESTS: Final = (HEALTH, MODELS, STATUS)


def mix(number: int) -> bytes:
    """The requests of a mix: a chat, a streamed chat, the models, the health of the edge."""
    return (chat(), chat(stream=True), MODELS, HEALTH)[number % 4]


def uploads(audio: bytes) -> tuple[bytes, ...]:
    """Requests with every kind of body: with a length, in chunks, a form in memory, a form on disk."""
    large = audio * (_ON_DISK // len(audio) + 1)
    return chat(), chat_in_chunks(json.dumps(CHAT).encode()), transcription(audio), transcription(large)
