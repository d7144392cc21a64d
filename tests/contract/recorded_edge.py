"""A server in memory that replays recorded responses of the local edge, with their arrival times on a virtual clock.

`python -m tests.contract.record` records them again. Ids, request ids and times of creation are new in each response,
as they are from a real server.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

RECORDINGS = Path(__file__).parent / "recordings"
KEY = "pg_local"
MODEL = "smollm2-135m"
URL = "http://edge.test"
#: The environment variable with the URL of a real edge to record.
RECORD_URL = "POLARGRID_RECORD_URL"
#: Headers of one connection, which a replayed response does not have.
HOP_HEADERS = {"content-length", "transfer-encoding", "connection", "content-encoding"}
_LARGE = 20_000_000  # bytes of a body
_EXCERPT = 400  # characters of a request body that are recorded for readers
_BOUNDARY = re.compile(r"boundary=(\S+)")
_ID = re.compile(rb'"id": ?"((?:chatcmpl|cmpl)-[^"]*)"')
_CALL_ID = re.compile(rb"call_[0-9a-f]{24}")
_CREATED = re.compile(rb'("created": ?)\d+')
_TIMESTAMP = re.compile(rb'("timestamp": ?)"[^"]*"')
_LOOPBACK = re.compile(rb"http://127\.0\.0\.1:\d+")
_REPOSITORY = re.compile(rb'("repository": ?)"[^"]*"')


class Chunk(NamedTuple):
    """Bytes of a body, and when they arrived, in seconds since the request."""

    seconds: float
    data: bytes


class VirtualClock:
    """A clock that only moves when a response says so, or when someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class TimedStream(httpx.SyncByteStream):
    """A body whose chunks arrive at their recorded times."""

    def __init__(self, clock: VirtualClock, chunks: list[Chunk], on_close: Callable[[], None] | None = None) -> None:
        """`on_close` is called when the client has read the body, or leaves."""
        self._clock, self._chunks, self._on_close = clock, chunks, on_close

    def __iter__(self) -> Iterator[bytes]:
        started = self._clock.now
        for seconds, data in self._chunks:
            self._clock.now = max(self._clock.now, started + seconds)  # time passes between its chunks as well
            yield data

    def close(self) -> None:
        if self._on_close is not None:
            self._on_close()


def build_response(status: int, headers: list[tuple[str, str]], chunks: list[Chunk]) -> httpx.Response:
    """Build a response that is already read, and carries the arrival times of its chunks."""
    body = b"".join(data for _, data in chunks)
    return httpx.Response(status, headers=headers, content=body, extensions={"chunks": chunks})


def chunks_of(response: httpx.Response) -> list[Chunk]:
    """The chunks of a response; one at time 0 if it was built without times."""
    chunks: list[Chunk] = response.extensions.get("chunks") or [Chunk(0.0, response.content)]
    return chunks


