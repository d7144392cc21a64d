"""Clients of httpx, or of httpx2, that reach a handler in this process: its steps are parsed as from a socket.

Time does not pass: a pause takes none, and one that is longer than the client waits is a timeout at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import h11
import httpx

from polargrid_testing.fake.handler import FakeHandler
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Close, Pause, Receive, Reset, Respond, Send, SendTogether, Stall, Step

# httpx reads so many bytes at a time, and accepts a head of so many.
_READ_SIZE, _MAX_HEAD = 64 * 1024, 100 * 1024


class _Head(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    extensions: dict[str, Any]


def build_client(handler: FakeHandler, url: str, library: Any = None, *, is_async: bool, **options: Any) -> Any:
    """Return a client of a library, by default httpx, whose transport is a handler."""
    library = library or httpx
    if not hasattr(library, "BaseTransport"):
        raise TypeError(f"library: expected the module httpx or httpx2, got {library!r}")
    transports = _build_transports(library)
    kind, transport = (library.AsyncClient, transports[1]) if is_async else (library.Client, transports[0])
    return kind(transport=transport(handler), base_url=options.pop("base_url", url), **options)


class _Exchange:
    """One request on a connection of its own."""

    def __init__(self, handler: FakeHandler, request: Any, body: bytes, library: Any) -> None:
        self._library, self._request = library, request
        headers = library.Headers(request.headers)
        self._received = ReceivedRequest(request.method, request.url.raw_path.decode("ascii"), headers, body)
        self._handler = handler
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        # What frames the body of the request is not sent here; the method frames that of the response.
        self._parser.send(h11.Request(method=request.method, target=b"/", headers=[(b"host", b"fake")]))
        self._parser.send(h11.EndOfMessage())
        self._read_timeout = request.extensions.get("timeout", {}).get("read")

    def iter_events(self) -> Iterator[_Head | bytes]:
        """Yield the head and then the parts of the body. Raises what the library raises on a socket."""
        try:
            for step in self._iter_steps():
                yield from self._run(step)
                if self._parser.their_state in (h11.DONE, h11.MUST_CLOSE):
                    return
            raise self._error("ReadTimeout", "the server sends nothing more")
        except h11.RemoteProtocolError as error:
            raise self._error("RemoteProtocolError", str(error)) from error

    def _iter_steps(self) -> Iterator[Step]:
        """Yield the steps of the connection, of the head and of the response."""
        cause = self._handler.find_fault_of_server()
        if cause is not None:
            name = "ConnectTimeout" if "ignored" in cause else "ConnectError"
            raise self._error(name, f"the server cannot be reached: {cause}")
        for steps in (self._handler.on_connect(), self._handler.on_head(self._received) or (Respond(),)):
            for step in steps or ():
                if isinstance(step, Respond):
                    yield from self._handler.respond(self._received)
                    return
                yield step

    def _run(self, step: Step) -> Generator[_Head | bytes, None, None]:
        if isinstance(step, (Send, SendTogether)):
            data = step.data if isinstance(step, Send) else b"".join(step.parts)
            for start in range(0, len(data), _READ_SIZE):
                self._parser.receive_data(data[start : start + _READ_SIZE])
                yield from self._parse()
        elif isinstance(step, Pause):
            if self._read_timeout is not None and step.seconds > self._read_timeout:
                raise self._error("ReadTimeout", f"the server pauses for {step.seconds} s")
            yield b""  # lets other tasks run
        elif isinstance(step, Stall):
            raise self._error("ReadTimeout", "the server stalls")
        elif isinstance(step, Reset):
            raise self._error("ReadError", "[Errno 104] Connection reset by peer")
        elif isinstance(step, Close):
            if self._parser.their_state is h11.SEND_RESPONSE:
                raise self._error("RemoteProtocolError", "Server disconnected without sending a response.")
            self._parser.receive_data(b"")
            yield from self._parse()
        elif not isinstance(step, Receive):  # the body of the request is there
            raise NotImplementedError(f"{step!r} needs a socket; use the URL of the fake")

    def _parse(self) -> Iterator[_Head | bytes]:
        while True:
            event = self._parser.next_event()
            if isinstance(event, h11.Response):
                extensions = {"http_version": b"HTTP/" + event.http_version, "reason_phrase": event.reason}
                yield _Head(event.status_code, event.headers.raw_items(), extensions)
            elif isinstance(event, h11.Data):
                yield bytes(event.data)
            elif not isinstance(event, h11.InformationalResponse):
                return

    def _error(self, name: str, message: str) -> Exception:
        error: Exception = getattr(self._library, name)(message, request=self._request)
        return error


def _read_head(events: Iterator[_Head | bytes]) -> _Head:
    return next(event for event in events if isinstance(event, _Head))


@cache
def _build_transports(library: Any) -> tuple[Any, Any]:
    """Return the classes of a library for threads and for event loops."""
    return _build_sync_transport(library), _build_async_transport(library)


def _build_sync_transport(library: Any) -> Any:
    class Body(library.SyncByteStream):  # type: ignore[misc]
        def __init__(self, events: Iterable[_Head | bytes]) -> None:
            self._events = events

        def __iter__(self) -> Iterator[bytes]:
            return (event for event in self._events if event and isinstance(event, bytes))

    class Transport(library.BaseTransport):  # type: ignore[misc]
        is_in_process = True

        def __init__(self, handler: FakeHandler) -> None:
            self._handler = handler

        def handle_request(self, request: Any) -> Any:
            events = _Exchange(self._handler, request, request.read(), library).iter_events()
            head = _read_head(events)
            return library.Response(head.status, headers=head.headers, stream=Body(events), extensions=head.extensions)

    return Transport


def _build_async_transport(library: Any) -> Any:
    from anyio.lowlevel import checkpoint

    class Body(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, events: Iterable[_Head | bytes]) -> None:
            self._events = events

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for event in self._events:
                await checkpoint()
                if event and isinstance(event, bytes):
                    yield event

    class Transport(library.AsyncBaseTransport):  # type: ignore[misc]
        is_in_process = True

        def __init__(self, handler: FakeHandler) -> None:
            self._handler = handler

        async def handle_async_request(self, request: Any) -> Any:
            await checkpoint()
            events = _Exchange(self._handler, request, await request.aread(), library).iter_events()
            head = _read_head(events)
            return library.Response(head.status, headers=head.headers, stream=Body(events), extensions=head.extensions)

    return Transport
