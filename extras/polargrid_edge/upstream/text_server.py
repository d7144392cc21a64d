"""Text from an upstream server, in the place of llama.cpp in the process: the edge's own backend is in front of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from polargrid_edge.backends.request_error import ContextLengthError
from polargrid_edge.backends.text import TextBackend
from polargrid_edge.errors import EdgeError
from polargrid_edge.upstream.call import current_call
from polargrid_edge.upstream.dialects import Dialect, adapt_request
from polargrid_edge.upstream.events import EventNormalizer
from polargrid_edge.upstream.group import ModelGroup

Json = dict[str, Any]
OnEvent = Callable[[Json], bool]

UNKNOWN_CONTEXT: Final = 2**31 - 1
_UNKNOWN_VOCABULARY: Final = 2**31 - 1


def open_text_backend(
    model: str,
    group: ModelGroup,
    dialect: Dialect,
    *,
    context: int | None,
    vocabulary_size: int | None = None,
    max_output_tokens: int | None = None,
    reads_text_only: bool = False,
) -> TextBackend:
    """The backend of a model on upstream servers."""
    size = context or UNKNOWN_CONTEXT
    server = UpstreamTextServer(group, dialect, size, vocabulary_size or _UNKNOWN_VOCABULARY)
    return TextBackend(
        Path(model),
        context=size,
        max_output_tokens=max_output_tokens,
        open_server=lambda *_: server,
        tools=dialect.tools,
        is_llama=dialect.is_llama,
        reads_text_only=reads_text_only,
    )


class UpstreamTextServer:
    """The servers of a model. Requests and events are in the form of llama.cpp, see `LlamaServer`."""

    def __init__(self, group: ModelGroup, dialect: Dialect, context: int, vocabulary_size: int) -> None:
        self._group, self._dialect, self._context = group, dialect, context
        self.vocabulary_size = vocabulary_size

    def handle_chat_completions(self, request: Json, receive: OnEvent) -> None:
        self._stream("/v1/chat/completions", request, receive)

    def handle_completions(self, request: Json, receive: OnEvent) -> None:
        if request.get("stream") is False:
            receive(self._post("/v1/completions", request))
        else:
            self._stream("/v1/completions", request | {"stream": True}, receive)

    def _stream(self, path: str, request: Json, receive: OnEvent) -> None:
        adapted = adapt_request(request, self._dialect, self._context)
        try:
            self._send(path, adapted, request, receive)
        except EdgeError as error:
            # A limit that exceeds what is left of the context is an error to some servers: then there is none.
            if error.code != "context_length_exceeded" or "max_tokens" not in adapted or self._dialect.is_llama:
                raise _to_request_error(error) from None
            del adapted["max_tokens"]
            try:
                self._send(path, adapted, request, receive)
            except EdgeError as again:
                raise _to_request_error(again) from None

    def _send(self, path: str, adapted: Json, request: Json, receive: OnEvent) -> None:
        call = current_call.get()
        events = call.iterate(lambda: self._group.stream(path, adapted, call.headers))
        normalizer = EventNormalizer(self._group.name, request)
        try:
            for event in normalizer.normalize(events):
                if receive(event):
                    return
        finally:
            events.close()

    def tokenize(self, text: str, *, is_literal: bool = False) -> list[int]:
        body = {"content": text, "add_special": not is_literal, "parse_special": not is_literal}
        return cast("list[int]", self._post("/tokenize", body)["tokens"])

    def detokenize(self, tokens: Sequence[int]) -> str:
        return str(self._post("/detokenize", {"tokens": list(tokens)})["content"])

    def apply_template(self, request: Json) -> str:
        return str(self._post("/apply-template", request)["prompt"])

    def _post(self, path: str, body: Json) -> Json:
        call = current_call.get()
        return call.run(self._group.request(path, body, call.headers))


class _UpstreamContextError(ContextLengthError):
    """A prompt that is too long for the server, which says so in its own words."""

    def __init__(self, message: str) -> None:
        ValueError.__init__(self, message)


def _to_request_error(error: EdgeError) -> Exception:
    """The error of a request that the server rejects, which the service completes; others as they are."""
    if error.code == "context_length_exceeded":
        return _UpstreamContextError(error.message)
    if error.status == 400 and error.param is None:
        return ValueError(error.message)
    return error
