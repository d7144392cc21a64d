"""Check that a generated chat matches the constraint and the strict tools of its request.

The grammar of the model follows most keywords; the others (`not`, `uniqueItems`, `contains` …) are checked here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from polargrid_edge.backends.constraint import find_constraint
from polargrid_edge.backends.schema_bounds import SchemaBounds
from polargrid_edge.backends.tool_plan import plan_tools
from polargrid_edge.errors import EdgeError, invalid_request

if TYPE_CHECKING:
    from polargrid_edge.backends.text import OnChunk
    from polargrid_edge.workers.schema import SchemaValidator

Json = dict[str, Any]

ATTEMPTS: Final = 3
"""How often the model generates a plain response, until it matches."""
# llama.cpp ignores a schema that its grammar cannot hold, such as one that no value matches.
_NOT_JSON: Final = "the text is not JSON: its grammar cannot hold the schema, or no value matches it"
_JSON_OBJECT: Final = {"type": "object"}
_RETRY_TEMPERATURE: Final = 0.7


class MismatchError(EdgeError):
    """The model generated a text that does not match; `param` names the field with the schema.

    `is_truncated` is whether the text ended at the maximum number of tokens.
    """

    def __init__(self, param: str, mismatch: str, *, is_truncated: bool = False) -> None:
        message = f"{param}: the model does not follow this schema: {mismatch}"
        super().__init__(400, message, "schema_mismatch", param=param)
        self.is_truncated = is_truncated


class OutputCheck:
    """The schemas of one request. Blocks, because it calls the validator."""

    def __init__(self, body: Mapping[str, Any], validator: SchemaValidator) -> None:
        """Raises `ValueError` for an invalid `response_format`, `structured_outputs` or `tools`."""
        self._validator = validator
        self._has_stops = bool(body.get("stop"))
        self._plan = plan_tools(body)
        self._constraint = find_constraint(body)
        self._field = self._constraint.field if self._constraint else ""
        self._checks_text = self._constraint is not None and not self._constraint.is_lenient
        functions = [tool["function"] for tool in self._plan.offered]
        self._tools = {str(function["name"]): function["parameters"] for function in functions}
        self._strict_tools = {str(function["name"]) for function in functions if function.get("strict")}

    @property
    def has_schemas(self) -> bool:
        """Whether the request has schemas, which may be hostile."""
        return self._constraint is not None or bool(self._tools)

    @property
    def has_checks(self) -> bool:
        """Whether the chunks are checked at all."""
        return self._checks_text or bool(self._strict_tools)

    def check_schemas(self) -> None:
        """Raises `EdgeError` for a schema that is invalid, exceeds a bound, or refers to another document."""
        bounds = SchemaBounds()
        if self._constraint is not None and self._constraint.schema is not None:
            with _reject_invalid(self._field):
                bounds.check(self._constraint.schema)
                if self._constraint.schema != _JSON_OBJECT:
                    self._validator.check(self._constraint.schema)
        for name, parameters in self._tools.items():
            with _reject_invalid("tools", name):
                is_strict = name in self._strict_tools
                if is_strict or self._plan.required or self._constraint is not None:  # these constrain calls too
                    bounds.check(parameters)
                if is_strict:
                    self._validator.check(parameters)

    def wrap(self, on_chunk: OnChunk) -> OnChunk:
        """Wrap `on_chunk` to raise `MismatchError` instead of the end of a choice that does not match."""
        if not self.has_checks:
            return on_chunk
        texts: dict[int, str] = {}

        def check_and_pass(chunk: Json) -> bool:
            for choice in chunk["choices"]:
                index, delta = choice["index"], choice.get("delta") or {}
                texts[index] = texts.get(index, "") + (delta.get("content") or "")
                for call in delta.get("tool_calls") or ():
                    self._check_call(call["function"])
                if delta.get("function_call"):
                    self._check_call(delta["function_call"])
                if choice["finish_reason"] in ("stop", "length"):
                    self._check_text(texts[index], choice["finish_reason"])
            return on_chunk(chunk)

        return check_and_pass

    def is_whole(self, chunk: Json) -> bool:
        """Whether a chunk has, or ends, what is checked, so that checking it blocks."""
        return any(
            choice["finish_reason"] or not {"tool_calls", "function_call"}.isdisjoint(choice.get("delta") or {})
            for choice in chunk["choices"]
        )

    def _check_text(self, text: str, finish_reason: str) -> None:
        constraint = self._constraint
        if constraint is None or constraint.schema is None or not self._checks_text:
            return
        if constraint.is_plain:
            is_cut = finish_reason == "length" or self._has_stops
            mismatch = None if is_cut else self._find_mismatch(self._field, constraint.schema, json.dumps(text))
        elif finish_reason == "length" or (self._has_stops and not _is_json(text)):  # the text may be cut
            mismatch = None if _is_json_prefix(text) else _NOT_JSON
        else:
            mismatch = self._find_mismatch(self._field, constraint.schema, text)
        if mismatch is not None:
            raise MismatchError(self._field, mismatch, is_truncated=finish_reason == "length")

    def _check_call(self, function: Json) -> None:
        name = function["name"]
        if name in self._strict_tools:
            mismatch = self._find_mismatch("tools", self._tools[name], function["arguments"])
            if mismatch is not None:
                raise MismatchError("tools", f"{name}: {mismatch}")

    def _find_mismatch(self, param: str, schema: Json, text: str) -> str | None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return _NOT_JSON
        if schema == _JSON_OBJECT:
            return None if isinstance(value, dict) else "the text is not an object"
        with _reject_invalid(param):
            return self._validator.find_mismatch(schema, text)


def retry_fields(body: Mapping[str, Any], attempt: int) -> Json:
    """The fields that let the model generate another text: with the same ones it would repeat itself."""
    if attempt == 0:
        return {}
    fields: Json = {"temperature": max(body.get("temperature") or 0.0, _RETRY_TEMPERATURE)}
    seed = body.get("seed")
    return fields if seed is None else fields | {"seed": (seed + 1_000_003 * attempt) % 0xFFFFFFFF}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_json_prefix(text: str) -> bool:
    """Whether a text can still become JSON; llama.cpp ignores a schema without a grammar, for example an empty one."""
    try:
        from_json(f"[{text}", allow_partial=True)  # in an array even a number may be partial
    except ValueError:
        return False
    return True


@contextmanager
def _reject_invalid(param: str, tool: str | None = None) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        field = param if tool is None else f"{param}: {tool}"
        raise invalid_request(f"{field}: {error}", param, "invalid_schema") from None
