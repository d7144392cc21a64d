"""What both processes know of a call: its instruction, the request, and the response that is right. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NamedTuple

#: The operations of the stress. "tools" and "stream" stream a chat, "audio" streams speech.
OPERATIONS: Final = ("chat", "stream", "tools", "speech", "audio", "transcript")
STREAMS: Final = ("stream", "tools", "audio")
EVENTS: Final = ("stream", "tools")
JSON: Final = ("chat", "transcript")
UPLOADS: Final = ("transcript",)
HEADER: Final = "x-stress"
CALL: Final = "\n"  # before the arguments of a tool call, in the text of a response
_WORD: Final = re.compile(r"(n\w+(?:![\w-]+)?)\.\d+ ")


class Instruction(NamedTuple):
    """What the client tells the server in a header: who asks, how to misbehave, how long the response is."""

    nonce: str
    fault: str
    operation: str
    size: int
    digest: str = "-"  # of the content of the request

    def encode(self) -> str:
        return " ".join(map(str, self))

    @classmethod
    def decode(cls, value: str) -> Instruction:
        nonce, fault, operation, size, digest = value.split(" ")
        return cls(nonce, fault, operation, int(size), digest)


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def text_of(nonce: str, size: int, stray: str = "") -> str:
    """A text of `size` words; each names the call, and the fault if it was not requested."""
    return "".join(_words(nonce, size, stray))


def _words(nonce: str, size: int, stray: str) -> Iterator[str]:
    return (f"{_name(nonce, stray)}.{number} " for number in range(size))


def _name(nonce: str, stray: str) -> str:
    return f"{nonce}!{stray}" if stray else nonce


def find_origins(text: str) -> set[str]:
    """The origins of the words in a text."""
    return set(_WORD.findall(text))


@dataclass
class Response:
    """A response that is right, before a fault changes it."""

    media_type: str
    pieces: list[bytes]  # of the body: the events of a stream
    is_chunked: bool
    origin: str  # in a header: the nonce of the call, and the fault if it was not requested
    status: str = "200 OK"
    version: str = "HTTP/1.1"
    headers: list[str] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def length(self) -> str:
        return f"content-length: {len(self.body)}"

    def encode_head(self, *framing: str) -> bytes:
        lines = [f"{self.version} {self.status}", f"content-type: {self.media_type}", f"{HEADER}: {self.origin}"]
        lines += [*self.headers, *framing]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def encode(self) -> bytes:
        """The whole response, in chunks or with its length."""
        return self.encode_chunked() if self.is_chunked else self.encode_head(self.length) + self.body

    def encode_chunked(self, *, last: bytes = b"0\r\n\r\n") -> bytes:
        head = self.encode_head("transfer-encoding: chunked")
        return head + b"".join(map(encode_chunk, self.pieces)) + last


def encode_chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def build_response(instruction: Instruction, stray: str = "") -> Response:
    """The response that the instruction expects; `stray` marks one that no call expects."""
    nonce, _, operation, size, _ = instruction
    origin = _name(nonce, stray)
    match operation:
        case "stream":
            deltas = [{"content": word} for word in _words(nonce, size, stray)]
            return Response("text/event-stream", build_events(deltas, "stop"), is_chunked=True, origin=origin)
        case "tools":
            events = build_events(tool_deltas(nonce, stray), "tool_calls")
            return Response("text/event-stream", events, is_chunked=True, origin=origin)
        case "chat":
            body = json.dumps(_build_chat(text_of(nonce, size, stray), size)).encode()
            return Response("application/json", [body], is_chunked=False, origin=origin)
        case "transcript":
            body = json.dumps({"text": text_of(nonce, size, stray)}).encode()
            return Response("application/json", [body], is_chunked=False, origin=origin)
        case _:
            audio = text_of(nonce, size, stray).encode()
            pieces = [audio[at : at + _PIECE] for at in range(0, len(audio), _PIECE)]
            return Response("audio/mpeg", pieces, is_chunked=operation == "audio", origin=origin)


def _build_chat(text: str, size: int) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": size, "total_tokens": size + 1}
    return {**_IDENTITY, "object": "chat.completion", "choices": [choice], "usage": usage}


_IDENTITY: Final[dict[str, Any]] = {"id": "chatcmpl-1", "created": 1, "model": "m"}
_PIECE: Final = 8192


def build_events(deltas: list[dict[str, Any]], finish_reason: str | None) -> list[bytes]:
    """The events of a chat, the last one [DONE]."""
    events = [build_event(delta) for delta in deltas]
    if finish_reason:
        events.append(build_event({}, finish_reason))
    return [*events, b"data: [DONE]\n\n"]


def build_event(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    data = {**_IDENTITY, "object": "chat.completion.chunk", "choices": choices}
    return f"data: {json.dumps(data)}\n\n".encode()


def tool_deltas(nonce: str, stray: str = "", indexes: tuple[int, int] = (0, 1)) -> list[dict[str, Any]]:
    """Two tool calls, each in two parts."""
    return [
        {"tool_calls": [{"index": index, **fields}]}
        for number, index in enumerate(indexes)
        for fields in _tool_fields(number, text_of(nonce, 2, stray))
    ]


def _tool_fields(number: int, text: str) -> Iterator[dict[str, Any]]:
    arguments = json.dumps({"number": number, "text": text})
    half = len(arguments) // 2
    yield {"id": f"call_{number}", "type": "function", "function": {"name": "act", "arguments": arguments[:half]}}
    yield {"function": {"arguments": arguments[half:]}}


def expected_value(instruction: Instruction) -> str:
    """The text that the call returns; of tool calls, their arguments."""
    if instruction.operation == "tools":
        text = text_of(instruction.nonce, 2)
        return "".join(CALL + json.dumps({"number": number, "text": text}) for number in range(2))
    return text_of(instruction.nonce, instruction.size)
