"""Text from llama.cpp, in process, through xllamacpp.

Requests and responses have OpenAI's shapes. A plain response is its combined stream, so that the two cannot
differ. llama.cpp applies the chat template, samples, stops, follows a grammar and buffers incomplete characters;
this module adds the loop over choices, the exact usage, tool calls, and the log probabilities of a prompt.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from polargrid_edge.backends import text_request, text_response
from polargrid_edge.backends.completion_prompt import FillTokens, Gap, Prompt
from polargrid_edge.backends.literal_messages import complete_literally, to_chat_event
from polargrid_edge.backends.llama_events import EventReceiver
from polargrid_edge.backends.llama_server import LlamaServer, XLlamaServer, default_threads, has_llguidance
from polargrid_edge.backends.messages import convert_messages
from polargrid_edge.backends.prompt_logprobs import iter_token_logprobs
from polargrid_edge.backends.request_error import ContextLengthError as ContextLengthError, InvalidFieldError
from polargrid_edge.backends.text_response import ChatChoice, CompletionChoice, OnChunk as OnChunk
from polargrid_edge.backends.text_stream import ChoiceSender, PromptEcho, TextStream
from polargrid_edge.backends.tool_plan import Json, plan_tools
from polargrid_edge.backends.tool_results import end_repetition

_Kind = Literal["chat.completion.chunk", "text_completion"]

# Only runs of white space have longer tokens.
_MAX_TOKEN_BYTES: Final = 64


IsStopped = Callable[[], bool]


def _never_stopped() -> bool:
    return False


class TextBackend:
    """A GGUF model in memory. All methods block, release the GIL while the model computes, and are thread-safe.

    They raise `ContextLengthError` or another `ValueError` for a request that cannot be served. `context` is
    the limit of one request, prompt and response together, in tokens; `parallel` requests are computed at a
    time, others wait; `max_output_tokens` truncates longer responses, with finish_reason "length".

    `repeats_calls` is for a model that does not find the end of its tool calls, see `tool_results`; `fill_tokens` are
    those of a model that fills a gap; `fingerprint` names the configuration in the responses.

    `tools` and `is_llama` describe a server that is not in the process, see `TextLimits`; one that does not read text
    only gets images and recordings as they are.
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
        tools: Literal["edge", "optional", "server"] = "edge",
        is_llama: bool = True,
        reads_text_only: bool = True,
    ) -> None:
        self._name = path.stem
        self._fingerprint = fingerprint
        self._repeats_calls = repeats_calls
        self._reads_text_only = reads_text_only
        self._server: LlamaServer | None = open_server(path, context, parallel, threads or default_threads())
        self._limits = text_request.TextLimits(
            context,
            self._server.vocabulary_size,
            max_output_tokens,
            has_llguidance() and tools == "edge",
            fill_tokens,
            tools,
            is_llama,
        )

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
        text_request.check_modalities(body)
        plan = plan_tools(body)
        messages = convert_messages(body.get("messages"), reads_text_only=self._reads_text_only)
        if self._repeats_calls:
            plan, messages = end_repetition(plan, messages)
        stream = self._open_stream("chat.completion.chunk", body, on_chunk)
        alternatives = text_request.number_of_alternatives(body)
        for index, request in enumerate(text_request.chat_requests(body, messages, plan, self._limits)):
            choice = ChatChoice(index, stream.send, plan=plan, alternatives=alternatives)
            if not self._generate(stream, request, choice, with_prompt=index == 0):
                return
        stream.finish()

    def complete_stream(self, body: Mapping[str, Any], on_chunk: OnChunk) -> None:
        """Call `on_chunk` with each `text_completion` chunk; choice `i` of prompt `p` has index `p * n + i`."""
        stream = self._open_stream("text_completion", body, on_chunk)
        choices = text_request.number_of_choices(body)
        for number, (prompt, requests) in enumerate(text_request.completion_requests(body, self._limits)):
            best = ChoiceSender(number * choices, choices, stream.send, buffers=len(requests) > choices)
            echo = self._read_echo(prompt, requests[0], body)
            for index, request in enumerate(requests):
                choice = CompletionChoice(best.index(index), best.send, alternatives=body.get("logprobs"))
                if echo is not None and echo.send(choice):
                    return
                if not self._generate(stream, request, choice, with_prompt=index == 0):
                    return
                best.add(choice.logprobs)
            if best.finish():
                return
        stream.finish()

    def _open_stream(self, kind: _Kind, body: Mapping[str, Any], on_chunk: OnChunk) -> TextStream:
        shared = _common_fields(kind, body.get("model") or self._name)
        if self._fingerprint is not None:
            shared["system_fingerprint"] = self._fingerprint
        return TextStream(shared, on_chunk, wants_usage=text_request.wants_usage(body))

    def _read_echo(self, prompt: Prompt, request: Json, body: Mapping[str, Any]) -> PromptEcho | None:
        """What comes before the generated text: the prompt, and its tokens with their log probabilities."""
        if not body.get("echo"):
            return None
        self._check_size(request)
        server = self._loaded()
        if not self._limits.is_llama:
            if body.get("logprobs") is not None or not isinstance(prompt, str):
                message = "the server of this model echoes texts only, without logprobs; omit logprobs or echo"
                raise InvalidFieldError("echo", message)
            return PromptEcho(prompt, iter(()))
        text = prompt if isinstance(prompt, str) else server.detokenize(prompt)
        tokens = server.tokenize(prompt) if isinstance(prompt, str) else prompt
        self._check_length(len(tokens))  # before a part of the prompt is sent
        alternatives = body.get("logprobs")
        return PromptEcho(text, iter(()) if alternatives is None else iter_token_logprobs(server, tokens, alternatives))

    def _generate(
        self, stream: TextStream, request: Json, choice: ChatChoice | CompletionChoice, *, with_prompt: bool
    ) -> bool:
        """Generate a choice; returns False if the client stopped it."""
        self._check_size(request)
        server = self._loaded()
        if isinstance(request.get("prompt"), Gap):
            request = request | {"prompt": _tokenize_gap(server, request["prompt"])}
        if request["max_tokens"] == 0 and not self._limits.is_llama:
            raise InvalidFieldError("max_tokens", "the server of this model cannot count a prompt without generating")
        if request["max_tokens"] == 0:
            assert isinstance(choice, CompletionChoice)  # noqa: S101  a chat generates at least one token
            prompt = request["prompt"]
            tokens = len(server.tokenize(prompt) if isinstance(prompt, str) else prompt)
            self._check_length(tokens)
            stream.add(text_response.usage(tokens, 0), with_prompt=with_prompt)
            return not choice.finish()
        receiver = EventReceiver(choice.receive)
        try:
            if "prompt" in request:
                server.handle_completions(request, receiver.receive)
            elif self._limits.is_llama and (literal := complete_literally(server, request)):
                server.handle_completions(literal, lambda event: receiver.receive(to_chat_event(event)))
            else:
                server.handle_chat_completions(request, receiver.receive)
        except (ContextLengthError, InvalidFieldError):
            raise
        except (ValueError, RuntimeError) as error:  # the request, or the chat template, is invalid
            raise ValueError(str(error)) from None
        receiver.raise_error()
        if receiver.stopped and not choice.is_finished:
            return False
        stream.add(receiver.read_usage(), with_prompt=with_prompt)
        return True

    def _loaded(self) -> LlamaServer:
        if self._server is None:
            raise RuntimeError("the model is unloaded")
        return self._server

    def _check_size(self, request: Json) -> None:
        """llama.cpp takes half a minute to count a megabyte of special tokens, so it is not asked to."""
        self._loaded()
        size = text_request.prompt_bytes(request)
        if size > self._limits.context * _MAX_TOKEN_BYTES:
            raise ContextLengthError(size // _MAX_TOKEN_BYTES, self._limits.context, is_counted=False)

    def _check_length(self, tokens: int) -> None:
        if tokens >= self._limits.context:
            raise ContextLengthError(tokens, self._limits.context)


def _tokenize_gap(server: LlamaServer, gap: Gap) -> list[int]:
    prefix, suffix, middle = (server.tokenize(token) for token in gap.tokens)
    before, after = (server.tokenize(text, is_literal=True) for text in (gap.before, gap.after))
    return [*prefix, *before, *suffix, *after, *middle]


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
