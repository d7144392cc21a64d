"""Embeddings."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import Response

from polargrid_edge.errors import invalid_request
from polargrid_edge.http.responses import Json, request_fields, response_metadata, to_json_bytes
from polargrid_edge.long_work import run_on_thread

if TYPE_CHECKING:
    from polargrid_edge.backends.embeddings import EmbeddingBackend
    from polargrid_edge.models.catalog import Model
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.upstream.embeddings import UpstreamEmbeddings
    from polargrid_generated.models import EmbeddingRequest

# Enough digits to tell 32-bit floats of a vector of length 1 apart.
_DIGITS = 8
_MAX_INPUTS = 2048
_FEW_INPUTS = 4


class EmbeddingService:
    def __init__(self, settings: EdgeSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool

    async def create_embedding(self, context: RequestContext[EmbeddingRequest]) -> Response:
        body = await context.run(partial(request_fields, context.body))
        model = self._pool.resolve(context.body.model, "embedding")
        _check_dimensions(body, model)
        inputs = _list_inputs(body["input"])
        queue = self._pool.queue(model)
        context.timing.queued = await context.closing.enter_async_context(queue.slot())
        if model.is_upstream:
            content = await self._respond_upstream(context, model, body, inputs)
        else:
            content = await queue.run(
                lambda stopped: self._respond(context, model, body, inputs, stopped), context.closing
            )
        return Response(content, media_type="application/json")

    def _respond(
        self, context: RequestContext[Any], model: Model, body: Json, inputs: list[Any], stopped: threading.Event
    ) -> bytes:
        """The body of the response; writing it takes long enough for a thread."""
        from polargrid_edge.backends.embeddings import InputTooLongError

        with self._pool.lease(model, context.timing) as leased:
            backend = cast("EmbeddingBackend", leased)
            try:
                tokens = backend.tokenize(inputs)
            except InputTooLongError as error:
                raise invalid_request(f"input: {error}", "input", "context_length_exceeded") from error
            except ValueError as error:
                raise invalid_request(f"input: {error}", "input") from error
            vectors = backend.embed(tokens, stopped.is_set)
        return self._build_response(context, model, body, vectors, sum(map(len, tokens)))

    async def _respond_upstream(
        self, context: RequestContext[Any], model: Model, body: Json, inputs: list[Any]
    ) -> bytes:
        fields: Json = {name: body[name] for name in ("dimensions", "user") if name in body}
        # Reading and writing vectors takes long, even for short texts, if there are more than a few.
        run = context.run if len(inputs) <= _FEW_INPUTS else run_on_thread
        with self._pool.lease_upstream(model, context.timing) as (backend, headers):
            vectors, count = await cast("UpstreamEmbeddings", backend).embed(inputs, fields, headers, run)
        return await run(lambda: self._build_response(context, model, body, vectors, count))

    def _build_response(
        self, context: RequestContext[Any], model: Model, body: Json, vectors: Iterable[Any], count: int
    ) -> bytes:
        context.count_tokens(count)
        return to_json_bytes(
            {
                "object": "list",
                "data": [
                    {"object": "embedding", "index": index, "embedding": value}
                    for index, value in enumerate(_encode(vectors, body["encoding_format"]))
                ],
                "model": context.body.model,
                "usage": {"prompt_tokens": count, "completion_tokens": 0, "total_tokens": count},
                "pg_metadata": response_metadata(
                    self._settings.node, context.body.model, model, context.timing, time.perf_counter()
                ),
            }
        )


def _list_inputs(value: Any) -> list[Any]:
    """The inputs of a request: a text, or a list of token ids, is one. Raises `EdgeError`."""
    inputs = [value] if isinstance(value, str) or isinstance(next(iter(value), None), int) else value
    if not 1 <= len(inputs) <= _MAX_INPUTS:
        raise invalid_request(f"input: {len(inputs)} inputs; expected 1 to {_MAX_INPUTS:,}", "input")
    return inputs


def _encode(vectors: Iterable[Any], encoding_format: str) -> list[Any]:
    if encoding_format == "base64":
        return [base64.b64encode(vector.astype("<f4").tobytes()).decode() for vector in vectors]
    return [vector.astype(float).round(_DIGITS).tolist() for vector in vectors]


def _check_dimensions(body: Json, model: Model) -> None:
    if not model.is_upstream and body.get("dimensions", model.dimensions) != model.dimensions:
        message = f"dimensions: {body['dimensions']} is not supported; {model.id} has vectors of {model.dimensions}"
        raise invalid_request(message, "dimensions")
