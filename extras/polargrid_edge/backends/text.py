"""Text from llama.cpp, in process, through xllamacpp.

A plain response is its combined stream, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from polargrid_edge.backends import text_response
from polargrid_edge.backends.completion_prompt import FillTokens
from polargrid_edge.backends.llama_server import LlamaServer, XLlamaServer, default_threads, has_llguidance
from polargrid_edge.backends.request_error import ContextLengthError as ContextLengthError, UnloadedError
from polargrid_edge.backends.server_calls import run_calls
from polargrid_edge.backends.text_calls import TextCalls
from polargrid_edge.backends.text_request import TextLimits
from polargrid_edge.backends.text_response import OnChunk as OnChunk
from polargrid_edge.backends.tool_plan import Json

IsStopped = Callable[[], bool]


def _never_stopped() -> bool:
    return False


class TextBackend:
    """A GGUF model in memory. All methods block, release the GIL while the model computes, and are thread-safe.

    They raise `ContextLengthError` or another `ValueError` for a request that cannot be served. `context` is
    the limit of one request, prompt and response together, in tokens; `parallel` requests are computed at a
    time, others wait; `max_output_tokens` truncates longer responses, with finish_reason "length".

    `fill_tokens` are those of a model that fills a gap; for `repeats_calls` and `fingerprint` see `TextCalls`.
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int = 4096,
        parallel: int = 2,
        threads: int | None = None,
        max_output_tokens: int | None = None,
        repeats_calls: bool = False,
        fill_tokens: FillTokens | None = None,
        fingerprint: str | None = None,
        open_server: Callable[[Path, int, int, int], LlamaServer] = XLlamaServer,
    ) -> None:
        self._server: LlamaServer | None = open_server(path, context, parallel, threads or default_threads())
        limits = TextLimits(context, self._server.vocabulary_size, max_output_tokens, has_llguidance(), fill_tokens)
        self._calls = TextCalls(path.stem, limits, repeats_calls=repeats_calls, fingerprint=fingerprint)

    def close(self) -> None:
        """Free the memory as soon as no call is active."""
        self._server = None

    def chat(self, body: Mapping[str, Any], is_stopped: IsStopped = _never_stopped) -> Json:
        """Return the `chat.completion` of a request. Raises `RuntimeError` once `is_stopped` returns True."""
        return text_response.chat_response(_collect(self.chat_stream, body, is_stopped))

    def complete(self, body: Mapping[str, Any], is_stopped: IsStopped = _never_stopped) -> Json:
        """Return the `text_completion` of a request. Raises `RuntimeError` once `is_stopped` returns True."""
        return text_response.completion_response(_collect(self.complete_stream, body, is_stopped))

    def chat_stream(self, body: Mapping[str, Any], on_chunk: OnChunk) -> None:
        """Call `on_chunk` with each `chat.completion.chunk`. An invalid request raises before the first."""
        run_calls(self._calls.chat(body, on_chunk), self._loaded)

    def complete_stream(self, body: Mapping[str, Any], on_chunk: OnChunk) -> None:
        """Call `on_chunk` with each `text_completion` chunk; choice `i` of prompt `p` has index `p * n + i`."""
        run_calls(self._calls.complete(body, on_chunk), self._loaded)

    def _loaded(self) -> LlamaServer:
        if self._server is None:
            raise UnloadedError("the model is unloaded")
        return self._server


def _collect(
    stream: Callable[[Mapping[str, Any], OnChunk], None], body: Mapping[str, Any], is_stopped: IsStopped
) -> list[Json]:
    chunks: list[Json] = []

    def collect(chunk: Json) -> bool:
        chunks.append(chunk)
        return is_stopped()

    stream({**body, "stream_options": {"include_usage": True}}, collect)
    if is_stopped():
        raise RuntimeError("the request was cancelled")
    return chunks
