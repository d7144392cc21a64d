"""Valid messages, from the examples of openapi.yaml: what the mutations begin with."""

from __future__ import annotations

import gzip
import json
import zlib
from importlib import resources
from typing import Any

from polargrid_generated import operations
from polargrid_runtime.operation import Operation

_SPEC = json.loads(resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8"))
OPERATIONS: dict[str, Operation[Any, Any]] = {
    each.name: each for each in vars(operations).values() if isinstance(each, Operation)
}
#: Those whose answers come as events.
EVENTS = [each for each in OPERATIONS.values() if each.event]


def _examples(media: dict[str, Any]) -> list[Any]:
    found = [example["value"] for example in media.get("examples", {}).values()]
    return found or [media.get("example", "ID3 no audio at all")]


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def _answers() -> list[tuple[Operation[Any, Any], str, bytes]]:
    return [
        (OPERATIONS[operation["operationId"]], media_type, _bytes(example))
        for path in _SPEC["paths"].values()
        for operation in path.values()
        for media_type, media in operation["responses"]["200"].get("content", {}).items()
        if media_type != "text/event-stream"
        for example in _examples(media)
    ]


def _errors() -> list[bytes]:
    told = [
        example
        for response in _SPEC["components"]["responses"].values()
        for media in response.get("content", {}).values()
        for example in _examples(media)
    ]
    others = [
        {"detail": [{"loc": ["body", "model"], "msg": "Field required"}]},
        {"detail": "Not Found"},
        {"error": "model not found"},
        {"message": "no", "type": "rate_limit_error", "code": 429, "status": 429, "request_id": "req_1"},
        "<html><h1>502 Bad Gateway</h1></html>",
    ]
    return [_bytes(each) for each in told + others]


def _streams() -> list[bytes]:
    events = [
        media["example"]["data"].encode()
        for path in _SPEC["paths"].values()
        for operation in path.values()
        for media_type, media in operation["responses"]["200"].get("content", {}).items()
        if media_type == "text/event-stream"
    ]
    end = b"data: [DONE]\n\n"
    plain = [b"".join(b"data: " + event + b"\n\n" for event in [each] * 3) + end for each in events]
    failing = [b"data: " + events[0] + b"\n\nevent: error\ndata: " + error + b"\n\n" for error in ERRORS[:3]]
    odd = [b"\xef\xbb\xbf: ping\r\n\r\nid: 1\rretry: 5\rdata: " + events[0] + b"\r\rdata\ndata: 1\n\n" + end]
    return plain + failing + odd


#: What each operation answers: the operation, the media type, the body.
ANSWERS = _answers()
#: Bodies of errors, ours and others'.
ERRORS = _errors()
#: Whole event streams.
STREAMS = _streams()


def _raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


_TEXT = ANSWERS[0][2] * 5
#: Packed content: the encoding, the bytes.
PACKED = [
    (None, _TEXT),
    ("gzip", gzip.compress(_TEXT, mtime=0)),
    ("gzip", gzip.compress(_TEXT[:99], mtime=0) + gzip.compress(_TEXT[99:], mtime=0)),
    ("deflate", zlib.compress(_TEXT)),
    ("deflate", _raw(_TEXT)),
    ("deflate", _raw(bytes(65_600))),
    ("gzip", gzip.compress(bytes(300_000), mtime=0)),
]
