"""Embeddings from upstream servers."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polargrid_edge.upstream.call import current_call
from polargrid_edge.upstream.errors import unavailable_error
from polargrid_edge.upstream.group import ModelGroup

Json = dict[str, Any]


class UpstreamEmbeddings:
    """The servers of an embedding model. Thread-safe; it blocks."""

    def __init__(self, group: ModelGroup) -> None:
        self._group = group

    def close(self) -> None:
        """Nothing to free."""

    def embed(self, inputs: list[Any], fields: Json) -> tuple[list[NDArray[np.float32]], int]:
        """The vectors of the inputs, in their order, and the number of tokens. Raises `EdgeError`."""
        call = current_call.get()
        # A single text is sent as it is: some servers know no lists.
        body = {**fields, "input": inputs[0] if len(inputs) == 1 else inputs, "encoding_format": "float"}
        response = call.run(self._group.request("/v1/embeddings", body, call.headers))
        vectors = self._read(response, len(inputs))
        usage = response.get("usage")
        tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
        return vectors, tokens if isinstance(tokens, int) else sum(map(_estimate_tokens, inputs))

    def _read(self, response: Json, count: int) -> list[NDArray[np.float32]]:
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
