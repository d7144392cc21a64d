"""The contents of a call, if they are recorded: as JSON, without the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polargrid_otel import conventions as names
from polargrid_otel.messages import OutputAccumulator, input_messages, output_messages, tool_definitions
from polargrid_otel.texts import Redact, to_json


class CallContents:
    """Collects the contents of a request and of its response or its chunks."""

    def __init__(self, fields: Mapping[str, Any], redact: Redact) -> None:
        self._fields, self._redact = fields, redact
        self._chunks: OutputAccumulator | None = None
        self.response: Any = None

    def add_chunk(self, chunk: Any) -> None:
        """Add a chunk of a stream."""
        self._chunks = self._chunks or OutputAccumulator()
        self._chunks.add(chunk)

    def build(self) -> dict[str, str]:
        """Return the attributes, as JSON text."""
        response = self.response if self._chunks is None else self._chunks.build()
        contents = {
            names.INPUT_MESSAGES: input_messages(self._fields),
            names.OUTPUT_MESSAGES: output_messages(response),
            names.TOOL_DEFINITIONS: tool_definitions(self._fields),
        }
        return {name: self._redact(to_json(value)) for name, value in contents.items() if value}
