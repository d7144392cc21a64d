"""Chat and completion."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.responses import Response

from polargrid_edge.answers import Json, arguments, encoded, event, metadata
from polargrid_edge.backends import text_request
from polargrid_edge.backends.text_answer import chat_answer, completion_answer
from polargrid_edge.errors import EdgeError, invalid
from polargrid_edge.failures import envelope_of
from polargrid_edge.streaming import Pipe, StreamedResponse
from polargrid_edge.traffic import TokenCount

if TYPE_CHECKING:
    from polargrid_edge.backends.text import Emit, TextBackend
    from polargrid_edge.call import Call
    from polargrid_edge.catalog import Model
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.workers import Workers
    from polargrid_generated.models import ChatCompletionRequest, CompletionRequest


@dataclass(frozen=True, slots=True)
class _Manner:
    """How an operation is done: its chunks, what they add up to, and the field it starts from."""

    streamed: Callable[[TextBackend, Json, Emit], None]
    whole: Callable[[list[Json]], Json]
    source: str
    chunks_tell_metadata: bool


_CHAT: Final = _Manner(
    lambda backend, body, emit: backend.chat_stream(body, emit),
    chat_answer,
    "messages",
    chunks_tell_metadata=True,
)
_COMPLETION: Final = _Manner(
    lambda backend, body, emit: backend.complete_stream(body, emit),
    completion_answer,
    "prompt",
    chunks_tell_metadata=False,
)


# All are made with it: only it tells how many tokens there were.
_WITH_USAGE: Final = {"stream_options": {"include_usage": True}}


class TextService:
    def __init__(self, settings: EdgeSettings, workers: Workers) -> None:
        self._settings = settings
        self._workers = workers

    async def chat_completion(self, call: Call[ChatCompletionRequest]) -> Response:
        return await self._answer(call, _CHAT)

    async def completion(self, call: Call[CompletionRequest]) -> Response:
        return await self._answer(call, _COMPLETION)

    async def _answer(self, call: Call[Any], manner: _Manner) -> Response:
        model = self._workers.model(call.body.model, "chat")
        call.timing.queued = await call.closing.enter_async_context(self._workers.lines["chat"].turn())
        body = arguments(call.body)
        return await (self._streamed if body["stream"] else self._whole)(call, manner, model, body)

    async def _whole(self, call: Call[Any], manner: _Manner, model: Model, body: Json) -> Response:
        chunks: list[Json] = []

        def work(stopped: threading.Event) -> None:
            # A whole answer is its stream put together, so that it too ends when its client goes.
            def keep(chunk: Json) -> bool:
                chunks.append(chunk)
                return stopped.is_set()

            with self._lease(call, manner, model) as backend:
                manner.streamed(backend, body | _WITH_USAGE, _counted(keep, call))

        await self._workers.lines["chat"].run(work, call.closing)
        made = manner.whole(chunks)
        made["pg_metadata"] = self._metadata(call, model, time.perf_counter())
        return Response(encoded(made), media_type="application/json")

    async def _streamed(self, call: Call[Any], manner: _Manner, model: Model, body: Json) -> Response:
        wanted = text_request.wants_usage(body)

        def work(pipe: Pipe[Json]) -> None:
            def put(chunk: Json) -> bool:
                return pipe.put(chunk) if wanted or chunk.get("usage") is None else pipe.closed

            with self._lease(call, manner, model) as backend:
                manner.streamed(backend, body | _WITH_USAGE, _counted(put, call))

        chunks: Pipe[Json] = self._workers.lines["chat"].stream(work, call.closing)
        first = await anext(chunks, None)  # what cannot be served fails here, before a status is sent
        if first is not None and manner.chunks_tell_metadata:
            first["pg_metadata"] = self._metadata(call, model)
        events = _events(first, chunks)
        headers = {"cache-control": "no-cache"}
        return StreamedResponse(events, "text/event-stream", headers, broken_event)

    @contextmanager
    def _lease(self, call: Call[Any], manner: _Manner, model: Model) -> Iterator[TextBackend]:
        with self._workers.lease(model, call.timing) as backend:
            try:
                yield cast("TextBackend", backend)
            except ValueError as refused:
                raise _refusal(refused, manner) from refused

    def _metadata(self, call: Call[Any], model: Model, now: float | None = None) -> Json:
        return metadata(self._settings.node, call.body.model, model, call.timing, now)


def _counted(emit: Emit, call: Call[Any]) -> Emit:
    """Hands on what it is given, and counts the tokens as they are made."""
    tokens = TokenCount()

    def take(chunk: Json) -> bool:
        call.traffic.made(tokens.of(chunk), time.monotonic())
        return emit(chunk)

    return take


def _refusal(refused: ValueError, manner: _Manner) -> EdgeError:
    from polargrid_edge.backends.text import ContextLengthError  # loaded by now

    if isinstance(refused, ContextLengthError):
        return invalid(str(refused), manner.source, "context_length_exceeded")
    return invalid(str(refused))


async def _events(first: Json | None, rest: AsyncIterator[Json]) -> AsyncIterator[bytes]:
    """A chunk an event, then `[DONE]`; a failure is an event too, and the last one."""
    try:
        if first is not None:
            yield event(encoded(first))
        async for chunk in rest:
            yield event(encoded(chunk))
    except Exception as failure:  # noqa: BLE001  the status is sent, so it is told in the stream
        yield event(encoded(envelope_of(failure)))
    else:
        yield event(b"[DONE]")


def broken_event(failure: EdgeError) -> bytes:
    """The last words of a stream that is broken off."""
    return event(encoded(failure.envelope()))
