"""The servers of one model: which one gets a request, and which one after it failed. Used on the I/O thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx

from polargrid_edge.errors import EdgeError
from polargrid_edge.upstream.discovery import RemoteModel
from polargrid_edge.upstream.errors import event_error, unavailable_error
from polargrid_edge.upstream.server import UnreachableError, UpstreamServer
from polargrid_runtime.sse import EventDecoder, EventTooLargeError

Json = dict[str, Any]
Item = TypeVar("Item")

# A server that does not end its response after [DONE] must not delay the client.
_DRAIN_SECONDS: Final = 0.25
_FAILOVER_STATUSES: Final = (429, 503)


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

    async def request(self, path: str, body: Json, headers: dict[str, str], *, files: Any = None) -> Json:
        """Send a request, a form if it has files, and return the JSON of the response. Raises `EdgeError`."""

        async def send(replica: Replica) -> AsyncGenerator[Json]:
            fields = body | {"model": replica.model}
            content = {"json": fields} if files is None else {"data": fields, "files": files}
            data = await replica.server.request("POST", path, headers=headers, **content)
            yield _parse_object(replica.server, data)

        async with aclosing(self._try_each(send)) as items:
            return await anext(items)

    def stream(self, path: str, body: Json, headers: dict[str, str]) -> AsyncGenerator[Json]:
        """Send a request, and iterate over the objects of its events, and `{"done": True}` for `[DONE]`.

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


async def _iter_events(replica: Replica, path: str, body: Json, headers: dict[str, str]) -> AsyncGenerator[Json]:
    server = replica.server
    decoder = EventDecoder()
    async with server.open("POST", path, json=body | {"model": replica.model}, headers=headers) as response:
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "text/event-stream":
            data = await response.aread()
            parsed = _parse_object(server, data)
            raise event_error(server.name, parsed) or unavailable_error(
                server.name, f"sent {media_type or 'a body without a type'} for a stream"
            )
        chunks = response.aiter_bytes()
        async for chunk in chunks:
            try:
                events = list(decoder.feed(chunk))
            except EventTooLargeError as error:
                raise unavailable_error(server.name, f"sent an invalid stream: {error}") from None
            for event in events:
                if event.data.strip() == b"[DONE]":
                    await _drain(chunks)
                    yield {"done": True}
                    return
                parsed = _parse_object(server, event.data)
                if failure := event_error(server.name, parsed):
                    raise failure
                yield parsed


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read what is behind the last event: only then can the connection be used again."""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in chunks:
                pass


async def _iter_audio(replica: Replica, path: str, body: Json, headers: dict[str, str]) -> AsyncGenerator[bytes]:
    server = replica.server
    async with server.open("POST", path, json=body | {"model": replica.model}, headers=headers) as response:
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not media_type.startswith("audio/") and media_type != "application/octet-stream":
            raise unavailable_error(server.name, f"sent {media_type or 'a body without a type'} for audio")
        async for chunk in response.aiter_bytes():
            if chunk:
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
