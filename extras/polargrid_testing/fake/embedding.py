"""Answers with embeddings: a vector for each input."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from polargrid_edge.errors import invalid_request
from polargrid_testing.fake.text import Json, count_tokens, list_texts
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer

_DIMENSIONS = 8
_MAX_DIMENSIONS = 65_536  # openapi.yaml has no limit, and the memory of this process has one


class InputCountError(ValueError):
    """A script is for requests with another number of inputs."""


def build_embedding(value: Any, request: ReceivedRequest, _number: int, options: Json) -> Answer:
    """Return the answer to a request: `value` is a vector, a vector for each input, a whole response, or None.

    Without a vector, equal texts have equal vectors of length 1, and other texts others.
    """
    if isinstance(value, Mapping):
        return Answer.json(value)
    body = request.json if isinstance(request.json, dict) else {}
    inputs = _list_inputs(body.get("input", ""))
    vectors = _read_vectors(value, inputs, body.get("dimensions") or _DIMENSIONS)
    is_base64 = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _encode(vector) if is_base64 else list(vector)}
        for index, vector in enumerate(vectors)
    ]
    tokens = count_tokens(list_texts(inputs)) or len(inputs)
    usage = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
    model = options.get("model") or body.get("model", "")
    return Answer.json({"object": "list", "data": data, "model": model, "usage": options.get("usage") or usage})


def _list_inputs(value: Any) -> list[Any]:
    """Return the inputs of a request: a text, token ids, or a list of either."""
    return value if isinstance(value, list) and value and not isinstance(value[0], int) else [value]


def _read_vectors(value: Any, inputs: list[Any], dimensions: int) -> list[Sequence[float]]:
    if value is None and dimensions > _MAX_DIMENSIONS:
        raise invalid_request(
            f"dimensions: {dimensions} is out of range; expected at most {_MAX_DIMENSIONS}", "dimensions"
        )
    if value is None:
        return [_derive_vector(str(item), dimensions) for item in inputs]
    if not isinstance(value, (list, tuple)) or not value:
        raise TypeError(f"invalid embedding {value!r}; expected a list of numbers, or one for each input")
    if isinstance(value[0], (int, float)):
        return [value] * len(inputs)
    if len(value) != len(inputs):
        raise InputCountError(f"{len(value)} vectors are scripted for {len(inputs)} inputs; expected one for each")
    return list(value)


def _derive_vector(text: str, dimensions: int) -> list[float]:
    data = hashlib.shake_128(text.encode("utf-8", "replace")).digest(2 * dimensions)
    numbers = [number - 32767.5 for number in struct.unpack(f"<{dimensions}H", data)]
    length = math.sqrt(sum(number * number for number in numbers))
    return [round(number / length, 6) for number in numbers]


def _encode(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
