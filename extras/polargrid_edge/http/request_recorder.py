"""Record every request once, and hand the record to what counts and logs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from polargrid_edge.http.errors import new_request_id, request_id
from polargrid_edge.http.request_record import SCOPE_KEY, RequestRecord, current_record

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from polargrid_edge.http.metrics import Metrics

Sink = Callable[[RequestRecord], None]

INVALID_HTTP: Final = "invalid_http"
# The page reads its own state every second: that is no use of the edge.
_NOT_RECORDED: Final = "/_page/"


class RequestRecorder:
    """Hands each ended request to the window of the last minute and to all sinks."""

    def __init__(self, window: Metrics, sinks: Iterable[Sink] = ()) -> None:
        self._window = window
        self._sinks = tuple(sinks)

    def start_operation(self, operation: str) -> None:
        """The current request is for an operation of the API."""
        record = current_record.get()
        if record is not None:
            record.operation, record.in_window = operation, True
        self._window.start(operation)

    def finish_operation(self, operation: str, status: int | None) -> None:
        """The operation ended; `status` is None where the client disconnected."""
        self._window.finish(operation, status, time.monotonic())

    def finish(self, record: RequestRecord) -> None:
        record.ended_at = time.perf_counter()
        for sink in self._sinks:
            sink(record)

    def record_invalid(self, scope: Scope | None, client: str | None, sent: int) -> str:
        """Record a request that is not HTTP and got 400 with `sent` bytes; returns its id.

        `scope` is that of a request in progress whose body turned out to be invalid: its record ends with this status.
        """
        record: RequestRecord | None = None if scope is None else scope.get(SCOPE_KEY)
        if record is not None:
            record.status, record.error, record.bytes_sent = 400, INVALID_HTTP, sent
            return record.request_id
        record = RequestRecord(None, None, client, new_request_id(), operation=INVALID_HTTP)
        record.status, record.error, record.bytes_sent = 400, INVALID_HTTP, sent
        record.first_byte_at = time.perf_counter()
        self.finish(record)
        return record.request_id


class RecordRequests:
    """Middleware around all others: gives each request its id and its record."""

    def __init__(self, app: ASGIApp, recorder: RequestRecorder) -> None:
        self._app = app
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id.set(new_request_id())
        if scope["path"].startswith(_NOT_RECORDED):
            current_record.set(None)
            await self._app(scope, receive, send)
            return
        record = scope[SCOPE_KEY] = RequestRecord.of_scope(scope)
        record.request_id = request_id.get()
        current_record.set(record)

        async def receive_and_count() -> Message:
            message = await receive()
            record.bytes_received += len(message.get("body", b""))
            return message

        async def send_and_count(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                record.status = message["status"]
            elif body := message.get("body", b""):
                record.bytes_sent += len(body)
                if record.first_byte_at is None:
                    record.first_byte_at = time.perf_counter()

        try:
            await self._app(scope, receive_and_count, send_and_count)
        finally:
            self._recorder.finish(record)