class RecordedEdge:
    """Replays recordings; with an upstream URL it records the responses of a real edge instead."""

    def __init__(self, upstream: str | None = None) -> None:
        self._upstream = upstream
        self._lock = threading.Lock()
        self._recordings: dict[str, dict[str, Any]] = {}
        for file in sorted(RECORDINGS.glob("*.ndjson")) if upstream is None else ():
            for line in file.read_text("utf-8").split("\n")[:-1]:  # a text may have other line breaks
                recording = json.loads(line)
                self._recordings[recording["key"]] = recording

    def send(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request, as if it was sent just now."""
        body = request.read()
        key = _key(request, body)
        with self._lock:
            if self._upstream is not None and not self._is_final(key):
                self._recordings[key] = {"key": key, **_record(self._upstream, request, body)}
        if key not in self._recordings:  # a failure of the test: a check would report another exception as a violation
            pytest.fail(
                f"no recording of {request.method} {request.url} {body[:_EXCERPT]!r}; "
                "record it with: python -m tests.contract.record"
            )
        recording = self._recordings[key]
        chunks = [Chunk(seconds, _decode(data)) for seconds, data in recording["chunks"]]
        headers = [(name, value) for name, value in recording["headers"] if name not in HOP_HEADERS]
        headers = [
            (name, f"req_{secrets.token_hex(16)}" if name == "x-request-id" else value) for name, value in headers
        ]
        return build_response(recording["status"], headers, _renew(chunks))

    def _is_final(self, key: str) -> bool:
        """Whether a response is recorded, which is not that of a job in progress: its state is not the last."""
        recording = self._recordings.get(key)
        return recording is not None and not (recording["request"]["method"] == "GET" and recording["status"] == 202)

    def has_recording(self, request: httpx.Request) -> bool:
        """Whether the response to a request is recorded."""
        return _key(request, request.read()) in self._recordings

    def save(self) -> None:
        """Write the recordings, in a stable order, one file for each path, and one for all unknown paths."""
        lines: dict[str, list[str]] = {}
        for recording in self._recordings.values():
            path = recording["request"]["path"].partition("?")[0]
            name = re.sub(r"\W+", "-", path.removeprefix("/v1/").strip("/")) or "root"
            name = "unknown" if "no-such" in name else name
            lines.setdefault(name, []).append(json.dumps(recording, ensure_ascii=False))
        for file in RECORDINGS.glob("*.ndjson"):
            file.unlink()
        for name, rows in lines.items():
            rows.sort(key=lambda row: tuple(json.loads(row)["request"].values()))
            (RECORDINGS / f"{name}.ndjson").write_text("\n".join(rows) + "\n", "utf-8")


def _key(request: httpx.Request, body: bytes) -> str:
    """Identify a request by everything that can change its response; a form boundary cannot."""
    content_type = request.headers.get("content-type", "")
    if len(body) > _LARGE:  # it is rejected for its size
        content_type, body = content_type.partition(";")[0], str(len(body)).encode()
    if boundary := _BOUNDARY.search(content_type):
        content_type, body = "form", body.replace(boundary[1].encode(), b"boundary")
    parts = (
        request.method,
        request.url.raw_path.decode("ascii"),
        request.headers.get("authorization", ""),
        content_type,
        _canonical(body),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _canonical(body: bytes) -> bytes:
    """Sort the keys of a JSON object, so that the order in which a client adds fields does not matter."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return json.dumps(parsed, sort_keys=True).encode() if isinstance(parsed, dict) and len(body) < 10_000 else body


def _record(upstream: str, request: httpx.Request, body: bytes) -> dict[str, Any]:
    names = ("authorization", "content-type")
    headers = {name: request.headers[name] for name in names if name in request.headers}
    url = httpx.URL(upstream).copy_with(raw_path=request.url.raw_path)
    started = time.perf_counter()
    try:
        with (
            httpx.Client(timeout=120, trust_env=False) as client,
            client.stream(request.method, url, content=body or None, headers=headers) as response,
        ):
            chunks = [[round(time.perf_counter() - started, 4), data] for data in response.iter_raw()]
    except httpx.HTTPError as error:
        raise RuntimeError(f"cannot record {request.method} {url} {body[:_EXCERPT]!r}") from error
    return {
        "request": {
            "method": request.method,
            "path": request.url.raw_path.decode("ascii"),
            "body": body[:_EXCERPT].decode("utf-8", "replace"),
        },
        "status": response.status_code,
        "headers": [[name.lower(), value] for name, value in response.headers.multi_items() if name != "date"],
        "chunks": [[seconds, _encode(_remove_local_names(data))] for seconds, data in chunks],
    }


def _remove_local_names(data: bytes) -> bytes:
    """Replace the address of the edge and the folder of its models, which differ between machines."""
    return _REPOSITORY.sub(rb'\1"/models"', _LOOPBACK.sub(URL.encode(), data))


def _encode(data: bytes) -> str | dict[str, str]:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _decode(data: str | dict[str, str]) -> bytes:
    return data.encode() if isinstance(data, str) else base64.b64decode(data["base64"])


def _renew(chunks: list[Chunk]) -> list[Chunk]:
    """Replace the ids and the times in a response with new ones."""
    now = datetime.now(UTC).isoformat().encode()
    body = b"".join(data for _, data in chunks)
    identity = _ID.search(body)
    calls = {call: b"call_" + secrets.token_hex(12).encode() for call in _CALL_ID.findall(body)}
    renewed = []
    for seconds, chunk in chunks:
        data = _CALL_ID.sub(
            lambda match: calls[match[0]], _TIMESTAMP.sub(lambda match: b'%b"%b"' % (match[1], now), chunk)
        )
        renewed.append(Chunk(seconds, data))
    if identity is None:
        return renewed
    old = identity[1]
    new = old.partition(b"-")[0] + b"-" + secrets.token_hex(12).encode()
    created = str(int(time.time())).encode()
    return [
        Chunk(seconds, _CREATED.sub(lambda match: match[1] + created, data.replace(old, new)))
        for seconds, data in renewed
    ]
