"""Text from upstream servers, on the event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from polargrid_edge.services.text_operation import ChunkCounter, to_request_error

if TYPE_CHECKING:
    from polargrid_edge.backends.text_response import OnChunk
    from polargrid_edge.http.responses import Json
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.services.structured_output import OutputCheck
    from polargrid_edge.services.text_operation import TextOperation
    from polargrid_edge.upstream.text_server import UpstreamText


class UpstreamTextSource:
    """The chunks of texts, counted and checked."""

    def __init__(self, pool: ModelPool) -> None:
        self._pool = pool

    async def iter_chunks(
        self, context: RequestContext[Any], operation: TextOperation, model: Model, body: Json, check: OutputCheck
    ) -> AsyncGenerator[list[Json]]:
        """Iterate over the chunks; those that arrive together are one list. Raises `EdgeError`."""
        counter = ChunkCounter(context)
        on_chunk = check.wrap(lambda _: False)
        with self._pool.lease_upstream(model, context.timing) as (backend, headers):
            text = cast("UpstreamText", backend)
            open_calls = partial(operation.open_calls, text.calls, body)
            try:
                async with aclosing(text.iter_chunks(open_calls, headers, context.run)) as batches:
                    async for batch in batches:
                        for number, chunk in enumerate(batch):
                            counter.count(chunk)
                            try:
                                await self._check(context, model, check, on_chunk, chunk)
                            except Exception:
                                if number:
                                    yield batch[:number]
                                raise
                        yield batch
            except ValueError as error:
                raise to_request_error(error, operation) from error

    async def _check(
        self, context: RequestContext[Any], model: Model, check: OutputCheck, on_chunk: OnChunk, chunk: Json
    ) -> None:
        """Check a chunk: one that ends a text or has a call on a thread, since the validator is a process."""
        if not check.has_checks:
            return
        if check.is_whole(chunk):
            await self._pool.queue(model).run(lambda _: on_chunk(chunk), context.closing)
        else:
            on_chunk(chunk)
