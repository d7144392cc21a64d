"""Text from llama.cpp, in process, through xllamacpp.

Requests and answers have OpenAI's shapes. A plain answer is its own stream put together, so that the two
cannot differ. llama.cpp applies the chat template, samples, stops, keeps to a JSON schema and holds back the
bytes of a character until it is whole; added here are the loop over choices, true sums of tokens, tool calls.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol, cast

import xllamacpp  # type: ignore[import-untyped]

from polargrid_edge.backends import text_answer, text_request, tools
from polargrid_edge.backends.text_answer import ChatChoice, CompletionChoice
from polargrid_edge.backends.text_answer import Emit as Emit
from polargrid_edge.backends.tools import Json

_Kind = Literal["chat.completion.chunk", "text_completion"]


class ContextLengthError(ValueError):
    """The prompt alone is longer than the context; both are counted in tokens."""

    def __init__(self, prompt_tokens: int, context: int) -> None:
        super().__init__(f"The prompt has {prompt_tokens} tokens; this model's context holds {context}.")
        self.prompt_tokens = prompt_tokens
        self.context = context


Stopped = Callable[[], bool]


def _never() -> bool:
    return False


class TextBackend:
    """A GGUF model in memory. All methods block, free the GIL while the model computes, and are thread-safe.

    They raise `ContextLengthError` or another `ValueError` for a request that cannot be served. `context` is
    what one request may have, prompt and answer together, in tokens; `parallel` requests are computed at a
    time, more wait; `max_output_tokens` shortens longer answers, which end with finish_reason "length".
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int = 4096,
        parallel: int = 2,
        threads: int | None = None,
        max_output_tokens: int | None = None,
    ) -> None:
        self._name = path.stem
        self._cap = max_output_tokens
        # On two busy cores two threads fell to 1 token a second, where one kept 25: a core is left to others.
        threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._server: _Server | None = _open(path, context, parallel, threads)

    def close(self) -> None:
        """Frees the memory, as soon as no call is running."""
        self._server = None

    def chat(self, body: Mapping[str, Any], stopped: Stopped = _never) -> Json:
        """Answers a chat request with a `chat.completion`. Raises `RuntimeError` once `stopped` says so."""
        return text_answer.chat_answer(_collected(self.chat_stream, body, stopped))

    def complete(self, body: Mapping[str, Any], stopped: Stopped = _never) -> Json:
        """Answers a completion request with a `text_completion`. Raises `RuntimeError` once `stopped` says so."""
        return text_answer.completion_answer(_collected(self.complete_stream, body, stopped))

    def chat_stream(self, body: Mapping[str, Any], emit: Emit) -> None:
        """Hands each `chat.completion.chunk` to `emit`. What cannot be served raises before the first."""
        plan = tools.plan(body)
        requests = text_request.chat_requests(body, plan, self._cap)
        choice = partial(ChatChoice, plan=plan, alternatives=text_request.alternatives(body))
        self._stream("chat.completion.chunk", body, requests, choice, emit)

    def complete_stream(self, body: Mapping[str, Any], emit: Emit) -> None:
        """Hands each `text_completion` chunk to `emit`; choice `i` of prompt `p` has index `p * n + i`."""
        requests = text_request.completion_requests(body, self._cap)
        choice = partial(CompletionChoice, alternatives=body.get("logprobs") or 0)
        self._stream("text_completion", body, requests, choice, emit)

    def _stream(
        self,
        kind: _Kind,
        body: Mapping[str, Any],
        requests: Iterable[Json],
        choice_of: Callable[[int, Emit], ChatChoice | CompletionChoice],
        emit: Emit,
    ) -> None:
        head = _head(kind, body.get("model") or self._name)
        choices = text_request.number_of_choices(body)
        prompt_tokens = completion_tokens = 0
        for index, request in enumerate(requests):
            choice = choice_of(index, lambda part: emit({**head, "choices": [part]}))
            spent = self._run(kind, request, choice.receive)
            if spent is None:
                return
            prompt_tokens += spent["prompt_tokens"] if index % choices == 0 else 0  # its choices share a prompt
            completion_tokens += spent["completion_tokens"]
        if text_request.wants_usage(body):
            emit({**head, "choices": [], "usage": text_answer.usage(prompt_tokens, completion_tokens)})

    def _run(self, kind: _Kind, request: Json, receive: Emit) -> Json | None:
        """Generates one choice; returns its usage, or None if `receive` stopped it."""
        server = self._server
        if server is None:
            raise RuntimeError("this model has been unloaded")
        handle = server.handle_completions if kind == "text_completion" else server.handle_chat_completions
        reception = _Reception(receive)
        try:
            handle(request, reception.take)
        except (ValueError, RuntimeError) as refused:  # the request, or the chat template, did not parse
            raise ValueError(str(refused)) from None
        if reception.failure is not None:
            raise reception.failure
        return None if reception.stopped else reception.usage


class _Reception:
    """Takes the events of one choice. What is raised meanwhile would be lost in llama.cpp: it is kept."""

    def __init__(self, receive: Emit) -> None:
        self._receive = receive
        self.stopped = False
        self.usage: Json | None = None
        self.failure: Exception | None = None

    def take(self, event: Json) -> bool:
        try:
            if "error" in event:
                raise _failure(event["error"])
            self.usage = event.get("usage") or self.usage
            self.stopped = self.stopped or self._receive(event)
        except Exception as raised:  # noqa: BLE001
            self.failure = raised
        return self.stopped or self.failure is not None


class _Server(Protocol):
    """The part of `xllamacpp.Server` used here; it has no types of its own."""

    def handle_chat_completions(self, request: Json, receive: Emit) -> None: ...
    def handle_completions(self, request: Json, receive: Emit) -> None: ...


def _open(path: Path, context: int, parallel: int, threads: int) -> _Server:
    library = cast("Any", xllamacpp)  # it has no types
    parameters = library.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = context * parallel  # llama.cpp shares it out
    parameters.n_parallel = parallel
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.use_jinja = True
    parameters.prefill_assistant = False  # else a plain answer repeats an assistant's last message, a stream does not
    parameters.cache_ram_mib = 0  # its default keeps up to 8 GB of old prompts
    parameters.verbosity = -1
    parameters.api_keys = [secrets.token_hex()]  # it opens a loopback port of its own, which nobody is to use
    parameters.ui = parameters.endpoint_slots = False
    server = cast("_Server", library.Server(parameters))
    # Its loop runs on a thread of its own. Freed before that has begun, it never ends, and holds the GIL meanwhile:
    # the whole process stands still. One answer, and it has begun.
    server.handle_completions({"prompt": "1", "max_tokens": 1}, lambda _: False)
    return server


def _failure(error: Json) -> Exception:
    if error.get("type") == "exceed_context_size_error":
        return ContextLengthError(int(error["n_prompt_tokens"]), int(error["n_ctx"]))
    message = str(error.get("message"))
    return ValueError(message) if error.get("code") == 400 else RuntimeError(message)


def _head(kind: _Kind, model: str) -> Json:
    """What all chunks of an answer have in common."""
    prefix = "cmpl" if kind == "text_completion" else "chatcmpl"
    return {
        "id": f"{prefix}-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def _collected(
    stream: Callable[[Mapping[str, Any], Emit], None], body: Mapping[str, Any], stopped: Stopped
) -> list[Json]:
    chunks: list[Json] = []

    def keep(chunk: Json) -> bool:
        chunks.append(chunk)
        return stopped()

    stream({**body, "stream_options": {"include_usage": True}}, keep)
    if stopped():
        raise RuntimeError("nobody waits for this answer any more")
    return chunks
