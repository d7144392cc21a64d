"""Builds the complete response, and events, from the chunks of a streamed text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol

from polargrid_runtime.merged_deltas import construct, item_type, join_deltas, merge_delta
from polargrid_runtime.response import EMPTY_META, ResponseMeta, attach_meta
from polargrid_runtime.text_events import (
    ChoiceEvent,
    Chunk,
    ChunkEvent,
    ContentDelta,
    ContentDone,
    Event,
    LogprobsContentDelta,
    LogprobsContentDone,
    LogprobsRefusalDelta,
    LogprobsRefusalDone,
    RefusalDelta,
    RefusalDone,
    Response,
    ToolCallDelta,
    ToolCallDone,
)
from polargrid_runtime.tool_call_deltas import ToolCall, ToolCallAccumulator


class StreamParser(Protocol):
    """Parses the texts and the tool calls of a stream."""

    def parse_partial_content(self, text: str) -> Any: ...

    def parse_partial_arguments(self, name: str, text: str) -> Any: ...

    def parse_content(self, text: str, meta: ResponseMeta) -> Any: ...

    def parse_arguments(self, name: str, text: str, meta: ResponseMeta) -> Any: ...

    def check_finish(self, finish_reason: str | None, build: Callable[[], Any]) -> None: ...

    def parse_response(self, response: Any, *, is_partial: bool = False, must_be_finished: bool = False) -> Any: ...


class TextAccumulator(Generic[Chunk, Response]):
    """Builds the response that the chunks of a stream amount to."""

    def __init__(self, response_type: type[Response], parser: StreamParser | None = None) -> None:
        self._response_type, self._parser = response_type, parser
        choice_type = item_type(response_type.model_fields["choices"].annotation)
        self._has_messages = "message" in choice_type.model_fields  # or texts, of a completion
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _ChoiceAccumulator] = {}
        self._meta = EMPTY_META

    def add(self, chunk: Chunk) -> Iterator[Event[Chunk]]:
        """Add a chunk and return its events. Raises InvalidCallError, or what the parser raises."""
        self._meta = chunk.meta
        fields = chunk.model_dump(exclude_unset=True, by_alias=True)
        choices = fields.pop("choices", None) or ()
        models = vars(chunk).get("choices") or ()
        merge_delta(self._fields, fields)
        deltas: list[tuple[_ChoiceAccumulator, list[ChoiceEvent]]] = []
        for position, (choice, model) in enumerate(zip(choices, models, strict=True)):
            index = position if choice.get("index") is None else choice["index"]
            if index not in self._choices:
                self._choices[index] = _ChoiceAccumulator(index, self._parser, has_message=self._has_messages)
            deltas.append((self._choices[index], self._choices[index].add(choice, vars(model).get("logprobs"))))
        if self._parser is not None:
            for accumulator, _ in deltas:
                self._parser.check_finish(accumulator.ended_with, self.build_snapshot)
        events: list[Event[Chunk]] = [ChunkEvent(chunk, self.build_snapshot)]
        for accumulator, choice_events in deltas:
            events += [*choice_events, *accumulator.complete(self._meta)]
        return iter(events)

    def finish(self) -> Iterator[ChoiceEvent]:
        """Yield an event for every text and call that is not complete yet, after the last chunk.

        Raises InvalidCallError, or what the parser raises.
        """
        for _, choice in sorted(self._choices.items()):
            yield from choice.complete(self._meta, is_end=True)

    def build_response(self, *, must_be_finished: bool = False) -> Response:
        """Return the response. A required field that no chunk had is None, like the usage of some servers.

        With a parser, raises what it raises, also for texts that end early if they must be finished.
        """
        response = self._build()
        if self._parser is None:
            return response
        return self._parser.parse_response(response, must_be_finished=must_be_finished)  # type: ignore[no-any-return]

    def build_snapshot(self) -> Response:
        """Return the response that the chunks so far amount to."""
        response = self._build()
        if self._parser is None:
            return response
        return self._parser.parse_response(response, is_partial=True)  # type: ignore[no-any-return]

    def _build(self) -> Response:
        fields = join_deltas(self._fields)
        if "object" in fields:
            fields["object"] = str(fields["object"]).removesuffix(".chunk")
        fields["choices"] = [choice.build() for _, choice in sorted(self._choices.items())]
        response: Response = construct(self._response_type, fields)
        attach_meta(response, self._meta)
        return response


class _ChoiceAccumulator:
    def __init__(self, index: int, parser: StreamParser | None, *, has_message: bool) -> None:
        self.index, self.has_message, self._parser = index, has_message, parser
        self.fields: dict[str, Any] = {}
        self.message: dict[str, Any] = {}
        self.deltas: list[str] = []
        self.calls = ToolCallAccumulator()
        self.ended_with: str | None = None  # the finish reason in the last chunk
        self._tokens: dict[str, list[Any]] = {"content": [], "refusal": []}
        self._current: ToolCall | None = None  # the call of the last delta
        self._has_next_call = False  # in the last chunk
        self._reported: dict[Any, int] = {}  # the length of each complete text or call that was reported

    def add(self, choice: dict[str, Any], logprobs: Any) -> list[ChoiceEvent]:
        delta = choice.pop("delta", None) or choice.pop("message", None) or {}  # some servers send it in one chunk
        text = delta.pop("content", None)
        text = choice.pop("text", None) if text is None else text
        calls = delta.pop("tool_calls", None) or ()
        self.ended_with, self._has_next_call = choice.get("finish_reason"), False
        merge_delta(self.fields, choice)
        merge_delta(self.message, delta)
        events: list[ChoiceEvent] = []
        if isinstance(text, str):
            self.deltas.append(text)
            parse = self._parser.parse_partial_content if self._parser else None
            events.append(ContentDelta(text, self.index, self.deltas, len(self.deltas), parse))
        if isinstance(refusal := delta.get("refusal"), str):
            parts = self.message["refusal"]
            events.append(RefusalDelta(refusal, self.index, parts, len(parts)))
        events += [self._add_call(item) for item in calls]
        return events + self._add_tokens(logprobs)

    def _add_call(self, delta: dict[str, Any]) -> ToolCallDelta:
        call = self.calls.add(delta)
        self._has_next_call = self._has_next_call or call is not self._current
        self._current = call
        parse = self._parser.parse_partial_arguments if self._parser else None
        return ToolCallDelta(call.name, call.deltas[-1], call.index, call.deltas, len(call.deltas), parse)

    def _add_tokens(self, logprobs: Any) -> list[ChoiceEvent]:
        events: list[ChoiceEvent] = []
        kinds = {"content": LogprobsContentDelta, "refusal": LogprobsRefusalDelta}
        for name, tokens in self._tokens.items():
            added = getattr(logprobs, name, None)  # of a completion, it is a dict
            if isinstance(added, list) and added:
                start = len(tokens)
                tokens.extend(added)
                events.append(kinds[name](self.index, tokens, start, len(tokens)))
        return events

    def complete(self, meta: ResponseMeta, *, is_end: bool = False) -> Iterator[ChoiceEvent]:
        """Yield the events of what is complete: all at a finish reason, or what comes before the next tool call.

        A text that grows after its end, as some servers send it, is reported again at the end of the stream.
        """
        is_over = is_end or bool(self.ended_with)
        if is_over:
            self.calls.check(is_finished=bool(self.fields.get("finish_reason")))
        if is_over or self._has_next_call:
            yield from self._complete_texts(meta)
            for call in self.calls:
                if (is_over or (call is not self._current and call.is_closed)) and self._is_new(call, call.arguments):
                    name, text = call.name, call.arguments
                    parsed = self._parser and self._parser.parse_arguments(name, text, meta)
                    yield ToolCallDone(name, text, call.index, parsed)

    def _complete_texts(self, meta: ResponseMeta) -> Iterator[ChoiceEvent]:
        text, parts = "".join(self.deltas), self.message.get("refusal")
        refusal = None if parts is None else "".join(parts)
        if text and self._is_new("content", text):
            parses = self._parser is not None and not refusal
            yield ContentDone(text, self.index, self._parser.parse_content(text, meta) if parses else None)  # type: ignore[union-attr]
        if refusal is not None and self._is_new("refusal", refusal):
            yield RefusalDone(refusal, self.index)
        tokens, refused = self._tokens["content"], self._tokens["refusal"]
        if tokens and self._is_new("tokens", tokens):
            yield LogprobsContentDone([*tokens], self.index)
        if refused and self._is_new("refused", refused):
            yield LogprobsRefusalDone([*refused], self.index)

    def _is_new(self, key: Any, text: Sequence[Any]) -> bool:
        is_new = self._reported.get(key) != len(text)
        self._reported[key] = len(text)
        return is_new

    def build(self) -> dict[str, Any]:
        """Return the choice in the form of a response that is not streamed."""
        text, fields = "".join(self.deltas), {**join_deltas(self.fields), "index": self.index}
        if not self.has_message:
            return {**fields, "text": text}
        message = {"role": "assistant", **join_deltas(self.message), "content": text}
        if calls := [call.build() for call in self.calls]:
            message.update(content=text or None, tool_calls=calls)
        return {**fields, "message": message}
