"""Idempotency keys: the response to a request is stored for a while, and its retries get the same response."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.responses import Response

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.streaming import StreamedResponse

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from polargrid_edge.http.forms import Upload

HEADER: Final = "Idempotency-Key"
MAX_AGE: Final = 600.0
"""How long a response is stored, in seconds."""
MAX_RESPONSE_BYTES: Final = 8 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 64 * 1024 * 1024
_ENTRY_BYTES: Final = 2048  # of an entry without its body; it also bounds the number of entries
_KEY: Final = re.compile(r"[ -~]{1,255}")
_READ_BYTES: Final = 256 * 1024
# After these statuses, and after those of the server's failures, a retry may get another response.
_TEMPORARY_STATUSES: Final = (408, 409, 429)


class KeyedRequest:
    """A request with an idempotency key. Its fingerprint covers operation, query and body, as they are read."""

    def __init__(self, key: str, authorization: str, operation: str, query: Iterable[tuple[str, str]]) -> None:
        self.key = key
        # A key belongs to its API key, which is not stored. The scheme is case-insensitive.
        self.id = hashlib.sha256(f"{authorization.partition(' ')[2].strip()}\n{key}".encode("latin-1")).digest()
        self._hash = hashlib.sha256(repr((operation, *query)).encode())

    @property
    def fingerprint(self) -> bytes:
        return self._hash.digest()

    async def iter_body(self, body: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Pass a body on, and add it to the fingerprint."""
        async for chunk in body:
            self._hash.update(chunk)
            yield chunk

    async def add_upload(self, upload: Upload) -> None:
        """Add a form to the fingerprint by its parts, since a retry has another boundary."""
        parts = (sorted(upload.fields.items()), upload.file.filename, upload.file.content_type)
        self._hash.update(repr(parts).encode())
        await to_thread.run_sync(self._add_file, upload)

    def _add_file(self, upload: Upload) -> None:
        while chunk := upload.file.file.read(_READ_BYTES):
            self._hash.update(chunk)
        upload.file.file.seek(0)


def read_key(headers: Headers) -> str | None:
    """Return the idempotency key of a request, if it has one. Raises `EdgeError` 400 for an invalid key."""
    keys = headers.getlist(HEADER)
    if len(keys) > 1 or not all(map(_KEY.fullmatch, keys)):
        raise invalid_request(f"{HEADER}: expected one key of 1 to 255 printable ASCII characters", HEADER)
    return keys[0] if keys else None


@dataclass(slots=True)
class _InProgress:
    """A request that is being processed."""

    fingerprint: bytes
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class _StoredResponse:
    """A complete response, without its request id."""

    fingerprint: bytes
    stored_at: float
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + _ENTRY_BYTES

    def replay(self) -> Response:
        response = Response(self.body, self.status)
        response.raw_headers = [*self.headers, (b"idempotency-replayed", b"true")]
        return response


class IdempotencyStore:
    """The requests in progress and the last responses, by API key and idempotency key. Use it from one event loop.

    A response is stored for `MAX_AGE`. One of more than `MAX_RESPONSE_BYTES` is not stored, and the oldest ones are
    dropped when all of them exceed `max_bytes`. Failures of the server, rejections for its load, and interrupted
    responses are not stored, so that a retry is processed. At most `max_waiting` requests wait for an equal request.
    """

    def __init__(
        self, max_waiting: int, *, max_bytes: int = MAX_TOTAL_BYTES, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_waiting = max_waiting
        self._max_bytes = max_bytes
        self._now = now
        self._waiting = 0
        self._in_progress: dict[bytes, _InProgress] = {}
        self._responses: dict[bytes, _StoredResponse] = {}
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    async def respond(
        self, request: KeyedRequest, process: Callable[[], Awaitable[Response]], closing: AsyncExitStack
    ) -> Response:
        """Return the response to an equal request with the same key; without one, process the request.

        `closing` ends with the request. Raises `EdgeError` 422 if the key was used for another request, and 409 if
        too many requests wait.
        """
        while (current := self._in_progress.get(request.id)) is not None:
            _check_fingerprint(request, current.fingerprint)
            await self._wait(request, current)
        self._drop_old()
        if (stored := self._responses.get(request.id)) is not None:
            _check_fingerprint(request, stored.fingerprint)
            return stored.replay()
        current = self._in_progress[request.id] = _InProgress(request.fingerprint)
        closing.callback(self._end, request, current)
        response = await process()
        response.headers[HEADER] = request.key
        if isinstance(response, StreamedResponse):
            response.chunks = self._record(request, response, response.chunks)
        else:
            self._add(request, response.status_code, tuple(response.raw_headers), bytes(response.body))
            self._end(request, current)  # now, because the client may take long to read the response
        return response

    async def _wait(self, request: KeyedRequest, current: _InProgress) -> None:
        if self._waiting >= self._max_waiting:
            message = f"{HEADER} {request.key!r}: a request with this key is in progress; retry in 1 s"
            headers = {HEADER: request.key, "Retry-After": "1"}
            raise EdgeError(409, message, "idempotency_key_in_use", headers=headers)
        self._waiting += 1
        try:
            await current.ended.wait()
        finally:
            self._waiting -= 1

    def _end(self, request: KeyedRequest, current: _InProgress) -> None:
        if self._in_progress.get(request.id) is current:
            del self._in_progress[request.id]
            current.ended.set()

    async def _record(
        self, request: KeyedRequest, response: StreamedResponse, chunks: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        body = bytearray()
        headers = tuple(response.raw_headers)
        async for chunk in chunks:
            if len(body) <= MAX_RESPONSE_BYTES:
                body += chunk
            yield chunk
        if response.is_complete(bytes(body)):
            self._add(request, response.status_code, headers, bytes(body))

    def _add(self, request: KeyedRequest, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
        if status >= 500 or status in _TEMPORARY_STATUSES or len(body) > MAX_RESPONSE_BYTES:
            return
        stored = self._responses[request.id] = _StoredResponse(request.fingerprint, self._now(), status, headers, body)
        self._bytes += stored.size
        self._drop_old()
        if self._timer is None:
            self._on_timer()

    def _on_timer(self) -> None:
        """Drop old responses, and again later: no other request may come."""
        self._drop_old()
        later = asyncio.get_running_loop().call_later
        self._timer = later(MAX_AGE, self._on_timer) if self._responses else None

    def _drop_old(self) -> None:
        """Drop the responses that exceed a limit; a dict is in the order in which they were stored."""
        oldest_time = self._now() - MAX_AGE
        while self._responses:
            oldest = next(iter(self._responses))
            if self._bytes <= self._max_bytes and self._responses[oldest].stored_at > oldest_time:
                return
            self._bytes -= self._responses.pop(oldest).size


def _check_fingerprint(request: KeyedRequest, fingerprint: bytes) -> None:
    if request.fingerprint != fingerprint:
        message = f"{HEADER} {request.key!r} was used for another request; create a key for each call"
        raise EdgeError(422, message, "idempotency_key_reused", param=HEADER, headers={HEADER: request.key})
