"""Text from llama.cpp, in process, through xllamacpp.

Requests and responses have OpenAI's shapes. A plain response is its combined stream, so that the two cannot
differ. llama.cpp applies the chat template, samples, stops, follows a grammar and buffers incomplete characters;
this module adds the loop over choices, the exact usage, and tool calls.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Literal, Protocol, cast

import xllamacpp  # type: ignore[import-untyped]

from polargrid_edge.backends import text_request, text_response, tool_calls
from polargrid_edge.backends.text_response import ChatChoice, CompletionChoice, OnChunk as OnChunk
from polargrid_edge.backends.tool_calls import Json

_Kind = Literal["chat.completion.chunk", "text_completion"]

# Only runs of white space have longer tokens.
_MAX_TOKEN_BYTES: Final = 64


class ContextLengthError(ValueError):
    """The prompt alone is longer than the context; both sizes are in tokens."""

    def __init__(self, prompt_tokens: int, context: int) -> None:
        super().__init__(f"the prompt has {prompt_tokens} tokens; the context of this model has {context}")
        self.prompt_tokens = prompt_tokens
        self.context = context


class PromptSizeError(ContextLengthError):
    """The prompt is too long to be counted: llama.cpp takes half a minute for a megabyte of special tokens."""

    def __init__(self, size: int, context: int) -> None:
        super().__init__(size // _MAX_TOKEN_BYTES, context)
        self.args = (f"the prompt has {size} bytes; the context of this model has {context} tokens",)


IsStopped = Callable[[], bool]


def _never_stopped() -> bool:
    return False


class TextBackend:
    """A GGUF model in memory. All methods block, release the GIL while the model computes, and are thread-safe.

    They raise `ContextLengthError` or another `ValueError` for a request that cannot be served. `context` is
    the limit of one request, prompt and response together, in tokens; `parallel` requests are computed at a
    time, others wait; `max_output_tokens` truncates longer responses, with finish_reason "length".
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int = 4096,
        parallel: int = 2,
        threads: int | None = None,
        max_output_tokens: int | None = None,
        open_server: Callable[[Path, int, int, int], LlamaServer] | None = None,
    ) -> None:
        self._name = path.stem
        self._context = context
        self._cap = max_output_tokens
        # On two busy cores two threads drop to 1 token per second, one keeps 25: leave a core to others.
        threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._server: LlamaServer | None = (open_server or _open_server)(path, context, parallel, threads)

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
        plan = tool_calls.plan_tools(body)
        requests = text_request.chat_requests(body, plan, self._cap, has_llguidance=_has_llguidance())
        create_choice = partial(ChatChoice, plan=plan, alternatives=text_request.number_of_alternatives(body))
        self._stream("chat.completion.chunk", body, requests, create_choice, on_chunk)

    def complete_stream(self, body: Mapping[str, Any], on_chunk: OnChunk) -> None:
        """Call `on_chunk` with each `text_completion` chunk; choice `i` of prompt `p` has index `p * n + i`."""
        requests = text_request.completion_requests(body, self._cap)
        create_choice = partial(CompletionChoice, alternatives=body.get("logprobs") or 0)
        self._stream("text_completion", body, requests, create_choice, on_chunk)

    def _stream(
        self,
        kind: _Kind,
        body: Mapping[str, Any],
        requests: Iterable[Json],
        create_choice: Callable[[int, OnChunk], ChatChoice | CompletionChoice],
        on_chunk: OnChunk,
    ) -> None:
        shared = _common_fields(kind, body.get("model") or self._name)
        choices = text_request.number_of_choices(body)
        prompt_tokens = completion_tokens = 0
        for index, request in enumerate(requests):
            choice = create_choice(index, lambda part: on_chunk({**shared, "choices": [part]}))
            usage = self._generate(kind, request, choice.receive)
            if usage is None:
                return
            prompt_tokens += usage["prompt_tokens"] if index % choices == 0 else 0  # its choices share a prompt
            completion_tokens += usage["completion_tokens"]
        if text_request.wants_usage(body):
            on_chunk({**shared, "choices": [], "usage": text_response.usage(prompt_tokens, completion_tokens)})

    def _generate(self, kind: _Kind, request: Json, receive: OnChunk) -> Json | None:
        """Generate a choice; returns its usage, or None if `receive` stopped it."""
        server = self._server
        if server is None:
            raise RuntimeError("the model is unloaded")
        size = text_request.prompt_bytes(request)
        if size > self._context * _MAX_TOKEN_BYTES:
            raise PromptSizeError(size, self._context)
        handle = server.handle_completions if kind == "text_completion" else server.handle_chat_completions
        receiver = _EventReceiver(receive)
        try:
            handle(request, receiver.receive)
        except (ValueError, RuntimeError) as error:  # the request, or the chat template, is invalid
            raise ValueError(str(error)) from None
        if receiver.error is not None:
            raise receiver.error
        return None if receiver.stopped else receiver.usage


class _EventReceiver:
    """Receive the events of a choice. llama.cpp discards exceptions of its callback, so they are stored."""

    def __init__(self, receive: OnChunk) -> None:
        self._receive = receive
        self.stopped = False
        self.usage: Json | None = None
        self.error: Exception | None = None

    def receive(self, event: Json) -> bool:
        try:
            if "error" in event:
                raise _to_exception(event["error"])
            self.usage = event.get("usage") or self.usage
            self.stopped = self.stopped or self._receive(event)
        except Exception as error:  # noqa: BLE001
            self.error = error
        return self.stopped or self.error is not None


class LlamaServer(Protocol):
    """The part of `xllamacpp.Server` that this module uses; the library has no types."""

    def handle_chat_completions(self, request: Json, receive: OnChunk) -> None: ...
    def handle_completions(self, request: Json, receive: OnChunk) -> None: ...


def _open_server(path: Path, context: int, parallel: int, threads: int) -> LlamaServer:
    library = cast("Any", xllamacpp)  # the library has no types
    parameters = library.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = context * parallel  # llama.cpp divides it among the requests
    parameters.n_parallel = parallel
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.use_jinja = True
    parameters.prefill_assistant = (
        False  # otherwise a plain response repeats the last assistant message, and a stream does not
    )
    parameters.cache_ram_mib = 0  # the default caches up to 8 GB of old prompts
    parameters.verbosity = -1
    parameters.api_keys = [secrets.token_hex()]  # the library opens a loopback port of its own, which has no use
    parameters.ui = parameters.endpoint_slots = False
    server = cast("LlamaServer", library.Server(parameters))
    # The library's loop runs on a thread. Freed before the loop starts, it never ends and holds the GIL, which
    # freezes the process. After one response the loop has started.
    server.handle_completions({"prompt": "1", "max_tokens": 1}, lambda _: False)
    return server


@cache
def _has_llguidance() -> bool:
    """Whether this build of llama.cpp has the engine llguidance."""
    library = cast("Any", xllamacpp)
    return str(library.json_schema_to_grammar({})).startswith("%llguidance")


def _to_exception(error: Json) -> Exception:
    if error.get("type") == "exceed_context_size_error":
        return ContextLengthError(int(error["n_prompt_tokens"]), int(error["n_ctx"]))
    message = str(error.get("message"))
    return ValueError(message) if error.get("code") == 400 else RuntimeError(message)


def _common_fields(kind: _Kind, model: str) -> Json:
    """The fields that all chunks of a response share."""
    prefix = "cmpl" if kind == "text_completion" else "chatcmpl"
    return {
        "id": f"{prefix}-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


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
