"""`x-answers` and `x-agreement`: how a response has to be consistent with its request; pure.

x-answers: {$request.body#/stream: [true]}    the media type for requests with this value; null: without the field
x-agreement:
  - {same: [$response.body#/model, $request.body#/model]}   equal, if both are present
  - {count: $response.body#/choices, is: $request.body#/n, default: 1}
  - {sum: [EXPRESSION, EXPRESSION], is: EXPRESSION, within: 0.1}
  - {total: $response.body#/usage/by_model, of: requests, is: EXPRESSION, within: 0.1}   of a field of each item, if any
  - {numbered: $response.body#/data, by: index}             a field of each item counts from 0
  - {equally-long: $response.body#/data, in: embedding}     a field of each item, a text or a list
  - {part: $response.body#/usage/prompt_tokens_details/cached_tokens, of-total: $response.body#/usage/prompt_tokens}
  - {if: SCHEMA of the request body, then: SCHEMA of the response body}
An expression may name a parameter as well: `$request.path.model`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeGuard

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
    for keyword, other, find_error in _COMPARISONS:
        if keyword in rule:
            return find_error(rule, read(rule[keyword]), read(rule[other]) if other else None)
    expected = rule.get("default") if read(rule["is"]) is None else read(rule["is"])
    if "count" in rule:
        items = read(rule["count"])
        differ = isinstance(items, list) and isinstance(expected, int) and len(items) != expected
        return f"{rule['count']} has {len(items)} items, {rule['is']} is {expected}" if differ else ""
    if "total" in rule:
        terms, described = _read_items(read(rule["total"]), rule["of"]), f"{rule['of']} of {rule['total']}"
    else:
        terms, described = [read(expression) for expression in rule["sum"]], " + ".join(rule["sum"])
    if not terms or not _is_number(expected) or not all(_is_number(number) for number in terms):
        return ""
    differ = abs(sum(terms) - expected) > rule.get("within", 0)
    return f"{described} is {sum(terms)}, {rule['is']} is {expected}" if differ else ""


def _find_larger_part(rule: Rule, part: Any, total: Any) -> str:
    is_larger = _is_number(part) and _is_number(total) and part > total
    return f"{rule['part']} is {part}, and {rule['of-total']} only {total}" if is_larger else ""


def _find_wrong_number(rule: Rule, items: Any, _other: Any) -> str:
    numbers = _read_items(items, rule["by"])
    expected = list(range(len(numbers)))
    return "" if numbers == expected else f"{rule['by']} of {rule['numbered']} is {numbers[:8]}, not {expected[:8]}"


def _find_wrong_length(rule: Rule, items: Any, _other: Any) -> str:
    lengths = {len(value) for value in _read_items(items, rule["in"]) if isinstance(value, str | list)}
    return f"{rule['in']} of {rule['equally-long']} has the lengths {sorted(lengths)[:8]}" if len(lengths) > 1 else ""


# The keyword of a rule, that of its second expression, and what compares their values.
_COMPARISONS: Final = (
    ("part", "of-total", _find_larger_part),
    ("numbered", None, _find_wrong_number),
    ("equally-long", None, _find_wrong_length),
)


def _read_items(items: Any, name: str) -> list[Any]:
    """A field of each item of a list; empty for anything else, about which the schema decides."""
    return [item.get(name) for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _find_schema_error(schema: Any, response: Any) -> str:
    try:
        jsonschema_rs.validate(schema, response)
    except jsonschema_rs.ValidationError as error:
        path = "/".join(str(step) for step in error.instance_path)
        return f"the response does not match the request at {path or 'its root'}: {error.message[:200]}"
    return ""


def _is_number(number: Any) -> TypeGuard[float]:
    return isinstance(number, int | float) and not isinstance(number, bool)
