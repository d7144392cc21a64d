"""Tool calls of a streamed message: from deltas to calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_JSON_TOKEN = re.compile(r'["\\{}\[\]]')


class InvalidCallError(ValueError):
    """The deltas of tool calls cannot be put together."""


class IncompleteCallError(InvalidCallError):
    """The stream ended before the arguments of a tool call did."""


class ToolCall:
    """A tool call whose deltas arrive."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.id = self.name = ""
        self.deltas: list[str] = []  # of the arguments
        self.fields: dict[str, Any] = {}
        self.function: dict[str, Any] = {}
        self._depth = self._skipped = 0
        self._is_in_string = False
        self.is_closed = False  # the arguments are a complete object

    def accepts(self, name: str, arguments: str) -> bool:
        """Whether a delta can belong to this call: it has no other name, and does not start a second object."""
        return name in ("", self.name or name) and not (self.is_closed and arguments.lstrip().startswith("{"))

    def add(self, delta: dict[str, Any]) -> None:
        function = delta.get("function") or {}
        self.id = self.id or delta.get("id") or ""
        self.name = self.name or function.get("name") or ""
        self.deltas.append(function.get("arguments") or "")
        for target, source in ((self.fields, delta), (self.function, function)):
            target.update({key: value for key, value in source.items() if value not in (None, "") or key not in target})
        self._scan(self.deltas[-1])

    def _scan(self, text: str) -> None:
        """Follow the brackets of the arguments: each character is read once, not once a delta."""
        start = self._skipped  # after a backslash at the end of the last delta
        for token in _JSON_TOKEN.finditer(text):
            if token.start() < start:
                continue
            character = token[0]
            if self._is_in_string:
                self._is_in_string = character != '"'
                start = token.end() + 1 if character == "\\" else start
            elif character == '"':
                self._is_in_string = True
            elif character != "\\":
                if self.is_closed and character in "{[":
                    raise InvalidCallError(f"tool call {self.index} ({self.name}) has arguments of two calls")
                self._depth += 1 if character in "{[" else -1
                self.is_closed = self._depth == 0
        self._skipped = max(start - len(text), 0)

    @property
    def is_open(self) -> bool:
        """Whether the arguments end inside an object, a list or a string."""
        return self._depth > 0 or self._is_in_string

    @property
    def arguments(self) -> str:
        return "".join(self.deltas)

    def build(self) -> dict[str, Any]:
        """Return the call in the form of a response that is not streamed."""
        fields = {name: value for name, value in self.fields.items() if name != "index"}
        function = {**self.function, "name": self.name, "arguments": self.arguments}
        return {**fields, "type": fields.get("type") or "function", "function": function}


class ToolCallAccumulator:
    """Finds the call of each delta: by its id, or else its index; with neither it continues the last call.

    Some servers repeat an index for another call, or leave out the index or the id.
    """

    def __init__(self) -> None:
        self._calls: list[ToolCall] = []
        self._by_id: dict[str, ToolCall] = {}
        self._by_index: dict[int, ToolCall] = {}  # the last one with each
        self._next_index = 0

    def __iter__(self) -> Iterator[ToolCall]:
        return iter(sorted(self._calls, key=lambda call: call.index))

    def add(self, delta: dict[str, Any]) -> ToolCall:
        """Add a delta and return its call. Raises InvalidCallError if it fits none."""
        function = delta.get("function") or {}
        key, name, arguments = delta.get("id"), function.get("name") or "", function.get("arguments") or ""
        call = self._find(key, delta.get("index"))
        if call is not None and not call.accepts(name, arguments):
            if not call.is_closed or not (name or key) or (key and key == call.id):
                raise InvalidCallError(f"a delta does not continue tool call {call.index} ({call.name or 'no name'})")
            call = None
        if call is None:
            call = self._open(delta.get("index"))
        call.add(delta)
        if call.id:
            self._by_id[call.id] = call
        return call

    def _find(self, key: str | None, index: int | None) -> ToolCall | None:
        if key and key in self._by_id:
            return self._by_id[key]
        call = self._by_index.get(index) if index is not None else None
        if key:  # new: of a call that had none until now, or of a new call
            return call if call is not None and not call.id else None
        return call if index is not None or not self._calls else self._calls[-1]

    def _open(self, index: int | None) -> ToolCall:
        call = ToolCall(self._next_index if index is None or index in self._by_index else index)
        self._next_index = max(self._next_index, call.index + 1)
        self._calls.append(call)
        self._by_index[call.index] = call
        if index is not None:
            self._by_index[index] = call
        return call

    def check(self, *, is_finished: bool) -> None:
        """Raise InvalidCallError for a call without a name, or one that is cut off and has no finish_reason."""
        for call in self._calls:
            if not call.name:
                raise InvalidCallError(f"tool call {call.index} has no name")
            if call.is_open and not is_finished:
                raise IncompleteCallError(f"stream ended inside the arguments of tool call {call.index} ({call.name})")
