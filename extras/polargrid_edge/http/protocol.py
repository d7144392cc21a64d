"""HTTP on one connection: uvicorn's protocol with the API's errors and with a timeout for stalled clients."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from polargrid_edge.errors import invalid_request
from polargrid_edge.http.head_buffer import HeadBuffer
from polargrid_edge.http.responses import to_json_bytes
from polargrid_edge.http.strict_parser import StrictConnection

if TYPE_CHECKING:
    from polargrid_edge.http.request_recorder import RequestRecorder

# The states in which the client has data to send: the head of a request or the rest of its body.
_CLIENT_SENDS: Final = (h11.IDLE, h11.SEND_BODY)


class EdgeProtocol(H11Protocol):
    """Answer invalid HTTP in the shape of the API, and abort the connections of stalled clients.

    uvicorn waits without limit for the rest of a request, and for a client to read a response: even a closed
    connection stays open until its last byte is read. This protocol aborts the connection of a client that does
    neither for `stall_seconds`, which ends its request. Detecting it may take twice as long.
    """

    def __init__(self, *args: Any, stall_seconds: float, recorder: RequestRecorder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._recorder = recorder
        self.conn: StrictConnection = StrictConnection()
        self._stall_seconds = stall_seconds
        self._activity = 0
        self._last_check: tuple[int, int] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # With a limit of 0 `resume_writing` reports each time that the buffer is empty; until then it only shrinks.
        # TLS pauses at the limit and not above it: with 0 it would pause for ever.
        transport.set_write_buffer_limits(1 if self.scheme == "https" else 0, 0)
        self.transport = cast("asyncio.Transport", HeadBuffer(transport, self.loop))
        self._check_progress()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._activity += 1
        super().data_received(data)

    def resume_writing(self) -> None:
        self._activity += 1
        super().resume_writing()

    def _check_progress(self) -> None:
        now = (self._activity, self.transport.get_write_buffer_size())
        if now == self._last_check and self._is_waiting():
            self.transport.abort()
            return
        self._last_check = now
        self._timer = self.loop.call_later(self._stall_seconds, self._check_progress)

    def _is_waiting(self) -> bool:
        """Whether the edge waits for the client; between two requests uvicorn has a timer of its own."""
        sends = self.conn.their_state in _CLIENT_SENDS and self.timeout_keep_alive_task is None
        return sends or self.transport.get_write_buffer_size() > 0

    def send_400_response(self, msg: str) -> None:
        message = f"invalid HTTP: {self.conn.error}" if self.conn.error else msg
        body = to_json_bytes(invalid_request(message, code="invalid_http").envelope())
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # in other states a response has started
            is_in_progress = self.cycle is not None and not self.cycle.response_complete
            scope: Any = self.cycle.scope if is_in_progress else None
            client = self.client[0] if self.client else None
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
                ("x-request-id", self._recorder.record_invalid(scope, client, len(body))),
            ]
            for part in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(part) or b"")
        self.transport.close()
