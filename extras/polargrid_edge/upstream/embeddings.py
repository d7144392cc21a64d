"""Embeddings from upstream servers."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polargrid_edge.long_work import Run, run_here
from polargrid_edge.upstream.errors import unavailable_error
from polargrid_edge.upstream.group import ModelGroup

Json = dict[str, Any]
Embeddings = tuple[list[NDArray[np.float32]], int]


class UpstreamEmbeddings:
    """The servers of an embedding model. Use it on the event loop of the edge."""

    def __init__(self, group: ModelGroup) -> None:
        self._group = group

    async def embed(self, inputs: list[Any], fields: Json, headers: dict[str, str], run: Run = run_here) -> Embeddings:
        """The vectors of the inputs, in their order, and the number of tokens. Raises `EdgeError`.

        `headers` are those of the request to a server; `run` runs what takes long for a long body.
        """
        # A single text is sent as it is: some servers know no lists.
        body = {**fields, "input": inputs[0] if len(inputs) == 1 else inputs, "encoding_format": "float"}
        response = await self._group.request("/v1/embeddings", body, headers, run=run)
        return await run(lambda: self._read(response, inputs))

    def _read(self, response: Json, inputs: list[Any]) -> Embeddings:
        vectors = self._read_vectors(response, len(inputs))
        usage = response.get("usage")
        tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
        return vectors, tokens if isinstance(tokens, int) else sum(map(_estimate_tokens, inputs))

    def _read_vectors(self, response: Json, count: int) -> list[NDArray[np.float32]]:
        try:
            items = sorted(response["data"], key=lambda item: item.get("index", 0))
            vectors = [_to_vector(item["embedding"]) for item in items]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise unavailable_error(self._group.name, f"sent invalid embeddings: {error!r}") from None
        if len(vectors) != count or len({len(vector) for vector in vectors}) > 1:
            message = f"sent {len(vectors)} embeddings for {count} inputs, or some of another length"
            raise unavailable_error(self._group.name, message)
        return vectors


def _to_vector(value: Any) -> NDArray[np.float32]:
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value), "<f4")
    vector = np.asarray(value, np.float32)
    if vector.ndim != 1 or not vector.size or not np.isfinite(vector).all():
        raise ValueError("not a list of numbers")
    return vector


def _estimate_tokens(value: object) -> int:
    """The tokens of an input, for a server that does not count them: a token for four characters."""
    return len(value) if isinstance(value, list) else -(-len(str(value)) // 4)
