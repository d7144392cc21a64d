"""`x-answers` and `x-agreement`: what request and answer must agree on; pure.

x-answers: {$request.body#/stream: [true]}    this media type answers requests that say so; null: that say nothing
x-agreement:
  - {same: [$response.body#/model, $request.body#/model]}   equal, where both are there
  - {count: $response.body#/choices, is: $request.body#/n, default: 1}
  - {sum: [EXPRESSION, EXPRESSION], is: EXPRESSION, within: 0.1}
  - {if: SCHEMA of the request's body, then: SCHEMA of the answer's}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

import jsonschema_rs

from polargrid_contract.declared.expressions import same, value

Rule = Mapping[str, Any]


def wrong_media_type(content: Mapping[str, Mapping[str, Any]], request: Any, media_type: str) -> str:
    """What should have come instead of this media type; nothing where it, or any, answers the request."""
    wanted = [name for name, it in content.items() if "x-answers" in it and _answers(it["x-answers"], request)]
    return "" if not wanted or media_type in wanted else f"{' or '.join(wanted)} expected, {media_type} came"


def _answers(rule: Mapping[str, list[Any]], request: Any) -> bool:
    return all(
        any(same(value(expression, request=request), known) for known in values) for expression, values in rule.items()
    )


def disagreements(rules: Iterable[Rule], request: Any, response: Any) -> Iterator[str]:
    """A sentence for each rule that the exchange breaks."""
    for rule in rules:
        sentence = _broken(rule, request, response)
        if sentence:
            yield sentence


def _broken(rule: Rule, request: Any, response: Any) -> str:
    def read(expression: str) -> Any:
        return value(expression, request=request, response=response)

    if "same" in rule:
        one, other = (read(expression) for expression in rule["same"])
        unequal = None not in (one, other) and not same(one, other)
        return f"{rule['same'][0]} is {one!r}, {rule['same'][1]} {other!r}" if unequal else ""
    if "if" in rule:
        applies = jsonschema_rs.is_valid(rule["if"], request)
        return _violation(rule["then"], response) if applies else ""
    wanted = rule.get("default") if read(rule["is"]) is None else read(rule["is"])
    if "count" in rule:
        listed = read(rule["count"])
        apart = isinstance(listed, list) and isinstance(wanted, int) and len(listed) != wanted
        return f"{rule['count']} has {len(listed)} items, {rule['is']} is {wanted}" if apart else ""
    parts = [read(expression) for expression in rule["sum"]]
    if not _is_number(wanted) or not all(_is_number(number) for number in parts):
        return ""
    apart = abs(sum(parts) - wanted) > rule.get("within", 0)
    return f"{' + '.join(rule['sum'])} is {sum(parts)}, {rule['is']} {wanted}" if apart else ""


def _violation(schema: Any, response: Any) -> str:
    try:
        jsonschema_rs.validate(schema, response)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(step) for step in error.instance_path)
        return f"what was asked for wants otherwise at {place or 'the answer'}: {error.message[:200]}"
    return ""


def _is_number(number: Any) -> TypeGuard[float]:
    return isinstance(number, int | float) and not isinstance(number, bool)
