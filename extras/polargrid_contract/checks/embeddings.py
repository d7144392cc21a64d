"""Embeddings: a vector is the same in each format, alone and in a list, today and tomorrow."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import send
from polargrid_contract.checks.shapes import get_field, read_field, read_objects
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_OPERATION = ("create_embedding",)
EMBEDDED_TEXTS = ("The food was delicious.", "A lighthouse stands on the rock above the sea.", "La mer, l'été 🌊")
_FORMAT_TOLERANCE = 1e-5  # of the length of a vector: 32-bit floats, written with the digits that they have
# A model computes a batch in another order than a single text. Of unit vectors: 1 - cosine.
_MIN_COSINE = {"polargrid": 0.9999, "openai": 0.999}
Vector = Sequence[float]


@check(
    "embedding-formats-equal",
    on=_OPERATION,
    rationale="Most clients ask for base64 and others for numbers: both search the same index.",
    reference="openapi.yaml, EmbeddingRequest.encoding_format",
)
def check_formats(client: ServerClient) -> Iterator[Violation]:
    """The 32-bit floats of base64 are the numbers of the other format."""
    plain, packed = embed(client, EMBEDDED_TEXTS[0]), embed(client, EMBEDDED_TEXTS[0], encoding_format="base64")
    expected, *_ = _read_vectors(plain)
    encoded = read_field(packed, "data", 0, "embedding", kind=str)
    try:
        actual = decode_vector(encoded)
    except ValueError as error:
        yield client.violation(packed, expected="32-bit floats in base64", actual=f"{error}: {encoded[:80]!r}")
        return
    if len(actual) != len(expected):
        yield client.violation(packed, expected=f"{len(expected)} floats", actual=f"{len(actual)}")
    elif not _is_equal(expected, actual):
        again, *_ = _read_vectors(embed(client, EMBEDDED_TEXTS[0], repetition=1))
        if not _is_equal(expected, again):
            if _cosine(expected, actual) < _MIN_COSINE["openai"]:
                yield client.violation(packed, expected=f"{_excerpt(expected)}", actual=_excerpt(actual))
                return
            raise CheckSkipped("equal requests get different vectors, so that those of two formats can only be similar")
        yield client.violation(packed, expected=f"{_excerpt(expected)}, as numbers", actual=_excerpt(actual))


@check(
    "embedding-list-equals-singles",
    on=_OPERATION,
    rationale="A text is found again, whether it was sent alone or with others.",
    reference="openapi.yaml, EmbeddingRequest.input",
)
def check_list(client: ServerClient) -> Iterator[Violation]:
    """Each text of a list has the vector of the text alone, also if it is there twice, and in a second request."""
    texts = [*EMBEDDED_TEXTS, EMBEDDED_TEXTS[0]]
    exchange = client.require(embed(client, texts))
    singles = [_read_vectors(embed(client, text))[0] for text in texts]
    repeated = [_read_vectors(embed(client, EMBEDDED_TEXTS[0], repetition=1))[0]]
    minimum = _MIN_COSINE[client.target.profile]
    for text, single, vector in (
        *zip(texts, singles, _read_vectors(exchange), strict=False),
        (EMBEDDED_TEXTS[0], singles[0], repeated[0]),
    ):
        is_equally_long = len(single) == len(vector)
        cosine = _cosine(single, vector) if is_equally_long else 0.0
        if cosine < minimum:
            actual = (
                f"{_excerpt(vector)}, with the cosine {cosine:.5f}" if is_equally_long else f"{len(vector)} numbers"
            )
            yield client.violation(exchange, expected=f"{_excerpt(single)} for {text!r}", actual=actual)


@check(
    "embedding-usage-adds-up",
    on=_OPERATION,
    rationale="Billing uses the usage: a text costs the same in a list and in either format.",
    reference="openapi.yaml, EmbeddingResponse.usage",
)
def check_usage(client: ServerClient) -> Iterator[Violation]:
    """The tokens of a list are those of its texts, and those of base64 are those of numbers."""
    counts = [_count_tokens(embed(client, text)) for text in EMBEDDED_TEXTS]
    for exchange, expected in (
        (embed(client, [*EMBEDDED_TEXTS, EMBEDDED_TEXTS[0]]), sum(counts) + counts[0]),
        (embed(client, EMBEDDED_TEXTS[0], encoding_format="base64"), counts[0]),
    ):
        actual = _count_tokens(exchange)
        if actual != expected:
            yield client.violation(exchange, expected=f"prompt_tokens = {expected}", actual=f"prompt_tokens = {actual}")


@check(
    "embedding-dimensions-respected",
    on=_OPERATION,
    rationale="An index has vectors of one length, which the client chose.",
    reference="openapi.yaml, EmbeddingRequest.dimensions",
)
def check_dimensions(client: ServerClient) -> Iterator[Violation]:
    """The vector has the requested length, or the request is rejected."""
    own = len(_read_vectors(embed(client, EMBEDDED_TEXTS[0]))[0])
    for length in (own, max(own // 2, 1)):
        exchange = embed(client, EMBEDDED_TEXTS[0], dimensions=length)
        if 400 <= exchange.status < 500:
            continue  # a model may have vectors of one length only
        vector, *_ = _read_vectors(exchange)
        if len(vector) != length:
            yield client.violation(exchange, expected=f"{length} numbers", actual=f"{len(vector)}")


def embed(client: ServerClient, texts: str | list[str], *, repetition: int = 0, **fields: Any) -> Exchange:
    """Request embeddings; an equal request is sent once for each repetition."""
    body = {"model": client.model("embedding"), "input": texts, **fields}
    name = ("embedding", repetition, str(body))
    return cached(client.base, name, lambda: client.require(send(client, *_OPERATION, body=body)))


def decode_vector(encoded: str) -> list[float]:
    """Decode the base64 of 32-bit little-endian floats. Raises ValueError."""
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if len(data) % 4:
        raise ValueError(f"{len(data)} bytes are not a multiple of the size 4")
    return list(struct.unpack(f"<{len(data) // 4}f", data))


def _read_vectors(exchange: Exchange) -> list[list[float]]:
    """The vectors of a response as numbers. Raises UnexpectedResponse."""
    vectors = [get_field(exchange, item, "embedding", kind=list) for item in read_objects(exchange, "data")]
    return [[get_field(exchange, number, kind=float) for number in vector] for vector in vectors]


def _count_tokens(exchange: Exchange) -> int:
    count: int = read_field(exchange, "usage", "prompt_tokens", kind=int)
    return count


def _is_equal(first: Vector, second: Vector) -> bool:
    tolerance = _FORMAT_TOLERANCE * max(_measure(first), 1e-9)
    return all(abs(a - b) <= tolerance for a, b in zip(first, second, strict=True))


def _cosine(first: Vector, second: Vector) -> float:
    lengths = _measure(first) * _measure(second)
    return sum(a * b for a, b in zip(first, second, strict=True)) / lengths if lengths else float(first == second)


def _measure(vector: Vector) -> float:
    return math.sqrt(math.fsum(number * number for number in vector))


def _excerpt(vector: Vector) -> str:
    return f"[{', '.join(f'{number:.6g}' for number in vector[:4])}, …]"
