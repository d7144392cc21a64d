"""Text from upstream servers, on the event loop of the edge, with the edge's own choices, tools, limits and usage."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from polargrid_edge.backends.request_error import ContextLengthError
from polargrid_edge.backends.server_calls import ApplyTemplate, Calls, Detokenize, Generate, ServerCall, Tokenize
from polargrid_edge.backends.text_calls import TextCalls
from polargrid_edge.backends.text_request import TextLimits
from polargrid_edge.errors import EdgeError
from polargrid_edge.long_work import Run, run_here
from polargrid_edge.upstream.dialects import Dialect, adapt_request
from polargrid_edge.upstream.events import EventNormalizer
from polargrid_edge.upstream.group import encode

if TYPE_CHECKING:
    from polargrid_edge.backends.text_response import OnChunk
    from polargrid_edge.upstream.group import ModelGroup

Json = dict[str, Any]
OpenCalls = Callable[["OnChunk"], Calls[None]]
"""`TextCalls.chat` or `TextCalls.complete` of a body."""

_UNKNOWN_CONTEXT: Final = 2**31 - 1
_UNKNOWN_VOCABULARY: Final = 2**31 - 1


class UpstreamText:
    """The servers of a model for text. Use it on the event loop of the edge."""

    def __init__(
        self,
        model: str,
        group: ModelGroup,
        dialect: Dialect,
        *,
        context: int | None,
        vocabulary_size: int | None = None,
        max_output_tokens: int | None = None,
        reads_text_only: bool = False,
    ) -> None:
        self._group, self._dialect, self._context = group, dialect, context or _UNKNOWN_CONTEXT
        limits = TextLimits(
            self._context,
            vocabulary_size or _UNKNOWN_VOCABULARY,
            max_output_tokens,
            tools=dialect.tools,
            is_llama=dialect.is_llama,
        )
        self.calls = TextCalls(model, limits, reads_text_only=reads_text_only)

    def iter_chunks(
        self, open_calls: OpenCalls, headers: dict[str, str], run: Run = run_here
    ) -> AsyncGenerator[list[Json]]:
        """Iterate over the chunks of a text; those that arrive together are one list. Raises as `TextCalls` does.

        `headers` are those of the requests to servers; `run` runs what takes long for a long body. Closing the iterator
        ends the requests.
        """
        asker = _Asker(self._group, self._dialect, self._context, headers, run)
        return asker.iter_chunks(open_calls)


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks the servers what one request to the edge needs of them."""

    group: ModelGroup
    dialect: Dialect
    context: int
    headers: dict[str, str]
    run: Run

    async def iter_chunks(self, open_calls: OpenCalls) -> AsyncGenerator[list[Json]]:
        chunks: list[Json] = []

        def add(chunk: Json) -> bool:
            chunks.append(chunk)
            return False

        calls = open_calls(add)
        step = partial(_send, calls, None)
        try:
            while (call := await self.run(step)) is not None:
                if chunks:
                    yield chunks
                    chunks = []
                try:
                    result: Any = None
                    if isinstance(call, Generate):
                        async with aclosing(self.generate(call)) as steps:
                            async for _ in steps:
                                if chunks:
                                    yield chunks
                                    chunks = []
                    else:
                        result = await self.ask(call)
                except Exception as error:  # noqa: BLE001  who made the call decides what it means
                    step = partial(_throw, calls, error)
                else:
                    step = partial(_send, calls, result)
            if chunks:
                yield chunks
        finally:
            calls.close()

    async def generate(self, call: Generate) -> AsyncGenerator[None]:
        """Let the call receive the events of its text; a step for those that arrive together."""
        adapted = adapt_request(call.request, self.dialect, self.context)
        path = "/v1/completions" if call.has_prompt else "/v1/chat/completions"
        if call.request.get("stream") is False:
            call.receive(await self._post(path, adapted))
            return
        adapted |= {"stream": True}
        is_received = False
        while True:
            try:
                async with aclosing(self._receive(path, adapted, call)) as steps:
                    async for _ in steps:
                        is_received = True
                        yield
                return
            except EdgeError as error:
                # A limit that exceeds what is left of the context is an error to some servers: then there is none.
                is_limit = error.code == "context_length_exceeded" and "max_tokens" in adapted
                if is_received or not is_limit or self.dialect.is_llama:
                    raise _to_request_error(error) from None
                del adapted["max_tokens"]

    async def _receive(self, path: str, adapted: Json, call: Generate) -> AsyncGenerator[None]:
        normalizer = EventNormalizer(self.group.name, call.request)
        content = await self.run(partial(encode, adapted))
        async with aclosing(self.group.stream(path, content, self.headers)) as batches:
            async for events in batches:
                for event in events:
                    normal = normalizer.normalize(event)
                    if normal is not None and call.receive(normal):
                        return
                yield
        call.receive(await self.run(normalizer.end))

    async def ask(self, call: ServerCall) -> Any:
        """The result of a call that generates nothing."""
        match call:
            case Tokenize(text, is_literal):
                body: Json = {"content": text, "add_special": not is_literal, "parse_special": not is_literal}
                return (await self._post("/tokenize", body))["tokens"]
            case Detokenize(tokens):
                return str((await self._post("/detokenize", {"tokens": list(tokens)}))["content"])
            case ApplyTemplate(request):
                return str((await self._post("/apply-template", request))["prompt"])

    async def _post(self, path: str, body: Json) -> Json:
        return await self.group.request(path, body, self.headers, run=self.run)


def _send(calls: Calls[None], result: Any) -> ServerCall | None:
    """The next call after a result; None after the last one."""
    try:
        return calls.send(result)
    except StopIteration:
        return None


def _throw(calls: Calls[None], error: Exception) -> ServerCall | None:
    try:
        return calls.throw(error)
    except StopIteration:
        return None


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
