"""Embeddings: a sentence transformer by onnxruntime, with mean pooling and vectors of length 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

# The memory of attention grows with inputs * length², so a batch is bounded by its padded tokens.
_BATCH_TOKENS: Final = 1024
_START, _END = "[CLS]", "[SEP]"


class EmbeddingBackend:
    """A sentence transformer in memory. Thread-safe."""

    def __init__(self, model: Path, tokenizer: Path, *, max_tokens: int, threads: int = 1) -> None:
        """Load the ONNX model and its tokenizer; `max_tokens` is the limit for an input."""
        self._tokenizer: Tokenizer | None = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True  # an input is text: its "[SEP]" does not end it
        self._max_tokens = max_tokens
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # A thread that spins while it waits blocks a core that the other models need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def tokenize(self, inputs: Sequence[str] | Sequence[Sequence[int]]) -> list[list[int]]:
        """The token ids of each input, with those of its start and end.

        An input may be token ids already. A text without tokens, as of white space only, has the vector of no words.
        Raises `ValueError` for an input that is empty, too long, or has an unknown id.
        """
        tokenizer = self._tokenizer
        if tokenizer is None:
            raise RuntimeError("the embedding model is closed")
        if isinstance(inputs[0], str):
            encodings = tokenizer.encode_batch_fast(list(inputs), add_special_tokens=False)
            tokens = [list(encoding.ids) for encoding in encodings]
        else:
            tokens = [[int(token) for token in item] for item in inputs]
        size = tokenizer.get_vocab_size()
        for index, (value, item) in enumerate(zip(inputs, tokens, strict=True)):
            if not value:
                raise ValueError(f"input {index} is empty")
            _check_tokens(index, item, size, self._max_tokens - 2)
        start, end = (tokenizer.token_to_id(token) for token in (_START, _END))
        assert start is not None and end is not None  # noqa: S101, PT018  the tokenizer is pinned
        return [[start, *item, end] for item in tokens]

    def embed(self, tokens: Sequence[Sequence[int]], stopped: Callable[[], bool] = lambda: False) -> Vectors:
        """A vector of length 1 for each input. `stopped` is called before each batch: True ends the work."""
        vectors: list[Vectors | None] = [None] * len(tokens)
        for batch in _iter_batches(tokens):
            if stopped():
                break
            for index, vector in zip(batch, self._embed_batch([tokens[index] for index in batch]), strict=True):
                vectors[index] = vector
        return np.stack([vector for vector in vectors if vector is not None])

    def close(self) -> None:
        """Free the memory of the model; `tokenize` and `embed` fail from now on."""
        self._session = self._tokenizer = None

    def _embed_batch(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        session = self._session
        if session is None:
            raise RuntimeError("the embedding model is closed")
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, item in enumerate(tokens):
            ids[row, : len(item)] = item
            mask[row, : len(item)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = session.run(["last_hidden_state"], inputs)
        weights = mask[:, :, None].astype(np.float32)
        means = (states * weights).sum(axis=1) / weights.sum(axis=1)
        normalized: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return normalized


def _check_tokens(index: int, tokens: Sequence[int], size: int, limit: int) -> None:
    if len(tokens) > limit:
        raise InputTooLongError(f"input {index} has {len(tokens)} tokens; the model accepts at most {limit}")
    unknown = next((token for token in tokens if not 0 <= token < size), None)
    if unknown is not None:
        raise ValueError(f"input {index} has the token {unknown}; expected 0 to {size - 1}")


class InputTooLongError(ValueError):
    """An input has more tokens than the model accepts."""


def _iter_batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Indexes of inputs of similar length, so that little of a batch is padding."""
    batch: list[int] = []
    for index in sorted(range(len(tokens)), key=lambda index: len(tokens[index])):
        if batch and (len(batch) + 1) * len(tokens[index]) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    yield batch
