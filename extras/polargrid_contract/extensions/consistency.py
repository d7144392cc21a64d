"""`x-answers` and `x-agreement`: how a response has to be consistent with its request; pure.

x-answers: {$request.body#/stream: [true]}    the media type for requests with this value; null: without the field
x-agreement:
  - {same: [$response.body#/model, $request.body#/model]}   equal, if both are present
  - {count: $response.body#/choices, is: $request.body#/n, default: 1}
  - {sum: [EXPRESSION, EXPRESSION], is: EXPRESSION, within: 0.1}
  - {if: SCHEMA of the request body, then: SCHEMA of the response body}
An expression may name a parameter as well: `$request.path.model`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

import jsonschema_rs

from polargrid_contract.extensions.runtime_expressions import evaluate, is_equal

Rule = Mapping[str, Any]


def find_media_type_error(content: Mapping[str, Mapping[str, Any]], request: Any, media_type: str) -> str:
    """Describe the expected media type; empty if this one is allowed for the request."""
    allowed = [name for name, it in content.items() if "x-answers" in it and _applies(it["x-answers"], request)]
    return "" if not allowed or media_type in allowed else f"expected {' or '.join(allowed)}, got {media_type}"


def _applies(condition: Mapping[str, list[Any]], request: Any) -> bool:
    return all(
        any(is_equal(evaluate(expression, request=request), value) for value in values)
        for expression, values in condition.items()
    )


def find_inconsistencies(
    rules: Iterable[Rule], request: Any, response: Any, parameters: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """Yield a sentence for each rule that the exchange breaks. `parameters` are values by place and name."""
    for rule in rules:
        sentence = _apply_rule(rule, request, response, parameters)
        if sentence:
            yield sentence


def _apply_rule(rule: Rule, request: Any, response: Any, parameters: Mapping[str, Any] | None) -> str:
    def read(expression: str) -> Any:
        return evaluate(expression, request=request, response=response, parameters=parameters)

    if "same" in rule:
        first, second = (read(expression) for expression in rule["same"])
        differ = None not in (first, second) and not is_equal(first, second)
        return f"{rule['same'][0]} is {first!r}, {rule['same'][1]} is {second!r}" if differ else ""
    if "if" in rule:
        applies = jsonschema_rs.is_valid(rule["if"], request)
        return _find_schema_error(rule["then"], response) if applies else ""
    expected = rule.get("default") if read(rule["is"]) is None else read(rule["is"])
    if "count" in rule:
        items = read(rule["count"])
        differ = isinstance(items, list) and isinstance(expected, int) and len(items) != expected
        return f"{rule['count']} has {len(items)} items, {rule['is']} is {expected}" if differ else ""
    terms = [read(expression) for expression in rule["sum"]]
    if not _is_number(expected) or not all(_is_number(number) for number in terms):
        return ""
    differ = abs(sum(terms) - expected) > rule.get("within", 0)
    return f"{' + '.join(rule['sum'])} is {sum(terms)}, {rule['is']} is {expected}" if differ else ""


def _find_schema_error(schema: Any, response: Any) -> str:
    try:
        jsonschema_rs.validate(schema, response)
    except jsonschema_rs.ValidationError as error:
        path = "/".join(str(step) for step in error.instance_path)
        return f"the response does not match the request at {path or 'its root'}: {error.message[:200]}"
    return ""


def _is_number(number: Any) -> TypeGuard[float]:
    return isinstance(number, int | float) and not isinstance(number, bool)
