"""Values of extensions that no request and no event has, and misspelt names in examples; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.lint.describe import name_choices, suggest
from generator.lint.document import Finding, Location
from generator.lint.expressions import find_fields, find_requests, is_open, parse_expression
from generator.lint.objects import Object
from generator.lint.references import References
from generator.lint.schemas import list_constants


def list_answers(item: Object, references: References) -> Iterator[tuple[Object, Location, Any]]:
    """Yield (schema, location, value) of the values in x-answers. Null stands for no value."""
    answers = item.value.get("x-answers")
    requests = find_requests(item, references) if isinstance(answers, dict) else []
    for expression, values in answers.items() if isinstance(answers, dict) else ():
        _, steps = parse_expression(expression) or ("", [])
        fields = find_fields(requests, steps, references)[0] if requests else []
        for index, value in enumerate(values if len(fields) == 1 and isinstance(values, list) else ()):
            if value is not None:
                yield fields[0], (*item.location, "x-answers", expression, index), value


def check_stream(item: Object, references: References) -> Iterator[Finding]:
    """Yield what x-event-stream names and no event has: the data or the field of the last one, fields of the chunks."""
    rules, schema = item.value.get("x-event-stream"), references.child(item, "schema")
    if not isinstance(rules, dict) or schema is None:
        return
    location = (*item.location, "x-event-stream")
    data = [child for part in references.parts(schema) if (child := references.child(part, "properties", "data"))]
    contents = [child for field in data for part in references.parts(field) if (child := _content(part, references))]
    last = rules.get("last")
    if isinstance(last, str):
        constants = list_constants(schema, "data", references)
        if constants and last not in constants:
            message = f"{last!r} is the data of no event; {suggest(last, constants) or name_choices(constants)}"
            yield Finding(message, (*location, "last"))
    for steps, where, is_key in _list_fields(rules):
        mistake = find_fields(contents or [schema], steps, references)[1]
        if mistake and not (where[0] == "last" and not find_fields([schema], ["event"], references)[1]):
            yield Finding(f"a chunk has {mistake}", (*location, *where), is_key)
    for field, kinds in last.items() if isinstance(last, dict) else ():
        constants = [value for event in (schema, *contents) for value in list_constants(event, field, references)]
        constants += list_constants(schema, "event", references)
        for index, kind in enumerate(kinds if isinstance(kinds, list) else [kinds]):
            if constants and kind not in constants:
                step = (field, index) if isinstance(kinds, list) else (field,)
                advice = suggest(str(kind), constants) or name_choices(constants)
                yield Finding(f"{kind!r} is the {field} of no event; {advice}", (*location, "last", *step))


def _list_fields(rules: dict[str, Any]) -> Iterator[tuple[list[str], Location, bool]]:
    """Yield the path of each field of a chunk that the rules name, where they name it, and whether it is a key."""
    constant = rules.get("constant")
    for index, name in enumerate(constant if isinstance(constant, list) else ()):
        yield [str(name)], ("constant", index), False
    for keyword in ("same", "last", "joined"):
        names = rules.get(keyword)
        for name, value in names.items() if isinstance(names, dict) else ():
            yield [str(name)], (keyword, name), True
            if keyword == "joined":
                yield [str(value)], (keyword, name), False
    choices, usage = rules.get("choices"), rules.get("usage")
    if isinstance(choices, dict):
        start = [str(choices.get("in"))]
        yield start, ("choices", "in"), False
        if "once" in choices:
            yield [*start, "0", str(choices["once"])], ("choices", "once"), False
        if isinstance(choices.get("first"), list):
            yield [*start, "0", *map(str, choices["first"])], ("choices", "first"), True
    for keyword in ("in", "empty"):
        if isinstance(usage, dict) and keyword in usage:
            yield [str(usage[keyword])], ("usage", keyword), False


def _content(item: Object, references: References) -> Object | None:
    return references.child(item, "contentSchema")


def check_names(value: Any, schemas: list[Object], references: References, location: Location) -> Iterator[Finding]:
    """Yield the names in an example that resemble a field of the schema which the example does not have."""
    parts = [part for schema in schemas for part in references.parts(schema)]
    if isinstance(value, list):
        items = [child for part in parts if (child := references.child(part, "items"))]
        for index, entry in enumerate(value if items else ()):
            yield from check_names(entry, items, references, (*location, index))
    if not isinstance(value, dict) or any(is_open(part) for part in parts):
        return
    fields = [str(name) for part in parts for name in part.value.get("properties", {})]
    for name, entry in value.items():
        inner = [child for part in parts if (child := references.child(part, "properties", name))]
        if inner:
            yield from check_names(entry, inner, references, (*location, name))
        elif guess := suggest(name, [field for field in fields if field not in value]):
            yield Finding(f"the schema has no field {name!r}; {guess}", (*location, name), True)
