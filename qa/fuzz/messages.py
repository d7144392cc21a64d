"""Valid messages from the examples of openapi.yaml: the seeds of the mutations."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from importlib import resources
from typing import Any

from polargrid_generated import operations
from polargrid_runtime.operation import Operation

_SPEC = json.loads(resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8"))
OPERATIONS: dict[str, Operation[Any, Any]] = {operation.name: operation for operation in operations.OPERATIONS}
#: Operations that respond with an event stream.
EVENT_OPERATIONS = [operation for operation in OPERATIONS.values() if operation.events]


def _get_examples(media: dict[str, Any]) -> list[Any]:
    examples = [example["value"] for example in media.get("examples", {}).values()]
    return examples or [media.get("example", "ID3 not audio")]


def _to_bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def _iter_contents() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the name of an operation, a media type of a successful response of it, and its examples."""
    for path in _SPEC["paths"].values():
        for operation in (item for item in path.values() if "operationId" in item):
            for status, response in operation["responses"].items():
                for media_type, media in response.get("content", {}).items() if status.startswith("2") else ():
                    yield operation["operationId"], media_type, media


def _load_responses() -> list[tuple[Operation[Any, Any], str, bytes]]:
    return [
        (OPERATIONS[name], media_type, _to_bytes(example))
        for name, media_type, media in _iter_contents()
        if media_type != "text/event-stream"
        for example in _get_examples(media)
    ]


def _load_errors() -> list[bytes]:
    documented = [
        example
        for response in _SPEC["components"]["responses"].values()
        for media in response.get("content", {}).values()
        for example in _get_examples(media)
    ]
    others = [
        {"detail": [{"loc": ["body", "model"], "msg": "Field required"}]},
        {"detail": "Not Found"},
        {"error": "model not found"},
        {"message": "no", "type": "rate_limit_error", "code": 429, "status": 429, "request_id": "req_1"},
        "<html><h1>502 Bad Gateway</h1></html>",
    ]
    return [_to_bytes(error) for error in documented + others]


def _build_streams() -> list[bytes]:
    contents = [media for _, media_type, media in _iter_contents() if media_type == "text/event-stream"]
    events = [example["data"].encode() for media in contents for example in _get_examples(media)]
    end = b"data: [DONE]\n\n"
    plain = [(b"data: " + event + b"\n\n") * 3 + end for event in events]
    failing = [b"data: " + events[0] + b"\n\nevent: error\ndata: " + error + b"\n\n" for error in ERRORS[:3]]
    odd = [b"\xef\xbb\xbf: ping\r\n\r\nid: 1\rretry: 5\rdata: " + events[0] + b"\r\rdata\ndata: 1\n\n" + end]
    return plain + failing + odd


#: Responses of each operation: the operation, the media type, the body.
RESPONSES = _load_responses()
#: Bodies of error responses: of the API, and of other servers and proxies.
ERRORS = _load_errors()
#: Complete event streams.
STREAMS = _build_streams()


def _deflate(data: bytes) -> bytes:
    """Compress without the zlib header, as some servers do."""
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


_TEXT = RESPONSES[0][2] * 5
#: Compressed bodies: the Content-Encoding, the bytes.
COMPRESSED = [
    (None, _TEXT),
    ("gzip", gzip.compress(_TEXT, mtime=0)),
    ("gzip", gzip.compress(_TEXT[:99], mtime=0) + gzip.compress(_TEXT[99:], mtime=0)),
    ("deflate", zlib.compress(_TEXT)),
    ("deflate", _deflate(_TEXT)),
    ("deflate", _deflate(bytes(65_600))),
    ("gzip", gzip.compress(bytes(300_000), mtime=0)),
]
