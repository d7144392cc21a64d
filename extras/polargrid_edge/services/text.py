"""Chat and completion."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.responses import Response

from polargrid_edge.backends import text_request
from polargrid_edge.backends.request_error import ContextLengthError, InvalidFieldError
from polargrid_edge.backends.text_response import chat_response, completion_response
from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.errors import error_envelope
from polargrid_edge.http.metrics import TokenCounter
from polargrid_edge.http.responses import Json, request_fields, response_metadata, to_event, to_json_bytes
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.models.thread_pipe import ThreadPipe
from polargrid_edge.services.structured_output import ATTEMPTS, MismatchError, OutputCheck, retry_fields
from polargrid_edge.workers.schema import SchemaValidator

if TYPE_CHECKING:
    from polargrid_edge.backends.text import OnChunk, TextBackend
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_generated.models import ChatCompletionRequest, CompletionRequest


@dataclass(frozen=True, slots=True)
class _TextOperation:
    """An operation on text: how to stream its chunks, combine them, and name the field with the prompt."""

    stream: Callable[[TextBackend, Json, OnChunk], None]
    combine: Callable[[list[Json]], Json]
    prompt_field: str
    has_chunk_metadata: bool


_CHAT: Final = _TextOperation(
    lambda backend, body, on_chunk: backend.chat_stream(body, on_chunk),
    chat_response,
    "messages",
    has_chunk_metadata=True,
)
_COMPLETION: Final = _TextOperation(
    lambda backend, body, on_chunk: backend.complete_stream(body, on_chunk),
    completion_response,
    "prompt",
    has_chunk_metadata=False,
)

# Every request to a backend asks for the usage: only it has the exact number of tokens.
_WITH_USAGE: Final = {"stream_options": {"include_usage": True}}
_DONE: Final = to_event(b"[DONE]")


class TextService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._validator = SchemaValidator()

    def close(self) -> None:
        """End the process that validates texts."""
        self._validator.close()

    async def chat_completion(self, context: RequestContext[ChatCompletionRequest]) -> Response:
        return await self._respond(context, _CHAT)

    async def completion(self, context: RequestContext[CompletionRequest]) -> Response:
        return await self._respond(context, _COMPLETION)

    async def stream_completion(self, context: RequestContext[CompletionRequest]) -> Response:
        context.body.stream = True
        return await self._respond(context, _COMPLETION)

    async def _respond(self, context: RequestContext[Any], operation: _TextOperation) -> Response:
        model = self._pool.resolve(context.body.model, "chat")
        context.timing.queued = await context.closing.enter_async_context(self._pool.queue(model).slot())
        body = request_fields(context.body)
        context.obey(_obeyed_fields(body))
        respond = self._respond_streaming if body["stream"] else self._respond_at_once
        return await respond(context, operation, model, body)

    async def _respond_at_once(
        self, context: RequestContext[Any], operation: _TextOperation, model: Model, body: Json
    ) -> Response:
        chunks: list[Json] = []

        def work(stopped: threading.Event) -> None:
            # A plain response is its combined stream, so that it also ends when its client disconnects.
            def collect(chunk: Json) -> bool:
                chunks.append(chunk)
                return stopped.is_set()

            check = self._check_schemas(body, operation)
            with self._lease(context, operation, model) as backend:
                for attempt in range(ATTEMPTS):
                    chunks.clear()
                    on_chunk = _count_tokens(check.wrap(collect), context)
                    try:
                        operation.stream(backend, body | _WITH_USAGE | retry_fields(body, attempt), on_chunk)
                        return
                    except MismatchError as error:
                        # A text that has filled the context is as long as three others.
                        if attempt == ATTEMPTS - 1 or (error.is_truncated and body.get("max_tokens") is None):
                            raise

        await self._pool.queue(model).run(work, context.closing)
        response = operation.combine(chunks)
        response["pg_metadata"] = self._metadata(context, model, time.perf_counter())
        return Response(to_json_bytes(response), media_type="application/json")

    async def _respond_streaming(
        self, context: RequestContext[Any], operation: _TextOperation, model: Model, body: Json
    ) -> Response:
        sends_usage = text_request.wants_usage(body)

        def work(pipe: ThreadPipe[Json]) -> None:
            def send(chunk: Json) -> bool:
                return pipe.send(chunk) if sends_usage or chunk.get("usage") is None else pipe.closed

            check = self._check_schemas(body, operation)
            with self._lease(context, operation, model) as backend:
                operation.stream(backend, body | _WITH_USAGE, _count_tokens(check.wrap(send), context))

        chunks: ThreadPipe[Json] = self._pool.queue(model).stream(work, context.closing)
        first = await anext(chunks, None)  # a request that cannot be served fails before a status is sent
        if first is not None and operation.has_chunk_metadata:
            first["pg_metadata"] = self._metadata(context, model)
        events = _iter_events(first, chunks)
        headers = {"cache-control": "no-cache"}
        return StreamedResponse(events, "text/event-stream", headers, closing_event, lambda body: body.endswith(_DONE))

    def _check_schemas(self, body: Json, operation: _TextOperation) -> OutputCheck:
        """Check the schemas before a model is loaded for them."""
        try:
            check = OutputCheck(body, self._validator)
        except ValueError as error:
            raise _to_edge_error(error, operation) from error
        check.check_schemas()
        return check

    @contextmanager
    def _lease(self, context: RequestContext[Any], operation: _TextOperation, model: Model) -> Iterator[TextBackend]:
        with self._pool.lease(model, context.timing) as backend:
            try:
                yield cast("TextBackend", backend)
            except ValueError as error:
                raise _to_edge_error(error, operation) from error

    def _metadata(self, context: RequestContext[Any], model: Model, now: float | None = None) -> Json:
        return response_metadata(self._settings.node, context.body.model, model, context.timing, now)


def _count_tokens(on_chunk: OnChunk, context: RequestContext[Any]) -> OnChunk:
    """Wrap `on_chunk` to count the tokens as they are generated."""
    counter = TokenCounter()

    def count_and_pass(chunk: Json) -> bool:
        tokens = counter.count(chunk)
        context.metrics.add_tokens(tokens, time.monotonic())
        usage = chunk.get("usage")
        if usage:
            context.count_tokens(int(usage["total_tokens"]), int(usage["completion_tokens"]))
        else:
            context.count_tokens(context.tokens + tokens, context.output_tokens + tokens)
        return on_chunk(chunk)

    return count_and_pass


def _to_edge_error(error: ValueError, operation: _TextOperation) -> EdgeError:
    if isinstance(error, ContextLengthError):
        return invalid_request(str(error), operation.prompt_field, "context_length_exceeded")
    return invalid_request(str(error), error.param if isinstance(error, InvalidFieldError) else None)


def _obeyed_fields(body: Json) -> list[str]:
    """The fields that a request sets to what the edge does anyway."""
    obeyed = {"store": body.get("store") is False, "service_tier": body.get("service_tier") in ("auto", "default")}
    return [field for field, is_obeyed in obeyed.items() if is_obeyed]


async def _iter_events(first: Json | None, chunks: AsyncIterator[Json]) -> AsyncIterator[bytes]:
    """An event per chunk, then `[DONE]`; a failure is the last event."""
    try:
        if first is not None:
            yield to_event(to_json_bytes(first))
        async for chunk in chunks:
            yield to_event(to_json_bytes(chunk))
    except Exception as error:  # noqa: BLE001  the status is sent, so the error goes into the stream
        yield to_event(to_json_bytes(error_envelope(error)))
    else:
        yield _DONE


def closing_event(error: EdgeError) -> bytes:
    """The last event of an interrupted stream."""
    return to_event(to_json_bytes(error.envelope()))
