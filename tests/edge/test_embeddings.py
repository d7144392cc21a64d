"""Embeddings: the real model, and the operation with a scripted one."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from polargrid_edge.backends.embeddings import EmbeddingBackend, InputTooLongError
from polargrid_edge.models import files
from polargrid_edge.models.catalog import Catalog
from tests.edge.test_app import is_valid, read_error

PATH = "/v1/embeddings"
BODY: dict[str, Any] = {"model": "all-minilm-l6-v2", "input": "The food was delicious."}


@pytest.fixture(scope="module")
def backend() -> Iterator[EmbeddingBackend]:
    model = Catalog().resolve("all-minilm-l6-v2")
    paths = files.ensure(model.files)
    backend = EmbeddingBackend(*(paths[file.name] for file in model.files), max_tokens=512)
    yield backend
    backend.close()


# The model


def test_similar_texts_have_similar_vectors(backend: EmbeddingBackend) -> None:
    """The vectors have length 1, so that their product is the cosine."""
    texts = ["The food was delicious.", "The meal was great.", "A train left the station."]
    vectors = backend.embed(backend.tokenize(texts))
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    cosines = vectors @ vectors.T
    assert cosines[0, 1] > 0.5 > cosines[0, 2]


def test_a_batch_has_the_vectors_of_its_inputs(backend: EmbeddingBackend) -> None:
    """In the order of the inputs, although inputs of similar length are computed together."""
    texts = ["word " * (1 + number * 37 % 400) for number in range(12)]
    together = backend.embed(backend.tokenize(texts))
    alone = [backend.embed(backend.tokenize([text]))[0] for text in texts]
    assert together == pytest.approx(np.stack(alone), abs=1e-3)


def test_token_ids_are_an_input(backend: EmbeddingBackend) -> None:
    """Start and end are added."""
    (tokens,) = backend.tokenize(["hello world"])
    assert backend.tokenize([tokens[1:-1]]) == [tokens]


def test_a_special_token_in_a_text_is_text(backend: EmbeddingBackend) -> None:
    """It does not end the input."""
    (tokens,) = backend.tokenize(["a [SEP] b"])
    assert tokens.count(tokens[-1]) == 1


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([""], "input 0 is empty"),
        (["a", ""], "input 1 is empty"),
        ([[1], []], "input 1 is empty"),
        ([[30_522]], "input 0 has the token 30522; expected 0 to 30521"),
        ([[-1]], "input 0 has the token -1"),
    ],
)
def test_an_input_without_a_vector_is_rejected(backend: EmbeddingBackend, inputs: list[Any], message: str) -> None:
    """The message has its position."""
    with pytest.raises(ValueError, match=message):
        backend.tokenize(inputs)


@pytest.mark.parametrize("text", [" ", "\n\t", "\u200b", "\0", "\u0301"])
def test_a_text_without_tokens_has_a_vector(backend: EmbeddingBackend, text: str) -> None:
    """The specification allows every text but an empty one."""
    tokens = backend.tokenize([text, "word"])
    assert list(map(len, tokens)) == [2, 3]
    assert np.isfinite(backend.embed(tokens)).all()


def test_a_long_input_is_rejected(backend: EmbeddingBackend) -> None:
    """It is not truncated in silence."""
    assert len(backend.tokenize(["word " * 510])[0]) == 512
    with pytest.raises(InputTooLongError, match="input 0 has 511 tokens; the model accepts at most 510"):
        backend.tokenize(["word " * 511])


def test_a_stopped_request_has_no_further_batch(backend: EmbeddingBackend) -> None:
    """`stopped` is called before each."""
    calls: list[int] = []

    def stop_second() -> bool:
        calls.append(1)
        return len(calls) > 1

    tokens = backend.tokenize(["word " * 500] * 4)
    assert len(backend.embed(tokens, stop_second)) < 4


def test_the_real_response_matches_the_specification(client: httpx.Client) -> None:
    """Also with token ids, which are those of the model."""
    response = client.post(PATH, json=BODY).json()
    assert is_valid("EmbeddingResponse", response)
    assert (len(response["data"][0]["embedding"]), response["usage"]["prompt_tokens"]) == (384, 7)
    ids = client.post(PATH, json=BODY | {"input": [1996, 2833, 2001, 12090, 1012]}).json()
    assert ids["data"][0]["embedding"] == pytest.approx(response["data"][0]["embedding"], abs=1e-6)


# The operation


def test_there_is_a_vector_for_each_input(fake_client: httpx.Client) -> None:
    """In their order; the usage is that of all."""
    response = fake_client.post(PATH, json=BODY | {"input": ["one", "one two", "a b c"]}).json()
    assert is_valid("EmbeddingResponse", response)
    assert [item["index"] for item in response["data"]] == [0, 1, 2]
    assert [item["embedding"][0] for item in response["data"]] == [1, 2, 3]
    assert response["usage"] == {"prompt_tokens": 6, "completion_tokens": 0, "total_tokens": 6}
    assert response["model"] == "all-minilm-l6-v2"


@pytest.mark.parametrize(("value", "tokens"), [([5, 6, 7], [3]), ([[5, 6], [7]], [2, 1])])
def test_an_input_is_token_ids(fake_client: httpx.Client, value: Any, tokens: list[int]) -> None:
    """A list of numbers is one input."""
    response = fake_client.post(PATH, json=BODY | {"input": value}).json()
    assert [item["embedding"][0] for item in response["data"]] == tokens


def test_base64_has_the_bytes_of_32_bit_floats(fake_client: httpx.Client) -> None:
    """Little-endian, as OpenAI's clients decode them."""
    response = fake_client.post(PATH, json=BODY | {"encoding_format": "base64"}).json()
    assert is_valid("Base64EmbeddingResponse", response)
    vector = np.frombuffer(base64.b64decode(response["data"][0]["embedding"]), "<f4")
    assert (len(vector), vector[0]) == (384, 4)


def test_another_name_is_the_model_of_the_response(fake_client: httpx.Client) -> None:
    """The metadata have the model that served it."""
    response = fake_client.post(PATH, json=BODY | {"model": "text-embedding-3-small"}).json()
    assert response["model"] == "text-embedding-3-small"
    assert response["pg_metadata"]["served_model"] == "all-minilm-l6-v2"


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"input": ""}, "input", "invalid_value"),
        ({"input": []}, "input", "invalid_value"),
        ({"input": ["a", 1]}, "input", "invalid_value"),
        ({"input": "word " * 513}, "input", "context_length_exceeded"),
        ({"dimensions": 256}, "dimensions", "invalid_value"),
        ({"dimensions": 0}, "dimensions", "invalid_value"),
        ({"encoding_format": "hex"}, "encoding_format", "invalid_value"),
    ],
)
def test_an_invalid_request_is_400(fake_client: httpx.Client, changes: dict[str, Any], param: str, code: str) -> None:
    """The param is the field, or a part of it."""
    error = read_error(fake_client.post(PATH, json=BODY | changes), 400)
    assert (error["param"].partition("[")[0], error["code"]) == (param, code)


def test_the_dimensions_of_the_model_are_valid(fake_client: httpx.Client) -> None:
    """Null is as absent."""
    for value in (384, None):
        assert fake_client.post(PATH, json=BODY | {"dimensions": value}).status_code == 200


def test_a_model_of_another_kind_is_404(fake_client: httpx.Client) -> None:
    """It has no vectors."""
    assert read_error(fake_client.post(PATH, json=BODY | {"model": "llama-3.1-8b"}), 404)["param"] == "model"
