"""Chat and completion."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.responses import Response

from polargrid_edge.backends import text_request
from polargrid_edge.http.errors import error_envelope
from polargrid_edge.http.responses import Json, request_fields, response_metadata, to_event, to_json_bytes
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.long_work import run_on_thread
from polargrid_edge.models.thread_pipe import ThreadPipe
from polargrid_edge.services.structured_output import ATTEMPTS, MismatchError, OutputCheck, retry_fields
from polargrid_edge.services.text_operation import (
    CHAT,
    COMPLETION,
    WITH_USAGE,
    ChunkCounter,
    TextOperation,
    check_attempt,
    to_request_error,
)
from polargrid_edge.services.upstream_text import UpstreamTextSource
from polargrid_edge.workers.schema import SchemaValidator

if TYPE_CHECKING:
    from polargrid_edge.backends.text import TextBackend
    from polargrid_edge.errors import EdgeError
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_generated.models import ChatCompletionRequest, CompletionRequest

_DONE: Final = to_event(b"[DONE]")


class TextService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._validator = SchemaValidator()
        self._upstream = UpstreamTextSource(pool)

    def close(self) -> None:
        """End the process that validates texts."""
        self._validator.close()

    async def chat_completion(self, context: RequestContext[ChatCompletionRequest]) -> Response:
        return await self._respond(context, CHAT)

    async def completion(self, context: RequestContext[CompletionRequest]) -> Response:
        return await self._respond(context, COMPLETION)

    async def stream_completion(self, context: RequestContext[CompletionRequest]) -> Response:
        context.body.stream = True
        return await self._respond(context, COMPLETION)

    async def _respond(self, context: RequestContext[Any], operation: TextOperation) -> Response:
        model = self._pool.resolve(context.body.model, "chat")
        context.timing.queued = await context.closing.enter_async_context(self._pool.queue(model).slot())
        body = await context.run(partial(request_fields, context.body))
        context.obey(_obeyed_fields(body))
        respond = self._respond_streaming if body["stream"] else self._respond_at_once
        return await respond(context, operation, model, body)

    async def _respond_at_once(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json
    ) -> Response:
        # A plain response is its combined stream, so that it also ends when its client disconnects.
        collect = self._collect_upstream if model.is_upstream else self._collect
        response = operation.combine(await collect(context, operation, model, body))
        response["pg_metadata"] = self._metadata(context, model, time.perf_counter())
        return Response(to_json_bytes(response), media_type="application/json")

    async def _collect(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json
    ) -> list[Json]:
        chunks: list[Json] = []

        def work(stopped: threading.Event) -> None:
            def collect(chunk: Json) -> bool:
                chunks.append(chunk)
                return stopped.is_set()

            check = self._check_schemas(body, operation)
            with self._lease(context, operation, model) as backend:
                for attempt in range(ATTEMPTS):
                    chunks.clear()
                    on_chunk = ChunkCounter(context).wrap(check.wrap(collect))
                    try:
                        operation.stream(backend, body | WITH_USAGE | retry_fields(body, attempt), on_chunk)
                        return
                    except MismatchError as error:
                        check_attempt(error, body, attempt)

        await self._pool.queue(model).run(work, context.closing)
        return chunks

    async def _collect_upstream(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json
    ) -> list[Json]:
        check = await self._prepare_check(context, operation, model, body)
        chunks: list[Json] = []
        for attempt in range(ATTEMPTS):
            chunks.clear()
            fields = body | WITH_USAGE | retry_fields(body, attempt)
            try:
                async with aclosing(self._upstream.iter_chunks(context, operation, model, fields, check)) as batches:
                    async for batch in batches:
                        chunks += batch
                break
            except MismatchError as error:
                check_attempt(error, body, attempt)
        return chunks

    async def _respond_streaming(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json
    ) -> Response:
        stream = self._stream_upstream if model.is_upstream else self._stream
        batches = await stream(context, operation, model, body, sends_usage=text_request.wants_usage(body))
        first: list[Json] = await anext(batches, [])  # a request that cannot be served fails before a status is sent
        if first and operation.has_chunk_metadata:
            first[0]["pg_metadata"] = self._metadata(context, model)
        events = _iter_events(first, batches)
        headers = {"cache-control": "no-cache"}
        return StreamedResponse(events, "text/event-stream", headers, closing_event, lambda body: body.endswith(_DONE))

    async def _stream(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json, *, sends_usage: bool
    ) -> AsyncIterator[list[Json]]:
        def work(pipe: ThreadPipe[list[Json]]) -> None:
            def send(chunk: Json) -> bool:
                return pipe.send([chunk]) if sends_usage or chunk.get("usage") is None else pipe.closed

            check = self._check_schemas(body, operation)
            with self._lease(context, operation, model) as backend:
                operation.stream(backend, body | WITH_USAGE, ChunkCounter(context).wrap(check.wrap(send)))

        return self._pool.queue(model).stream(work, context.closing)

    async def _stream_upstream(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json, *, sends_usage: bool
    ) -> AsyncIterator[list[Json]]:
        check = await self._prepare_check(context, operation, model, body)
        batches = self._upstream.iter_chunks(context, operation, model, body | WITH_USAGE, check)
        # A client that leaves between two chunks ends the request to the server here.
        context.closing.push_async_callback(batches.aclose)
        return batches if sends_usage else _drop_usage(batches)

    async def _prepare_check(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json
    ) -> OutputCheck:
        check = await context.run(partial(self._open_check, body, operation))
        if check.has_schemas:
            await self._pool.queue(model).run(lambda _: check.check_schemas(), context.closing)
            context.run = run_on_thread  # a short schema may be the work of a long body
        return check

    def _check_schemas(self, body: Json, operation: TextOperation) -> OutputCheck:
        """Check the schemas before a model is loaded for them."""
        check = self._open_check(body, operation)
        check.check_schemas()
        return check

    def _open_check(self, body: Json, operation: TextOperation) -> OutputCheck:
        try:
            return OutputCheck(body, self._validator)
        except ValueError as error:
            raise to_request_error(error, operation) from error

    @contextmanager
    def _lease(self, context: RequestContext[Any], operation: TextOperation, model: Model) -> Iterator[TextBackend]:
        with self._pool.lease(model, context.timing) as backend:
            try:
                yield cast("TextBackend", backend)
            except ValueError as error:
                raise to_request_error(error, operation) from error

    def _metadata(self, context: RequestContext[Any], model: Model, now: float | None = None) -> Json:
        return response_metadata(self._settings.node, context.body.model, model, context.timing, now)


def _obeyed_fields(body: Json) -> list[str]:
    """The fields that a request sets to what the edge does anyway."""
    obeyed = {"store": body.get("store") is False, "service_tier": body.get("service_tier") in ("auto", "default")}
    return [field for field, is_obeyed in obeyed.items() if is_obeyed]


async def _drop_usage(batches: AsyncIterator[list[Json]]) -> AsyncIterator[list[Json]]:
    """The chunks without those that have the usage."""
    async for batch in batches:
        if chunks := [chunk for chunk in batch if chunk.get("usage") is None]:
            yield chunks


async def _iter_events(first: list[Json], batches: AsyncIterator[list[Json]]) -> AsyncIterator[bytes]:
    """An event per chunk, then `[DONE]`; a failure is the last event. Chunks that come together are sent together."""
    try:
        yield _to_events(first)
        async for batch in batches:
            yield _to_events(batch)
    except Exception as error:  # noqa: BLE001  the status is sent, so the error goes into the stream
        yield to_event(to_json_bytes(error_envelope(error)))
    else:
        yield _DONE


def _to_events(chunks: list[Json]) -> bytes:
    return b"".join(to_event(to_json_bytes(chunk)) for chunk in chunks)


def closing_event(error: EdgeError) -> bytes:
    """The last event of an interrupted stream."""
    return to_event(to_json_bytes(error.envelope()))
