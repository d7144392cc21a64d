"""The text of a request, for any server of llama.cpp's API: the loop over choices, the exact usage, tool calls, and the
log probabilities of a prompt.

Requests and chunks have OpenAI's shapes. llama.cpp applies the chat template, samples, stops, follows a grammar and
buffers incomplete characters. Pure: the server is called by who runs the generators.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any, Final, Literal

from polargrid_edge.backends import text_request, text_response
from polargrid_edge.backends.completion_prompt import Gap, Prompt
from polargrid_edge.backends.literal_messages import complete_literally, to_chat_event
from polargrid_edge.backends.llama_events import EventReceiver
from polargrid_edge.backends.messages import convert_messages
from polargrid_edge.backends.prompt_logprobs import read_token_logprobs
from polargrid_edge.backends.request_error import ContextLengthError, InvalidFieldError, UnloadedError
from polargrid_edge.backends.server_calls import Calls, Generate, detokenize, tokenize
from polargrid_edge.backends.text_request import TextLimits
from polargrid_edge.backends.text_response import ChatChoice, CompletionChoice, OnChunk
from polargrid_edge.backends.text_stream import ChoiceSender, PromptEcho, TextStream
from polargrid_edge.backends.tool_plan import Json, plan_tools
from polargrid_edge.backends.tool_results import end_repetition

_Kind = Literal["chat.completion.chunk", "text_completion"]

# Only runs of white space have longer tokens.
_MAX_TOKEN_BYTES: Final = 64


class TextCalls:
    """The calls for texts of one model.

    They raise `ContextLengthError` or another `ValueError` for a request that cannot be served. `repeats_calls` is for
    a model that does not find the end of its tool calls, see `tool_results`; `fingerprint` names the configuration in
    the responses. A server that does not read text only gets images and recordings as they are.
    """

    def __init__(
        self,
        name: str,
        limits: TextLimits,
        *,
        repeats_calls: bool = False,
        fingerprint: str | None = None,
        reads_text_only: bool = True,
    ) -> None:
        self._name = name
        self._limits = limits
        self._repeats_calls = repeats_calls
        self._fingerprint = fingerprint
        self._reads_text_only = reads_text_only

    def chat(self, body: Mapping[str, Any], on_chunk: OnChunk) -> Calls[None]:
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
            if not (yield from self._generate(stream, request, choice, with_prompt=index == 0)):
                return
        stream.finish()

    def complete(self, body: Mapping[str, Any], on_chunk: OnChunk) -> Calls[None]:
        """Call `on_chunk` with each `text_completion` chunk; choice `i` of prompt `p` has index `p * n + i`."""
        stream = self._open_stream("text_completion", body, on_chunk)
        choices = text_request.number_of_choices(body)
        for number, (prompt, requests) in enumerate(text_request.completion_requests(body, self._limits)):
            best = ChoiceSender(number * choices, choices, stream.send, buffers=len(requests) > choices)
            echo = yield from self._read_echo(prompt, requests[0], body)
            for index, request in enumerate(requests):
                choice = CompletionChoice(best.index(index), best.send, alternatives=body.get("logprobs"))
                if echo is not None and (yield from echo.send(choice)):
                    return
                if not (yield from self._generate(stream, request, choice, with_prompt=index == 0)):
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

    def _read_echo(self, prompt: Prompt, request: Json, body: Mapping[str, Any]) -> Calls[PromptEcho | None]:
        """What comes before the generated text: the prompt, and its tokens with their log probabilities."""
        if not body.get("echo"):
            return None
        self._check_size(request)
        alternatives = body.get("logprobs")
        if not self._limits.is_llama and (alternatives is not None or not isinstance(prompt, str)):
            message = "the server of this model echoes texts only, without logprobs; omit logprobs or echo"
            raise InvalidFieldError("echo", message)
        text = prompt if isinstance(prompt, str) else (yield from detokenize(prompt))
        tokens: list[int] = []
        if self._limits.is_llama:
            tokens = (yield from tokenize(prompt)) if isinstance(prompt, str) else prompt
            self._check_length(len(tokens))  # before a part of the prompt is sent

        def read_entry(index: int) -> Calls[Json]:
            return read_token_logprobs(tokens, index, alternatives or 0, self._limits.vocabulary_size)

        return PromptEcho(text, () if alternatives is None else tokens, read_entry)

    def _generate(
        self, stream: TextStream, request: Json, choice: ChatChoice | CompletionChoice, *, with_prompt: bool
    ) -> Calls[bool]:
        """Generate a choice; returns False if the client stopped it."""
        self._check_size(request)
        if isinstance(request.get("prompt"), Gap):
            request = request | {"prompt": (yield from _tokenize_gap(request["prompt"]))}
        if request["max_tokens"] == 0 and not self._limits.is_llama:
            raise InvalidFieldError("max_tokens", "the server of this model cannot count a prompt without generating")
        if request["max_tokens"] == 0:
            assert isinstance(choice, CompletionChoice)  # noqa: S101  a chat generates at least one token
            prompt = request["prompt"]
            tokens = len((yield from tokenize(prompt)) if isinstance(prompt, str) else prompt)
            self._check_length(tokens)
            stream.add(text_response.usage(tokens, 0), with_prompt=with_prompt)
            return not choice.finish()
        receiver = EventReceiver(choice.receive)
        try:
            if (
                "prompt" not in request
                and self._limits.is_llama
                and (literal := (yield from complete_literally(request)))
            ):
                yield Generate(literal, lambda event: receiver.receive(to_chat_event(event)))
            else:
                yield Generate(request, receiver.receive)
        except (ContextLengthError, InvalidFieldError, UnloadedError):
            raise
        except (ValueError, RuntimeError) as error:  # the request, or the chat template, is invalid
            raise ValueError(str(error)) from None
        receiver.raise_error()
        if receiver.stopped and not choice.is_finished:
            return False
        stream.add(receiver.read_usage(), with_prompt=with_prompt)
        return True

    def _check_size(self, request: Json) -> None:
        """llama.cpp takes half a minute to count a megabyte of special tokens, so it is not asked to."""
        size = text_request.prompt_bytes(request)
        if size > self._limits.context * _MAX_TOKEN_BYTES:
            raise ContextLengthError(size // _MAX_TOKEN_BYTES, self._limits.context, is_counted=False)

    def _check_length(self, tokens: int) -> None:
        if tokens >= self._limits.context:
            raise ContextLengthError(tokens, self._limits.context)


def _tokenize_gap(gap: Gap) -> Calls[list[int]]:
    tokens: list[int] = []
    prefix, suffix, middle = gap.tokens
    for text, is_literal in ((prefix, False), (gap.before, True), (suffix, False), (gap.after, True), (middle, False)):
        tokens += yield from tokenize(text, is_literal=is_literal)
    return tokens


def _common_fields(kind: _Kind, model: str) -> Json:
    """The fields that all chunks of a response share."""
    prefix = "cmpl" if kind == "text_completion" else "chatcmpl"
    return {
        "id": f"{prefix}-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }
