"""Keywords of a schema that contradict each other, name nothing, or have no effect; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.lint.describe import find_closest, name_choices, show, suggest
from generator.lint.document import Finding
from generator.lint.objects import Object, is_in_place
from generator.lint.references import References

#: The keywords that apply to values of some types only.
_APPLIES_TO = {
    ("string",): ("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType", "contentSchema"),
    ("number", "integer"): ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    ("array",): ("items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems",
                 "uniqueItems", "unevaluatedItems"),
    ("object",): ("properties", "patternProperties", "additionalProperties", "propertyNames", "required",
                  "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties"),
}  # fmt: skip
_BOUNDS = (
    ("minimum", "maximum"), ("minimum", "exclusiveMaximum"), ("exclusiveMinimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"), ("minLength", "maxLength"), ("minItems", "maxItems"),
    ("minProperties", "maxProperties"), ("minContains", "maxContains"),
)  # fmt: skip
#: The formats of the registry of OpenAPI and of JSON Schema; others are allowed, unless they resemble one of these.
_FORMATS = (
    "date", "date-time", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex",
    "binary", "byte", "base64url", "password", "char", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "float", "double", "decimal", "decimal128", "double-int", "commonmark", "html", "http-date",
    "media-range", "sf-binary", "sf-boolean", "sf-decimal", "sf-integer", "sf-string", "sf-token", "date-time-local",
    "time-local", "unixtime", "timestamp", "url", "path", "file", "phone", "color", "slug", "ulid", "uuid4", "base64",
)  # fmt: skip


def check_schema(item: Object, references: References) -> Iterator[Finding]:
    """Yield what is wrong with a schema beyond the form of its keywords."""
    yield from _check_types(item)
    yield from _check_bounds(item)
    yield from _check_enum(item)
    yield from _check_required(item, references)
    yield from _check_discriminator(item, references)
    value, location = item.value, item.location
    text = value.get("format")
    if isinstance(text, str) and text not in _FORMATS and (guess := suggest(text, _FORMATS)):
        yield Finding(f"unknown format {text!r}; {guess}", (*location, "format"))
    if value.get("readOnly") is True and value.get("writeOnly") is True:
        yield Finding("readOnly and writeOnly exclude each other; keep one of them", (*location, "writeOnly"), True)


def _types(value: dict[str, Any]) -> set[str]:
    kinds = value.get("type", [])
    return {kinds} if isinstance(kinds, str) else {kind for kind in kinds if isinstance(kind, str)}


def _check_types(item: Object) -> Iterator[Finding]:
    kinds = _types(item.value)
    for owners, keywords in _APPLIES_TO.items():
        for keyword in keywords if kinds and not kinds.intersection(owners) else ():
            if keyword in item.value:
                types = " or ".join(sorted(kinds))
                message = f"{keyword!r} has no effect on the type {types}; remove it or change the type"
                yield Finding(message, (*item.location, keyword), True)


def _check_bounds(item: Object) -> Iterator[Finding]:
    for low, high in _BOUNDS:
        first, last = item.value.get(low), item.value.get(high)
        if not isinstance(first, int | float) or not isinstance(last, int | float):
            continue
        if first > last or (first == last and "exclusive" in low + high):
            yield Finding(f"no value matches: {low} is {first} and {high} is {last}", (*item.location, high))


def _check_enum(item: Object) -> Iterator[Finding]:
    values, kinds, location = item.value.get("enum"), _types(item.value), (*item.location, "enum")
    names = item.value.get("x-enum-varnames")
    if not isinstance(values, list):
        return
    if not values:
        yield Finding("the enum is empty, so no value matches; add values", location, True)
    texts = [show([value]) for value in values]
    for index, text in enumerate(texts):
        if text in texts[:index]:
            yield Finding(f"{text[1:-1]} is in the enum twice; remove it", (*location, index))
    if "null" in kinds and kinds != {"null"} and None not in values:
        message = (
            f"the type allows null and the enum does not; add null to the enum, or write type: {min(kinds - {'null'})}"
        )
        yield Finding(message, location, True)
    if isinstance(names, list) and len(names) != len(values):
        message = f"{len(names)} names for {len(values)} values of the enum; write a name for each, in their order"
        yield Finding(message, (*item.location, "x-enum-varnames"), True)


def _check_required(item: Object, references: References) -> Iterator[Finding]:
    required = item.value.get("required")
    if not isinstance(required, list) or _allows_any_name(item):
        return
    root = item
    while root.parent and root.parent.kind == "schema" and is_in_place(root):
        if root.location[len(root.parent.location)] in ("if", "not"):
            return  # it may forbid a field
        root = root.parent
    if "x-agreement" in root.location:
        return  # its fields are those of a request or a response
    names = references.property_names(root)
    if names is None or (not names and _is_fragment(root, references)):
        return
    for index, name in enumerate(required):
        if isinstance(name, str) and name not in names:
            location = (*item.location, "required", index)
            advice = suggest(name, names) or (f"add it to `properties`; {name_choices(names)}" if names else "")
            yield Finding(f"no property is named {name!r}; {advice or 'add it to `properties`'}", location)
        if name in required[:index]:
            yield Finding(f"{name!r} is there twice; remove it", (*item.location, "required", index))


def _allows_any_name(item: Object) -> bool:
    return bool(item.value.get("additionalProperties")) or "patternProperties" in item.value


def _is_fragment(root: Object, references: References) -> bool:
    """Whether a schema without properties is a part of others, which may have them."""
    return any(
        references.find(item.value.get("$ref")) is root and item.parent and is_in_place(item)
        for item in references.objects
        if item.kind == "schema" and "$ref" in item.value and item.parent and item.parent.kind == "schema"
    )


def _check_discriminator(item: Object, references: References) -> Iterator[Finding]:
    rule = item.value.get("discriminator")
    name = rule.get("propertyName") if isinstance(rule, dict) else None
    if not isinstance(rule, dict) or not isinstance(name, str):
        return
    location = (*item.location, "discriminator")
    keyword = next((key for key in ("oneOf", "anyOf") if isinstance(item.value.get(key), list)), None)
    if keyword is None:
        names = references.property_names(item)
        if names is not None and name not in names:
            message = f"the schema has no property {name!r}; {suggest(name, names) or 'add it'}"
            yield Finding(f"{message}", (*location, "propertyName"))
    branches = {}
    for index in range(len(item.value[keyword]) if keyword else 0):
        branch = references.child(item, str(keyword), index)
        target = references.resolve(branch) if branch else None
        if branch and target and _types(target.value) != {"null"}:
            branches[target.location] = target
            names = references.property_names(target)
            if names is not None and name not in names:
                message = f"the branch {_name(target)} has no property {name!r}; add it with a const"
                yield Finding(f"{message}", (*item.location, str(keyword), index))
    yield from _check_mapping(item, references, rule.get("mapping"), branches)


def _check_mapping(
    item: Object, references: References, mapping: Any, branches: dict[Any, Object]
) -> Iterator[Finding]:
    name = item.value["discriminator"]["propertyName"]
    schemas = references.spec.get("components", {}).get("schemas", {})
    for value, reference in mapping.items() if isinstance(mapping, dict) else ():
        location = (*item.location, "discriminator", "mapping", value)
        pointer = f"#/components/schemas/{reference}" if reference in schemas else reference
        target = references.find(pointer)
        if target is None:
            targets = [f"#/components/schemas/{key}" for key in schemas]
            advice = suggest(str(reference), targets) or "expected '#/components/schemas/NAME'"
            yield Finding(f"unknown target {reference!r}; {advice}", location)
            continue
        resolved = references.resolve(target)
        if resolved and branches and resolved.location not in branches:
            yield Finding(f"{_name(resolved)} is no branch; add it to the union", location)
        constants = list_constants(resolved, name, references) if resolved else []
        if constants and value not in constants:
            guess = find_closest(value, constants) or constants[0]
            message = f"{_name(target)} has {name}: {guess}, not {value!r}; write the same value in both"
            yield Finding(f"{message}", location, True)


def list_constants(item: Object, name: str, references: References) -> list[Any]:
    """Return the values that a field may have, if the schema lists them."""
    fields = [references.child(part, "properties", name) for part in references.parts(item, conditions=False)]
    values: list[Any] = []
    for schema in (part for field in fields if field for part in references.parts(field, conditions=False)):
        if "const" in schema.value:
            values.append(schema.value["const"])
        elif isinstance(schema.value.get("enum"), list):
            values += schema.value["enum"]
    return values


def _name(item: Object) -> str:
    return str(item.location[-1]) if len(item.location) == 3 else ".".join(str(part) for part in item.location)
