"""One request to a server that is recorded: each piece of its response is handed on as it arrives."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace

import httpx

from polargrid_testing.cassettes.client_route import ClientResponse
from polargrid_testing.cassettes.headers import select_response_headers
from polargrid_testing.cassettes.recording import End, Interaction, RecordedPiece, RecordedResponse
from polargrid_testing.cassettes.redaction import Redactor
from polargrid_testing.cassettes.requests import describe_received
from polargrid_testing.cassettes.upstream import Upstream
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Close, Pause, Reset, Send, Step, render_chunk, render_head
from polargrid_transport.decompression import Decompressor

_logger = logging.getLogger(__name__)
#: Seconds for the end of a response whose program has left: it may have read all that it needs, up to `[DONE]`.
_GRACE = 0.5
_POLL = 0.05  # seconds between two looks whether the program has left


class Exchange:
    """A request, and its response as far as it was received."""

    def __init__(self, upstream: Upstream, request: ReceivedRequest, origin: str) -> None:
        self._upstream, self._request, self._origin = upstream, request, origin
        self._steps: asyncio.Queue[Step | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._started, self._measured = time.monotonic(), 0
        self._end: End = "disconnect"
        self._status, self._ms, self._has_length = 0, 0, False
        self._headers: dict[str, str] = {}
        self._pieces: list[RecordedPiece] = []
        self.cookies: list[tuple[str, str]] = []
        """What the server set; a later body may show them."""

    async def steps(self) -> AsyncGenerator[Step, None]:
        """Send the request, and yield the steps of the response. When they are not wanted any more, close it."""
        self._task = asyncio.create_task(self._run())
        try:
            while True:
                try:
                    step = await asyncio.wait_for(self._steps.get(), _POLL)
                except TimeoutError:
                    step = Pause(0)  # which ends the connection if the program has left
                if step is None:
                    return
                yield step
        finally:
            if not self._task.done():
                self.leave()

    def leave(self) -> None:
        """The program has left: soon stop reading."""
        if self._task is not None and self._status:
            self._task.get_loop().call_later(_GRACE, self._task.cancel)
        elif self._task is not None:
            self._task.cancel()

    async def finish(self) -> None:
        """Wait until nothing is read any more."""
        if self._task is not None and not self._task.done():
            self.leave()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            try:
                response = await self._upstream.open(self._request, self._origin)
                try:
                    await self._read(response)
                finally:
                    await response.aclose()
            except Exception as error:  # noqa: BLE001 - of the transport of a caller's client, perhaps
                _logger.warning("no complete response of %s, as each replay will have: %r", self._origin, error)
                self._end = "cut" if self._status else "unreachable"
                self._steps.put_nowait(Close() if self._status else Reset())
            self._steps.put_nowait(None)

    async def _read(self, response: httpx.Response | ClientResponse) -> None:
        self._ms, self._status = self._measure(), response.status_code
        response.headers.encoding = "latin-1"  # each byte is one character, and the same one when it is sent
        self.cookies = [(name, value) for name, value in response.headers.multi_items() if name == "set-cookie"]
        self._headers = select_response_headers(response.headers)
        encoding = self._headers.pop("content-encoding", "identity").strip().lower()
        length = response.headers.get("content-length")
        has_no_body = self._request.method == "HEAD" or response.status_code in (204, 304)
        self._has_length = length is not None or has_no_body
        is_plain = length is not None and encoding == "identity"
        framing = ("content-length", length) if is_plain else ("transfer-encoding", "chunked")
        is_empty = has_no_body and (length is None or not is_plain)
        headers = [*self._headers.items(), *([] if is_empty else [framing])]
        self._steps.put_nowait(Send(render_head(self._status, headers)))
        # A body that is compressed although it was not asked for could hold a key that no search finds.
        decompressor = Decompressor(encoding)
        async for data in response.aiter_raw():
            for output in decompressor.feed(data):
                self._receive(output, is_plain=is_plain)
        decompressor.finish()
        if not is_plain and not is_empty:
            self._steps.put_nowait(Send(render_chunk(b"")))
        self._end = "complete"

    def _receive(self, data: bytes, *, is_plain: bool) -> None:
        if data:
            self._pieces.append(RecordedPiece(data, self._measure()))
            self._steps.put_nowait(Send(data if is_plain else render_chunk(data)))

    def _measure(self) -> int:
        """Milliseconds since the last call; what rounding loses is in the next ones."""
        last, self._measured = self._measured, round((time.monotonic() - self._started) * 1000)
        return self._measured - last

    def build_interaction(self, redactor: Redactor) -> Interaction:
        """Return what a cassette keeps of it."""
        request = describe_received(self._request, self._origin, redactor)
        headers = {name: redactor.text(value) for name, value in self._headers.items()}
        response = RecordedResponse(self._status, headers, (), self._ms, self._end)
        if self._has_length and self._end == "complete":
            return Interaction(
                request, replace(response, body=redactor.data(b"".join(item.data for item in self._pieces)))
            )
        pieces, ms = [], 0
        for item, data in zip(self._pieces, redactor.pieces([item.data for item in self._pieces]), strict=True):
            ms += item.ms
            if data:
                pieces.append(RecordedPiece(data, ms))
                ms = 0
        return Interaction(request, replace(response, body=tuple(pieces)))
