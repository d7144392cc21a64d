"""What chat and completion differ in, and what their chunks have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from polargrid_edge.backends.request_error import ContextLengthError, InvalidFieldError
from polargrid_edge.backends.text_response import chat_response, completion_response
from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.metrics import TokenCounter
from polargrid_edge.services.structured_output import ATTEMPTS, MismatchError

if TYPE_CHECKING:
    from polargrid_edge.backends.server_calls import Calls
    from polargrid_edge.backends.text import TextBackend
    from polargrid_edge.backends.text_calls import TextCalls
    from polargrid_edge.backends.text_response import OnChunk
    from polargrid_edge.http.responses import Json
    from polargrid_edge.services.context import RequestContext


@dataclass(frozen=True, slots=True)
class TextOperation:
    """How to stream the chunks of a model in the process, or of a server's calls, combine them, and name the prompt."""

    stream: Callable[[TextBackend, Json, OnChunk], None]
    open_calls: Callable[[TextCalls, Json, OnChunk], Calls[None]]
    combine: Callable[[list[Json]], Json]
    prompt_field: str
    has_chunk_metadata: bool


CHAT: Final = TextOperation(
    lambda backend, body, on_chunk: backend.chat_stream(body, on_chunk),
    lambda calls, body, on_chunk: calls.chat(body, on_chunk),
    chat_response,
    "messages",
    has_chunk_metadata=True,
)
COMPLETION: Final = TextOperation(
    lambda backend, body, on_chunk: backend.complete_stream(body, on_chunk),
    lambda calls, body, on_chunk: calls.complete(body, on_chunk),
    completion_response,
    "prompt",
    has_chunk_metadata=False,
)

# Every request to a backend asks for the usage: only it has the exact number of tokens.
WITH_USAGE: Final = {"stream_options": {"include_usage": True}}


class ChunkCounter:
    """Counts the tokens of a request as they are generated."""

    def __init__(self, context: RequestContext[Any]) -> None:
        self._context = context
        self._counter = TokenCounter()

    def count(self, chunk: Json) -> None:
        context = self._context
        tokens = self._counter.count(chunk)
        context.metrics.add_tokens(tokens, time.monotonic())
        usage = chunk.get("usage")
        if usage:
            context.count_tokens(int(usage["total_tokens"]), int(usage["completion_tokens"]))
        else:
            context.count_tokens(context.tokens + tokens, context.output_tokens + tokens)

    def wrap(self, on_chunk: OnChunk) -> OnChunk:
        """Wrap `on_chunk` to count first."""

        def count_and_pass(chunk: Json) -> bool:
            self.count(chunk)
            return on_chunk(chunk)

        return count_and_pass


def check_attempt(error: MismatchError, body: Json, attempt: int) -> None:
    """Raise the error of a text that does not match if another attempt would not help."""
    # A text that has filled the context is as long as three others.
    if attempt == ATTEMPTS - 1 or (error.is_truncated and body.get("max_tokens") is None):
        raise error


def to_request_error(error: ValueError, operation: TextOperation) -> EdgeError:
    """The error of a request that a model cannot serve."""
    if isinstance(error, ContextLengthError):
        return invalid_request(str(error), operation.prompt_field, "context_length_exceeded")
    return invalid_request(str(error), error.param if isinstance(error, InvalidFieldError) else None)
