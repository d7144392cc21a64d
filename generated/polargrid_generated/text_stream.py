# Made from openapi.yaml by `make generate`; change that, not this.
"""A streamed text with what it comes to: events as they come, and in the end the answer as if it had not been streamed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar, get_args

from pydantic import BaseModel

from polargrid_generated.answers import Answer, AsyncStream, Meta, Stream

Chunk = TypeVar("Chunk", bound=Answer)
Whole = TypeVar("Whole", bound=Answer)


@dataclass(frozen=True, slots=True)
class ChunkEvent(Generic[Chunk]):
    """A chunk came."""

    chunk: Chunk
    type: Literal["chunk"] = "chunk"


@dataclass(frozen=True, slots=True)
class ContentDelta:
    """A piece of text came."""

    delta: str
    index: int
    """Which answer, from 0."""
    _pieces: list[str] = field(repr=False)
    _count: int = field(repr=False)
    type: Literal["content.delta"] = "content.delta"

    @property
    def snapshot(self) -> str:
        """The text so far."""
        return "".join(self._pieces[: self._count])


@dataclass(frozen=True, slots=True)
class ContentDone:
    """The text of an answer is complete."""

    content: str
    index: int
    type: Literal["content.done"] = "content.done"


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a call's arguments came."""

    name: str
    arguments: str
    """The JSON text so far."""
    arguments_delta: str
    index: int
    """Which call, from 0."""
    type: Literal["tool_calls.function.arguments.delta"] = "tool_calls.function.arguments.delta"


@dataclass(frozen=True, slots=True)
class ToolCallDone:
    """A call is complete."""

    name: str
    arguments: str
    index: int
    type: Literal["tool_calls.function.arguments.done"] = "tool_calls.function.arguments.done"


Event = ChunkEvent[Chunk] | ContentDelta | ContentDone | ToolCallDelta | ToolCallDone


class _Choice:
    """One answer, as far as it came."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.is_message = False  # and not the text of a completion
        self.fields: dict[str, Any] = {}
        self.delta: dict[str, Any] = {}
        self.pieces: list[str] = []
        self.calls: dict[int, dict[str, Any]] = {}

    def add(self, choice: dict[str, Any]) -> Iterator[ContentDelta | ToolCallDelta]:
        """Put in what a chunk adds."""
        delta = choice.pop("delta", None)
        self.is_message = self.is_message or delta is not None
        text = choice.pop("text", None) if delta is None else delta.pop("content", None)
        calls = (delta or {}).pop("tool_calls", None) or ()
        _merge(self.fields, choice)
        _merge(self.delta, delta or {})
        if text:
            self.pieces.append(text)
            yield ContentDelta(text, self.index, self.pieces, len(self.pieces))
        for piece in calls:
            call = self.calls.setdefault(piece["index"], {})
            _merge(call, piece)
            arguments = (piece.get("function") or {}).get("arguments") or ""
            yield ToolCallDelta(*_called(call), arguments, piece["index"])

    def done(self) -> Iterator[ContentDone | ToolCallDone]:
        """What is complete now."""
        if self.pieces:
            yield ContentDone("".join(self.pieces), self.index)
        for index, call in sorted(self.calls.items()):
            yield ToolCallDone(*_called(call), index)

    def whole(self) -> dict[str, Any]:
        """It as an answer that was not streamed has it."""
        text = "".join(self.pieces)
        if not self.is_message:
            return {**self.fields, "text": text}
        message = {"role": "assistant", **self.delta, "content": text}
        if self.calls:
            message["content"] = text or None
            message["tool_calls"] = [_whole_call(call) for _, call in sorted(self.calls.items())]
        return {**self.fields, "message": message}


def _called(call: dict[str, Any]) -> tuple[str, str]:
    """The name of a call's function, and the arguments as far as they came."""
    function = call.get("function") or {}
    return function.get("name") or "", function.get("arguments") or ""


def _whole_call(call: dict[str, Any]) -> dict[str, Any]:
    name, arguments = _called(call)
    function = {**(call.get("function") or {}), "name": name, "arguments": arguments}
    fields = {field: value for field, value in call.items() if field != "index"}
    return {**fields, "type": call.get("type") or "function", "function": function}


_TEXTS = frozenset({"arguments", "refusal", "reasoning_content", "reasoning"})  # they come in pieces


def _merge(into: dict[str, Any], piece: dict[str, Any]) -> None:
    """What a piece adds: texts and lists grow, anything else is as it was said last."""
    for name, value in piece.items():
        there = into.get(name)
        if isinstance(there, dict) and isinstance(value, dict):
            _merge(there, value)
        elif isinstance(there, list) and isinstance(value, list):
            there.extend(value)
        elif name in _TEXTS and isinstance(there, str) and isinstance(value, str):
            into[name] = there + value
        elif value not in (None, "") or name not in into:
            into[name] = value


class Assembly(Generic[Chunk, Whole]):
    """Chunks -> the answer that they come to."""

    def __init__(self, kind: type[Whole]) -> None:
        self._kind = kind
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}
        self._meta = Meta()

    def add(self, chunk: Chunk) -> Iterator[Event[Chunk]]:
        """Put in a chunk; what it brought."""
        self._meta = chunk.meta
        fields = chunk.model_dump(exclude_unset=True, by_alias=True)
        choices = fields.pop("choices", None) or ()
        _merge(self._fields, fields)
        yield ChunkEvent(chunk)
        for choice in choices:
            index = choice.get("index", 0)
            yield from self._choices.setdefault(index, _Choice(index)).add(choice)

    def end(self) -> Iterator[ContentDone | ToolCallDone]:
        """The last chunk was put in; what is complete now."""
        for _, choice in sorted(self._choices.items()):
            yield from choice.done()

    def answer(self) -> Whole:
        """The answer. What no chunk told is None: the usage, where the edge does not count."""
        fields = {**self._fields, "object": str(self._fields.get("object", "")).removesuffix(".chunk")}
        fields["choices"] = [choice.whole() for _, choice in sorted(self._choices.items())]
        answer: Whole = _made(self._kind, fields)
        object.__setattr__(answer, "_meta", self._meta)
        return answer


