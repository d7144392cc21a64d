"""The grammar that holds a model to a JSON schema. Pure.

llama.cpp has two engines. llguidance follows patterns, bounds of numbers, multiples and formats, and has limits of its
own; GBNF, for builds without llguidance, ignores them. What neither follows is checked after generation.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from polargrid_edge.backends.schema_bounds import SchemaBounds, iter_subschemas

Json = dict[str, Any]

# A model that may add whitespace everywhere adds it until its tokens are used up. What the engine does not know is
# ignored, instead of the whole schema.
_OPTIONS: Final = {"whitespace_flexible": False, "lenient": True, "coerce_one_of": True}
_PREFIX: Final = "%llguidance {}\nstart: %json "
# The automata of multiples have as many states as their least common multiple.
_MAX_MULTIPLE: Final = 1_000
_MAX_LENGTH: Final = 10_000
_MAX_NUMBER: Final = 10**15
_NUMBER_STEP: Final = 0.000001
# Look-around and back references, which no automaton has.
_IRREGULAR: Final = re.compile(r"\(\?(?:[=!]|<[=!])|\\[1-9]|\\k<")
_LIMITS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_VALUES: Final = frozenset({"const", "enum", "multipleOf"})
_COMBINATORS: Final = frozenset({"allOf", "anyOf", "oneOf", "$ref", "$dynamicRef", "if", "then", "else", "not"})
_ANNOTATIONS: Final = frozenset(
    {"$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated"}
)
_OPEN: Final = frozenset(
    {"additionalProperties", "patternProperties", "unevaluatedProperties", "minProperties", "dependentSchemas"}
)


def constrain(schema: Json, *, has_llguidance: bool) -> Json:
    """The fields of a request to llama.cpp that constrain its text to the schema. Raises `SchemaError`."""
    SchemaBounds().check(schema)
    simplified = simplify(schema)
    if has_llguidance:
        grammar = json.dumps(simplified | {"x-guidance": _OPTIONS}, ensure_ascii=False, allow_nan=False)
        return {"grammar": _PREFIX + grammar}
    return {"response_format": {"type": "json_schema", "json_schema": {"schema": simplified}}}


def simplify(schema: Json) -> Json:
    """A copy without what a grammar cannot hold, in which open objects are closed and open numbers are short.

    A small model ends neither by itself: it adds properties and digits until its tokens are used up.
    """
    copy: Json = json.loads(json.dumps(schema))
    nodes = [cast("Json", node) for _, node, _ in iter_subschemas(copy)]
    is_composed = any(_is_composed(node) for node in nodes)
    if any(_intersects(node) for node in nodes):
        _keep_one_pattern(nodes)
    multiple = 1
    for node in nodes:
        multiple = _drop_irregular(node, multiple)
        if not is_composed and _is_closable(node):
            node["additionalProperties"] = False
        if not is_composed:
            node.update(_number_bounds(node))
    return copy


def _is_composed(node: Mapping[str, Any]) -> bool:
    """Whether another schema applies to the same object, so that closing one would exclude what the other requires."""
    return bool({"allOf", "if", "dependentSchemas"} & node.keys()) or (
        "properties" in node and bool(_COMBINATORS & node.keys())
    )


def _intersects(node: Mapping[str, Any]) -> bool:
    """Whether several schemas apply to the same text."""
    others = node.keys() - _COMBINATORS - _ANNOTATIONS
    return "allOf" in node or len(_COMBINATORS & node.keys()) > 1 or (bool(_COMBINATORS & node.keys()) and bool(others))


def _keep_one_pattern(nodes: Iterable[Json]) -> None:
    """Drop all patterns but one: the automaton of an intersection has as many states as their product."""
    for node in [node for node in nodes if "pattern" in node][1:]:
        del node["pattern"]


def _is_closable(node: Mapping[str, Any]) -> bool:
    properties, required = node.get("properties"), node.get("required", [])
    if not isinstance(properties, dict) or _OPEN & node.keys() or not isinstance(required, list):
        return False
    return all(isinstance(name, str) and name in properties for name in required)


def _number_bounds(node: Mapping[str, Any]) -> Json:
    """The bounds that a number lacks, so that its digits end."""
    kinds = node.get("type")
    names = kinds if isinstance(kinds, list) else [kinds]
    limits = [node[keyword] for keyword in _LIMITS if isinstance(node.get(keyword), int | float)]
    is_number = "integer" in names or "number" in names
    if not is_number or _VALUES & node.keys() or any(abs(limit) >= _MAX_NUMBER for limit in limits):
        return {}
    low = {} if {"minimum", "exclusiveMinimum"} & node.keys() else {"minimum": -_MAX_NUMBER}
    high = {} if {"maximum", "exclusiveMaximum"} & node.keys() else {"maximum": _MAX_NUMBER}
    return {**low, **high, **({"multipleOf": _NUMBER_STEP} if "number" in names else {})}


def _drop_irregular(node: Json, multiple: int) -> int:
    """Drop keywords that would cost too much or disable the grammar; returns the common multiple so far."""
    pattern = node.get("pattern")
    if isinstance(pattern, str) and _IRREGULAR.search(pattern):
        del node["pattern"]
    length = node.get("maxLength")
    if isinstance(length, int | float) and length > _MAX_LENGTH:
        del node["maxLength"]  # no response is as long
    factor = node.get("multipleOf")
    if isinstance(factor, int | float):
        common = math.lcm(multiple, int("".join(map(str, Decimal(str(factor)).as_tuple().digits))) or 1)
        if common > _MAX_MULTIPLE:
            del node["multipleOf"]
        else:
            return common
    return multiple
