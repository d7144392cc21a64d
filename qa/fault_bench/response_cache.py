"""Responses of the edge by request, so that a model generates each response once; with their arrival times."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import replace

from qa.fault_bench.messages import Headers, Request, Response, operations

_ID = re.compile(rb'"id": ?"((?:chatcmpl|cmpl)-\w+)"')
_TEMPORARY_STATUSES = (429, 500, 502, 503, 504)


class ResponseCache:
    """Responses by request. With `refresh` each request is sent to the edge, and the last response is stored.

    With `timed`, chunks arrive when they arrived from the edge, if a check could compare the times; otherwise they
    arrive at once, and the checks of timing are skipped.
    """

    def __init__(self) -> None:
        self.refresh = False
        self.timed = True
        self._responses: dict[object, Response] = {}
        self._streamed: set[str] = set()
        self._disconnected: set[object] = set()
        self._lock = threading.Lock()

    def get(self, request: Request) -> Response | None:
        """Return the response with a new id."""
        with self._lock:
            is_new = self.refresh or request.header("idempotency-key")
            response = None if is_new else self._responses.get(request.identity)
            timed = self.timed and (request.is_stream or request.plain_identity in self._streamed)
        if response is None:
            return None
        if not timed:
            response = replace(response, chunks=tuple((0.0, data) for _, data in response.chunks))
        return _with_new_ids(response)

    def store(self, request: Request, response: Response) -> None:
        """Store a response that the edge would give again."""
        is_temporary = response.status in _TEMPORARY_STATUSES or response.truncated
        if not _runs_model(request) or is_temporary or request.header("idempotency-key"):
            return
        with self._lock:
            self._responses[request.identity] = response
            if request.is_stream and response.is_success:
                self._streamed.add(request.plain_identity)

    def mark_disconnect(self, request: Request) -> None:
        """Note that the client closed the stream early: it will again, and then needs the edge itself."""
        with self._lock:
            self._disconnected.add(request.identity)

    def has_disconnect(self, request: Request) -> bool:
        """Whether a client closed the stream of this request before."""
        with self._lock:
            return request.identity in self._disconnected


def _runs_model(request: Request) -> bool:
    """Whether the response comes from a model alone, and depends neither on the state of the edge nor changes it."""
    operation = operations().get(request.operation)
    return (
        operation is not None and operation.model is not None and bool(operation.contents) and not operation.has_effect
    )


def _with_new_ids(response: Response) -> Response:
    headers: Headers = tuple(
        (name, f"req_{secrets.token_hex(16)}" if name.lower() == "x-request-id" else value)
        for name, value in response.headers
    )
    match = _ID.search(response.body)
    if not match:
        return replace(response, headers=headers)
    old = match.group(1)
    new = old.partition(b"-")[0] + b"-" + secrets.token_hex(12).encode()
    chunks = tuple((seconds, data.replace(old, new)) for seconds, data in response.chunks)
    return replace(response, headers=headers, chunks=chunks)