def _made(form: Any, value: Any) -> Any:
    """A value as its type. The chunks were checked; what none of them told is None, whatever the type demands."""
    kinds = [form, *get_args(form)]
    if isinstance(value, list):
        inner = next((get_args(kind)[0] for kind in kinds if getattr(kind, "__origin__", None) is list), None)
        return [_made(inner, item) for item in value]
    kind = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    if kind is None or not isinstance(value, dict):
        return value
    untold = {name: None for name, field in kind.model_fields.items() if field.is_required() and name not in value}
    types = {name: field.annotation for name, field in kind.model_fields.items()}
    return kind.model_construct({*value}, **untold, **{name: _made(types.get(name), value[name]) for name in value})


class AsyncTextStream(Generic[Chunk, Whole]):
    """A streamed text: iterate it for events, `text_stream` for the text alone; then `final` is the whole answer.

    Use it with `async with`: leaving early closes the connection.
    """

    def __init__(self, stream: AsyncStream[Chunk], kind: type[Whole]) -> None:
        self._stream = stream
        self._assembly: Assembly[Chunk, Whole] = Assembly(kind)
        self._is_over = False
        self._failure: Exception | None = None
        self._events = self._read()

    async def _read(self) -> AsyncGenerator[Event[Chunk], None]:
        try:
            async for chunk in self._stream:
                for event in self._assembly.add(chunk):
                    yield event
        except Exception as failure:
            self._failure = failure
            raise
        self._is_over = True
        for done in self._assembly.end():
            yield done

    @property
    def events(self) -> AsyncIterator[Event[Chunk]]:
        """What comes, as it comes: chunks, pieces of text and of calls, and what is complete."""
        return self._events

    @property
    async def text_stream(self) -> AsyncIterator[str]:
        """The text of the first answer, in pieces as it comes."""
        async for event in self._events:
            if isinstance(event, ContentDelta) and event.index == 0:
                yield event.delta

    @property
    def final(self) -> Whole:
        """The whole answer: text, calls, usage, finish reason; once the stream was read to its end."""
        if not self._is_over and self._failure is None:
            raise RuntimeError("the stream is not over: read it to its end, or await get_final_completion()")
        return self._whole()

    async def until_done(self) -> Self:
        """Read what is left of the stream."""
        async for _ in self._events:
            pass
        return self

    async def get_final_completion(self) -> Whole:
        """The whole answer, when what is left of the stream was read. Raises what ends the stream before its end."""
        await self.until_done()
        return self._whole()

    def _whole(self) -> Whole:
        if self._failure is not None:
            raise self._failure
        if not self._is_over:
            raise RuntimeError("the stream was left before its end: there is no whole answer")
        return self._assembly.answer()

    @property
    def meta(self) -> Meta:
        """How the call went; empty before the first chunk."""
        return self._stream.meta

    def __aiter__(self) -> AsyncIterator[Event[Chunk]]:
        return self._events

    async def __anext__(self) -> Event[Chunk]:
        return await anext(self._events)

    async def aclose(self) -> None:
        """Close the connection; the stream is over."""
        await self._events.aclose()
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class TextStream(Generic[Chunk, Whole]):
    """A streamed text: iterate it for events, `text_stream` for the text alone; then `final` is the whole answer.

    Use it with `with`: leaving early closes the connection.
    """

    def __init__(self, stream: Stream[Chunk], kind: type[Whole]) -> None:
        self._stream = stream
        self._assembly: Assembly[Chunk, Whole] = Assembly(kind)
        self._is_over = False
        self._failure: Exception | None = None
        self._events = self._read()

    def _read(self) -> Generator[Event[Chunk], None, None]:
        try:
            for chunk in self._stream:
                for event in self._assembly.add(chunk):
                    yield event
        except Exception as failure:
            self._failure = failure
            raise
        self._is_over = True
        for done in self._assembly.end():
            yield done

    @property
    def events(self) -> Iterator[Event[Chunk]]:
        """What comes, as it comes: chunks, pieces of text and of calls, and what is complete."""
        return self._events

    @property
    def text_stream(self) -> Iterator[str]:
        """The text of the first answer, in pieces as it comes."""
        for event in self._events:
            if isinstance(event, ContentDelta) and event.index == 0:
                yield event.delta

    @property
    def final(self) -> Whole:
        """The whole answer: text, calls, usage, finish reason. What is left of the stream is read first."""
        return self.get_final_completion()

    def until_done(self) -> Self:
        """Read what is left of the stream."""
        for _ in self._events:
            pass
        return self

    def get_final_completion(self) -> Whole:
        """The whole answer, when what is left of the stream was read. Raises what ends the stream before its end."""
        self.until_done()
        return self._whole()

    def _whole(self) -> Whole:
        if self._failure is not None:
            raise self._failure
        if not self._is_over:
            raise RuntimeError("the stream was left before its end: there is no whole answer")
        return self._assembly.answer()

    @property
    def meta(self) -> Meta:
        """How the call went; empty before the first chunk."""
        return self._stream.meta

    def __iter__(self) -> Iterator[Event[Chunk]]:
        return self._events

    def __next__(self) -> Event[Chunk]:
        return next(self._events)

    def close(self) -> None:
        """Close the connection; the stream is over."""
        self._events.close()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
