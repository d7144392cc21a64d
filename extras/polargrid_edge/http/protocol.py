"""HTTP on one connection: uvicorn's protocol, with the API's errors, and with an end to its patience."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from polargrid_edge.answers import encoded
from polargrid_edge.errors import invalid
from polargrid_edge.failures import new_request_id

# What a client still has to send: the head of a request, or the rest of its body.
_UNSENT: Final = (h11.IDLE, h11.SEND_BODY)


class Protocol(H11Protocol):
    """uvicorn's, which answers what is no HTTP in the API's shape too, and leaves who keeps it waiting.

    uvicorn waits without end for the rest of a request, and for a client to take an answer: even a connection it
    has closed stays until its last byte is taken. Here a client that does neither for `stall_seconds` is cut off,
    which ends its request; it may take twice as long until that is seen.
    """

    def __init__(self, *given: Any, stall_seconds: float, **named: Any) -> None:
        super().__init__(*given, **named)
        self._stall_seconds = stall_seconds
        self._moves = 0
        self._seen: tuple[int, int] | None = None
        self._next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # So `resume_writing` tells of each time that all was taken, and until then what is left can but shrink.
        transport.set_write_buffer_limits(0)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._moves += 1
        super().data_received(data)

    def resume_writing(self) -> None:
        self._moves += 1
        super().resume_writing()

    def _look(self) -> None:
        now = (self._moves, self.transport.get_write_buffer_size())
        if now == self._seen and self._waits():
            self.transport.abort()
            return
        self._seen = now
        self._next_look = self.loop.call_later(self._stall_seconds, self._look)

    def _waits(self) -> bool:
        """Whether it is the client's turn; between two requests uvicorn has a timer of its own."""
        unsent = self.conn.their_state in _UNSENT and self.timeout_keep_alive_task is None
        return unsent or self.transport.get_write_buffer_size() > 0

    def send_400_response(self, msg: str) -> None:
        body = encoded(invalid(msg, code="invalid_http").envelope())
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
            ("x-request-id", new_request_id()),
        ]
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # else an answer is on its way
            for part in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(part) or b"")
        self.transport.close()
