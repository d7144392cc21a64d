"""The servers of one model: which one gets a request, and which one after it failed."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from polargrid_edge.errors import EdgeError
from polargrid_edge.long_work import Run, run_here
from polargrid_edge.upstream.discovery import RemoteModel
from polargrid_edge.upstream.errors import event_error, unavailable_error
from polargrid_edge.upstream.server import UnreachableError, UpstreamServer
from polargrid_edge.upstream.transport import encode_form
from polargrid_runtime.sse import EventDecoder, EventTooLargeError

Json = dict[str, Any]
Item = TypeVar("Item")

# A server that does not end its response after [DONE] must not delay the client.
_DRAIN_SECONDS: Final = 0.25
_MAX_BODY_BYTES: Final = 1024 * 1024
_FAILOVER_STATUSES: Final = (429, 503)
_JSON: Final = {"content-type": "application/json"}
_DONE: Final[Json] = {"done": True}


def encode(body: Json) -> bytes:
    """The JSON of a request without its model."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def with_model(body: bytes, model: str) -> bytes:
    """An encoded request with the model, whose name differs between servers: a long body is encoded once."""
    return b'{"model":' + json.dumps(model).encode() + (b"," if len(body) > 2 else b"") + body[1:]


@dataclass(frozen=True, slots=True)
class Replica:
    """A server and the model there."""

    server: UpstreamServer
    remote: RemoteModel

    @property
    def model(self) -> str:
        """The name of the model there."""
        return self.remote.id


class ModelGroup:
    """The servers of one model. A failure before the first event makes another one serve the request."""

    def __init__(self, replicas: list[Replica]) -> None:
        self.replicas = replicas
        self.name = ", ".join(replica.server.name for replica in replicas)

    @property
    def is_healthy(self) -> bool:
        return any(replica.server.is_healthy for replica in self.replicas)

    def candidates(self) -> Iterator[Replica]:
        """The servers in the order in which they are tried: the healthy ones first, of these the least loaded."""
        remaining = list(self.replicas)
        while remaining:
            best = min(remaining, key=lambda replica: (not replica.server.is_healthy, replica.server.active))
            remaining.remove(best)
            yield best
        if len(self.replicas) == 1:
            yield self.replicas[0]  # an idle connection may have been closed as the request was sent: once more

    async def request(
        self, path: str, body: Json, headers: dict[str, str], *, files: Any = None, run: Run = run_here
    ) -> Json:
        """Send a request, a form if it has files, and return the JSON of the response. Raises `EdgeError`.

        `run` runs what takes long for a long body.
        """
        data = b"" if files else await run(partial(encode, body))

        async def send(replica: Replica) -> AsyncGenerator[Json]:
            content, content_headers = with_model(data, replica.model), _JSON
            if files:
                content, content_headers = encode_form(body | {"model": replica.model}, files)
            response = await replica.server.request("POST", path, content=content, headers=headers | content_headers)
            yield await run(partial(_parse_object, replica.server, response))

        async with aclosing(self._try_each(send)) as items:
            return await anext(items)

    def stream(self, path: str, body: bytes, headers: dict[str, str]) -> AsyncGenerator[list[Json]]:
        """Send an encoded request, and iterate over the objects of its events, of which those that arrive together are
        one list, and `{"done": True}` for `[DONE]`.

        Raises `EdgeError`, also for an event with an error. The caller says whether a stream without `[DONE]` is
        complete.
        """
        return self._try_each(lambda replica: _iter_events(replica, path, body, headers))

    def iter_bytes(self, path: str, body: Json, headers: dict[str, str]) -> AsyncGenerator[bytes]:
        """Send a request, and iterate over the audio of the response. Raises `EdgeError`."""
        return self._try_each(lambda replica: _iter_audio(replica, path, body, headers))

    async def _try_each(self, open_items: Callable[[Replica], AsyncGenerator[Item]]) -> AsyncGenerator[Item]:
        """The items of the first server that sends one."""
        error: EdgeError | None = None
        for replica in self.candidates():
            if error is not None and not _may_retry(error, is_alone=len(self.replicas) == 1):
                break
            is_started = False
            try:
                async with aclosing(open_items(replica)) as items:
                    async for item in items:
                        is_started = True
                        yield item
                return
            except EdgeError as failure:
                if is_started:
                    raise
                error = failure
        assert error is not None  # noqa: S101  a group has at least one server
        raise error


def _may_retry(error: EdgeError, *, is_alone: bool) -> bool:
    """Whether another server may serve the request. The same one only if it closed an idle connection."""
    if isinstance(error, UnreachableError):
        return error.is_idle_close if is_alone else not error.is_timeout
    return not is_alone and error.status in _FAILOVER_STATUSES


async def _iter_events(replica: Replica, path: str, body: bytes, headers: dict[str, str]) -> AsyncGenerator[list[Json]]:
    server = replica.server
    decoder = EventDecoder()
    content = with_model(body, replica.model)
    async with server.open("POST", path, content=content, headers=headers | _JSON) as response:
        if response.media_type != "text/event-stream":
            parsed = _parse_object(server, await response.read_all(_MAX_BODY_BYTES))
            raise event_error(server.name, parsed) or unavailable_error(
                server.name, f"sent {response.media_type or 'a body without a type'} for a stream"
            )
        while data := await response.read():
            events, error = _parse_events(server, decoder, data)
            if events:
                yield events
            if error is not None:
                raise error
            if events and events[-1] is _DONE:
                # Read what is behind the last event: only then can the connection be used again.
                await response.drain(_DRAIN_SECONDS)
                return


def _parse_events(server: UpstreamServer, decoder: EventDecoder, data: bytes) -> tuple[list[Json], EdgeError | None]:
    """The objects of the events that are complete, up to the end of the stream, or to the first error."""
    events: list[Json] = []
    try:
        for event in decoder.feed(data):
            if event.data.strip() == b"[DONE]":
                return [*events, _DONE], None
            events.append(_parse_event(server, event.data))
    except EventTooLargeError as error:
        return events, unavailable_error(server.name, f"sent an invalid stream: {error}")
    except EdgeError as error:
        return events, error
    return events, None


def _parse_event(server: UpstreamServer, data: bytes) -> Json:
    parsed = _parse_object(server, data)
    if failure := event_error(server.name, parsed):
        raise failure
    return parsed


async def _iter_audio(replica: Replica, path: str, body: Json, headers: dict[str, str]) -> AsyncGenerator[bytes]:
    server = replica.server
    content = with_model(encode(body), replica.model)
    async with server.open("POST", path, content=content, headers=headers | _JSON) as response:
        media_type = response.media_type
        if not media_type.startswith("audio/") and media_type != "application/octet-stream":
            raise unavailable_error(server.name, f"sent {media_type or 'a body without a type'} for audio")
        while chunk := await response.read():
            yield chunk


def _parse_object(server: UpstreamServer, data: bytes) -> Json:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    start = data[:80].decode("utf-8", "replace")
    raise unavailable_error(server.name, f"sent invalid JSON: {start!r}")
