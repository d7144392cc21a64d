"""The tool calls of a server that sends them in fragments. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


class ToolCallAssembler:
    """Joins the fragments of calls: the first one of a call has its name, the others continue its arguments."""

    def __init__(self) -> None:
        self._calls: dict[object, Json] = {}
        self._last: object = None

    def add(self, fragments: Iterable[Json]) -> None:
        """Add the fragments of a chunk. One without an index continues the last call, or is one if it has a name."""
        for fragment in fragments:
            function = fragment.get("function") or {}
            key: object = fragment.get("index")
            if key is None:
                key = ("call", len(self._calls)) if function.get("name") or not self._calls else self._last
            self._last = key
            call = self._calls.setdefault(key, {"id": "", "name": "", "arguments": ""})
            call["id"] = call["id"] or fragment.get("id") or ""
            call["name"] = call["name"] or function.get("name") or ""
            arguments = function.get("arguments")
            call["arguments"] += arguments if isinstance(arguments, str) else ""

    def calls(self) -> list[Json]:
        """The calls in OpenAI's form, each with an id of its own. Some servers send none, or one id for all."""
        calls = [call for call in self._calls.values() if call["name"]]
        ids = [call["id"] for call in calls]
        return [
            {
                "id": call["id"] if call["id"] and ids.count(call["id"]) == 1 else f"call_{secrets.token_hex(12)}",
                "type": "function",
                "function": {"name": call["name"], "arguments": call["arguments"] or "{}"},
            }
            for call in calls
        ]
