"""Check a generated text against its JSON schema in a worker.

The schema is the client's: its references and patterns can make a validator run for hours or exhaust its stack.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from polargrid_edge.workers.process import WorkerError, WorkerProcess

if TYPE_CHECKING:
    from polargrid_edge.workers.child import Handler

_MEMORY_BYTES: Final = 256 * 1024**2
_MAX_SECONDS: Final = 10.0
_BACKTRACK_LIMIT: Final = 100_000


class SchemaValidator:
    """Validates schemas, and texts against them, within bounds of memory and time. Thread-safe."""

    def __init__(self, *, memory_bytes: int = _MEMORY_BYTES, max_seconds: float = _MAX_SECONDS) -> None:
        self._worker = WorkerProcess("schema", memory_bytes=memory_bytes)
        self._max_seconds = max_seconds

    def check(self, schema: Any) -> None:
        """Raises `ValueError` for a schema that is invalid, refers to another document, or is too complex."""
        self._call(schema, None)

    def find_mismatch(self, schema: Any, text: str) -> str | None:
        """Return where and how a text in JSON does not match the schema; None if it matches."""
        return self._call(schema, text) or None

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _call(self, schema: Any, text: str | None) -> str:
        response = bytearray()
        content = json.dumps({"schema": schema, "text": text}).encode()
        try:
            self._worker.call({}, content, response.extend, max_seconds=self._max_seconds)
        except WorkerError as error:
            raise ValueError(f"the schema is too complex to be checked ({error.reason})") from None
        return response.decode()


def load_handler() -> Handler:
    """Return the handler of the worker."""
    import jsonschema_rs

    patterns = jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT)

    def build_validator(schema: Any) -> jsonschema_rs.Validator:
        try:
            return jsonschema_rs.validator_for(
                schema, validate_formats=True, ignore_unknown_formats=True, offline=True, pattern_options=patterns
            )
        except jsonschema_rs.ValidationError as error:
            raise ValueError(f"at {_pointer(error.instance_path)}: {error.message}") from None
        except jsonschema_rs.ReferencingError as error:
            raise ValueError(error.message) from None

    def handle(options: Any, content: bytes) -> Iterator[bytes]:
        del options
        request = json.loads(content)
        validator = build_validator(request["schema"])
        if request["text"] is None:
            return
        for error in validator.iter_errors(json.loads(request["text"])):
            keyword = error.schema_path[-1] if error.schema_path else error.kind.name
            yield f"`{keyword}` at {_pointer(error.schema_path)}: {error.message}".encode("utf-8", "replace")
            return

    return handle


def _pointer(path: list[str | int]) -> str:
    return "/".join(["#", *map(str, path)])
