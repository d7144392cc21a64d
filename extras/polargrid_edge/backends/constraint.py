"""What a generated text must be: `response_format`, and vLLM's `guided_json` and `structured_outputs`. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from polargrid_edge.backends.gbnf import gbnf_to_lark
from polargrid_edge.backends.grammar import constrain
from polargrid_edge.backends.request_error import InvalidFieldError

Json = dict[str, Any]

_MAX_GRAMMAR_BYTES: Final = 16 * 1024
_MAX_REGEX_LENGTH: Final = 2_000
_MAX_CHOICES: Final = 1_000
_LARK_HEAD: Final = "%llguidance {}\n"


@dataclass(frozen=True, slots=True)
class Constraint:
    """The text is JSON that matches `schema`, or, if `is_plain`, a text that does as a string.

    `field` is the field of the request that has it. A `grammar` is what llama.cpp gets instead of the schema. A text
    that does not match a lenient constraint is not an error. Only a grammar of the client has no schema.
    """

    field: str
    schema: Json | None = None
    grammar: str | None = None
    is_plain: bool = False
    is_lenient: bool = False

    def fields(self, *, has_llguidance: bool) -> Json:
        """The fields of a request to llama.cpp that constrain its text. Raises `ValueError`."""
        if self.grammar is None:
            return constrain(self.schema or {}, has_llguidance=has_llguidance)
        if self.grammar.startswith(_LARK_HEAD) and not has_llguidance:
            raise InvalidFieldError(self.field, "this build of llama.cpp follows JSON Schemas and choices only")
        return {"grammar": self.grammar}


def find_constraint(body: Mapping[str, Any]) -> Constraint | None:
    """The constraint of the text; None for any text. Raises `ValueError`."""
    choices = [_from_format(body.get("response_format")), _from_guided_json(body), _from_structured_outputs(body)]
    constraints = [constraint for constraint in choices if constraint is not None]
    if len(constraints) > 1:
        raise InvalidFieldError(constraints[1].field, f"cannot be combined with {constraints[0].field}")
    return constraints[0] if constraints else None


def _from_format(response_format: Json | None) -> Constraint | None:
    match response_format:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return Constraint("response_format", {"type": "object"})
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)} as format_}:
            is_lenient = cast("Json", format_).get("strict") is False
            return Constraint("response_format", cast("Json", schema), is_lenient=is_lenient)
        case _:
            raise InvalidFieldError(
                "response_format", "response_format must be text, json_object, or json_schema with a json_schema.schema"
            )


def _from_guided_json(body: Mapping[str, Any]) -> Constraint | None:
    value = body.get("guided_json")
    return None if value is None else Constraint("guided_json", _parse_schema("guided_json", value))


def _from_structured_outputs(body: Mapping[str, Any]) -> Constraint | None:
    fields = (body.get("structured_outputs") or {}).items()
    options = {name: value for name, value in fields if value is not None and value is not False}
    if not options:
        return None
    names = ("json", "json_object", "regex", "choice", "grammar")
    (name, value), *others = options.items()
    field = f"structured_outputs.{name}"
    if others or name not in names:
        raise InvalidFieldError("structured_outputs", f"expected one of {', '.join(names)}; got {', '.join(options)}")
    match name:
        case "json":
            return Constraint(field, _parse_schema(field, value))
        case "json_object":
            return Constraint(field, {"type": "object"})
        case "regex":
            return _from_regex(field, value)
        case "choice":
            return _from_choices(field, value)
        case _:
            return _from_grammar(field, value)


def _parse_schema(field: str, value: object) -> Json:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise InvalidFieldError(field, f"invalid JSON: {error}") from None
    if not isinstance(value, dict):
        raise InvalidFieldError(field, f"expected a JSON Schema as an object, not {value!r}")
    return value


def _from_regex(field: str, pattern: str) -> Constraint:
    if not pattern or len(pattern) > _MAX_REGEX_LENGTH:
        raise InvalidFieldError(field, f"expected a pattern of 1 to {_MAX_REGEX_LENGTH} characters")
    escaped = re.sub(r"\\.|/", lambda match: r"\/" if match[0] == "/" else match[0], pattern, flags=re.DOTALL)
    grammar = _LARK_HEAD + f"start: /{escaped}/".replace("\n", r"\n").replace("\0", r"\x00")
    return Constraint(field, {"type": "string", "pattern": f"^(?:{pattern})$"}, grammar, is_plain=True)


def _from_choices(field: str, choices: list[str]) -> Constraint:
    if not choices or len(choices) > _MAX_CHOICES or not all(choices):
        raise InvalidFieldError(field, f"expected 1 to {_MAX_CHOICES} texts, none of them empty")
    if any("\0" in choice for choice in choices):
        raise InvalidFieldError(field, "a text with a NUL, which no grammar holds")
    grammar = "root ::= " + " | ".join(_to_literal(choice) for choice in choices)
    return Constraint(field, {"enum": list(choices)}, grammar, is_plain=True)


def _to_literal(text: str) -> str:
    """A literal of GBNF."""
    escapes = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'


def _from_grammar(field: str, grammar: str) -> Constraint:
    if len(grammar.encode("utf-8", "replace")) > _MAX_GRAMMAR_BYTES:
        raise InvalidFieldError(field, f"the limit of a grammar is {_MAX_GRAMMAR_BYTES} bytes")
    try:
        return Constraint(field, grammar=_LARK_HEAD + gbnf_to_lark(grammar))
    except ValueError as error:
        raise InvalidFieldError(field, str(error)) from None
