"""Tool calls of a response or a stream: unusual ones, and deltas that fit no call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from polargrid_testing.faults.answers import DONE, change_json, is_event_stream, render_json_event, replace_pieces
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer, render_event

Deltas: TypeAlias = list[dict[str, Any]]
Problem: TypeAlias = Literal[
    "new-id", "interleaved", "no-ids", "same-function", "brackets", "two-objects", "bracket-too-many", "second-object",
    "other-name", "no-name", "cut-off", "max-tokens", "no-arguments",
]  # fmt: skip


def _call(arguments: str | None = None, name: str | None = None, **fields: Any) -> dict[str, Any]:
    function = {key: value for key, value in {"name": name, "arguments": arguments}.items() if value is not None}
    return {**fields, "function": function}


_BRACKETS = json.dumps({"code": '}{"\\', "a": [{"b": "}"}, "{"]})
_FIRST = _call('{"q":1}', "f", index=0, id="a")
_DELTAS: dict[str, Deltas] = {
    "new-id": [_FIRST, _call('{"q":2}', "g", index=0, id="b")],
    "interleaved": [
        *(_call('{"q"', "f", index=0, id="a"), _call('{"q"', "g", index=1, id="b")),
        *(_call(":1}", "f", index=0, id="a"), _call(":2}", "g", index=1, id="b")),
    ],
    "no-ids": [_call('{"q":1}', "f"), _call('{"q":', "g"), _call("2}")],
    "same-function": [_call('{"q":1}', "f", index=0), _call('{"q":2}', "f", index=0)],
    "brackets": [_call("", "f", index=0, id="a"), *(_call(part, index=0) for part in _BRACKETS)],
    "two-objects": [_call('{"q":1', "f", index=0, id="a"), _call('}{"q":2}', index=0)],
    "bracket-too-many": [_call('{"q":1}}', "f", index=0, id="a")],
    "second-object": [_FIRST, _call('{"q":2}', index=0)],
    "other-name": [_call('{"q"', "f", index=0, id="a"), _call(":1}", "g", index=0, id="a")],
    "no-name": [_call("{}", index=0, id="a")],
    "cut-off": [_call('{"q": "', "f", index=0, id="a")],
    "max-tokens": [_call('{"q": "', "f", index=0, id="a")],
    "no-arguments": [_call(None, "f", index=0, id="a")],
}
_REASONS = {"cut-off": None, "max-tokens": "length"}


@fault("stream-tool-calls", phase="response")
def stream_tool_calls(answer: Answer, *, problem: Problem = "second-object") -> Answer | None:
    """A stream of a chat holds tool calls whose deltas are unusual, fit no call, or are cut off."""
    if not is_event_stream(answer):
        return None
    return replace_pieces(answer, _iter_events(_DELTAS[problem], _REASONS.get(problem, "tool_calls")))


def _iter_events(deltas: Deltas, reason: str | None) -> Iterator[bytes]:
    for delta in deltas:
        yield render_json_event({"choices": [{"index": 0, "delta": {"tool_calls": [delta]}, "finish_reason": None}]})
    yield render_json_event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    yield render_event(DONE)


@fault("tool-call", phase="response")
def change_tool_call(
    answer: Answer, *, problem: Literal["missing", "null", "object", "no-function"] = "missing"
) -> Answer | None:
    """The message of a chat holds a tool call without id, type and arguments, or whose arguments are no text."""
    calls: dict[str, dict[str, Any]] = {
        "missing": {"function": {"name": "f"}},
        "null": {"id": None, "type": None, "function": {"name": "f", "arguments": None}},
        "object": {"id": 7, "function": {"name": "f", "arguments": {"a": 1}}},
        "no-function": {},
    }
    message: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [calls[problem]]}
    choice: dict[str, Any] = {"index": 0, "finish_reason": "tool_calls", "message": message}
    return None if is_event_stream(answer) else change_json(answer, lambda data, _: {**data, "choices": [choice]})
