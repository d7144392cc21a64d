"""Paths, operations, tags, security, servers and links: names that clash, or that nothing has; pure."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Any

from generator.lint.describe import name_choices, suggest
from generator.lint.document import METHODS, Finding, Location
from generator.lint.objects import Object
from generator.lint.references import References
from polargrid_runtime.operation import split_path

_TEMPLATE = re.compile(r"\{([^{}/?#]*)\}")
_EXPRESSION = re.compile(r"\$(url|method|statusCode|(request|response)\.(body(#(/.*)?)?|(header|query|path)\.\S+))")


def check_paths(references: References) -> Iterator[Finding]:
    """Yield each path that another path equals, and each template that is malformed."""
    seen: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
    for item in references.objects:
        if item.kind != "path" or len(item.location) != 2 or item.location[0] != "paths":
            continue
        path = str(item.location[1])
        names = _TEMPLATE.findall(path)
        if re.search(r"[{}]", _TEMPLATE.sub("", path)) or "" in names:
            yield Finding("a template is malformed; write {name}", item.location, True)
        yield from (
            Finding(f"the template {{{name}}} is there twice; name it differently", item.location, True)
            for name in dict.fromkeys(name for name in names if names.count(name) > 1)
        )
        if "#" in path or " " in path:
            yield Finding(f"a path cannot contain {'#' if '#' in path else 'a space'}", item.location, True)
        if not any(method in item.value for method in (*METHODS, "$ref")):
            yield Finding("the path has no operation; add one or remove the path", item.location, True)
        base, query = split_path(_TEMPLATE.sub("{}", path))
        key = (base.rstrip("/") or "/", frozenset(query))
        if key in seen:
            message = f"the path equals {seen[key]}; write the operations of both below one of them"
            yield Finding(message, item.location, True)
        seen.setdefault(key, path)


def check_operation_ids(objects: list[Object]) -> Iterator[Finding]:
    """Yield each operationId that is no Python name in lower case, or that another operation has."""
    seen: dict[str, str] = {}
    for item in objects:
        name = item.value.get("operationId")
        if item.kind != "operation" or not isinstance(name, str):
            continue
        location, owner = (*item.location, "operationId"), f"{str(item.location[-1]).upper()} {item.location[-2]}"
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
            yield Finding(f"{name!r} is not a lower-case Python name; write {_snake_case(name)}", location)
        if name in seen:
            yield Finding(f"{name!r} is also that of {seen[name]}; name one of them differently", location)
        seen.setdefault(name, owner)


def _snake_case(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"\W+", "_", words).strip("_").lower()
    return plain if re.match("[a-z]", plain) and not keyword.iskeyword(plain) else f"{plain or 'call'}_operation"


def check_parameters(references: References) -> Iterator[Finding]:
    """Yield templates without parameter, parameters without template, and parameters that are declared twice."""
    for item in references.objects:
        if item.kind != "operation" or item.parent is None or item.location[0] != "paths":
            continue
        path = str(item.parent.location[-1])
        declared: dict[tuple[str, str], Location] = {}
        for owner in (item.parent, item):
            own: dict[tuple[str, str], Location] = {}
            for parameter in _children(references, owner, "parameters"):
                target = references.resolve(parameter)
                if target is None:
                    return  # an unknown reference, which is another finding
                key = (str(target.value.get("in")), _plain_name(target.value))
                if key in own:
                    yield Finding(f"the parameter {key[1]!r} in {key[0]} is there twice", parameter.location, True)
                own[key] = parameter.location
            declared |= own
        yield from _compare_templates(item, path, declared)


def _plain_name(parameter: dict[str, Any]) -> str:
    name = str(parameter.get("name"))
    return name.lower() if parameter.get("in") == "header" else name


def _children(references: References, item: Object, field: str) -> list[Object]:
    depth = len(item.location)
    return [child for child in references.children(item) if child.location[depth] == field]


def _compare_templates(item: Object, path: str, declared: dict[tuple[str, str], Location]) -> Iterator[Finding]:
    templates = _TEMPLATE.findall(path)
    in_path = {name: location for (kind, name), location in declared.items() if kind == "path"}
    for name in dict.fromkeys(templates):
        if name and name not in in_path:
            others = [other for other in in_path if other not in templates]
            advice = suggest(name, others) or f"add {{name: {name}, in: path, required: true, schema: …}}"
            yield Finding(f"the path has {{{name}}} and no such parameter; {advice}", item.location, True)
    for name, location in in_path.items():
        if name not in templates:
            advice = suggest(name, templates) or f"write {{{name}}} in the path or remove the parameter"
            yield Finding(f"the parameter {name!r} is not in the path; {advice}", location, True)
    fixed = [name for name, _ in split_path(path)[1]]
    for (kind, name), location in declared.items():
        if kind == "query" and name in fixed:
            yield Finding(f"the path fixes the query parameter {name!r}; remove one of them", location, True)


def check_parameter(item: Object) -> Iterator[Finding]:
    """Yield a header that OpenAPI ignores, and a default that is never used."""
    if item.kind == "parameter" and item.value.get("in") == "header":
        name = str(item.value.get("name")).lower()
        advice = {"accept": "the content of responses", "content-type": "requestBody.content",
                  "authorization": "security"}  # fmt: skip
        if name in advice:
            message = f"a header parameter {item.value['name']!r} has no effect; declare it in {advice[name]}"
            yield Finding(message, (*item.location, "name"))
    if item.kind == "response" and isinstance(item.value.get("headers"), dict):
        for name in item.value["headers"]:
            if name.lower() == "content-type":
                message = "a response header Content-Type has no effect; it is the key of `content`"
                yield Finding(message, (*item.location, "headers", name), True)


def check_tags(references: References) -> Iterator[Finding]:
    """Yield tags of operations that the document does not declare, if it declares any, and tags declared twice."""
    declared: list[str] = []
    for item in references.objects:
        if item.kind == "tag":
            name = str(item.value.get("name"))
            if name in declared:
                yield Finding(f"the tag {name!r} is there twice; remove one", (*item.location, "name"))
            declared.append(name)
    for item in references.objects:
        tags = item.value.get("tags") if item.kind == "operation" and declared else None
        for index, name in enumerate(tags if isinstance(tags, list) else ()):
            if name not in declared:
                advice = suggest(str(name), declared) or name_choices(declared)
                yield Finding(f"unknown tag {name!r}; {advice}", (*item.location, "tags", index))


def check_security(references: References) -> Iterator[Finding]:
    """Yield the names of security schemes and scopes that the document does not declare."""
    components = references.spec.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    schemes = schemes if isinstance(schemes, dict) else {}
    for item in references.objects:
        for name, scopes in item.value.items() if item.kind == "security requirement" else ():
            location = (*item.location, name)
            if name not in schemes:
                advice = suggest(name, schemes) or (
                    name_choices(schemes) if schemes else "declare it in components/securitySchemes"
                )
                yield Finding(f"unknown security scheme {name!r}; {advice}", location, True)
                continue
            scheme = references.find(f"#/components/securitySchemes/{name}")
            scheme = references.resolve(scheme) if scheme else None
            flows = scheme.value.get("flows") if scheme else None
            if not isinstance(flows, dict):
                continue
            names = [scope for flow in flows.values() if isinstance(flow, dict) for scope in flow.get("scopes", ())]
            for index, scope in enumerate(scopes if isinstance(scopes, list) else ()):
                if scope not in names:
                    advice = suggest(str(scope), names) or name_choices(names)
                    yield Finding(f"unknown scope {scope!r} of {name}; {advice}", (*location, index))


def check_server(item: Object) -> Iterator[Finding]:
    """Yield templates of a server's URL without variable, variables without template, and defaults beside the enum."""
    url, variables = item.value.get("url"), item.value.get("variables", {})
    if isinstance(url, str) and isinstance(variables, dict):
        names = _TEMPLATE.findall(url)
        for name in dict.fromkeys(names):
            if name not in variables:
                advice = suggest(name, variables) or "add it to `variables`, with a default"
                yield Finding(f"the URL has {{{name}}} and no such variable; {advice}", (*item.location, "url"))
        for name, variable in variables.items():
            if name not in names:
                message = f"the variable {name!r} is not in the URL; write {{{name}}} in it"
                yield Finding(message, (*item.location, "variables", name), True)
            values = variable.get("enum") if isinstance(variable, dict) else None
            if isinstance(values, list) and "default" in variable and variable["default"] not in values:
                message = f"the default {variable['default']!r} is not in the enum; {name_choices(values)}"
                yield Finding(message, (*item.location, "variables", name, "default"))


def check_link(item: Object, references: References) -> Iterator[Finding]:
    """Yield a link to an operation, or to a parameter of it, that does not exist."""
    operations = {
        str(other.value["operationId"]): other
        for other in references.objects
        if other.kind == "operation" and "operationId" in other.value
    }
    name, pointer, location = item.value.get("operationId"), item.value.get("operationRef"), item.location
    target = operations.get(name) if isinstance(name, str) else references.find(pointer)
    if target is None or target.kind != "operation":
        advice = suggest(str(name), operations) or name_choices(sorted(operations)) if name else "write operationId"
        field = "operationId" if name else "operationRef"
        yield Finding(f"unknown operation {name or pointer!r}; {advice}", (*location, field))
        return
    parameters = item.value.get("parameters", {})
    names = _parameter_names(references, target)
    for key, value in parameters.items() if isinstance(parameters, dict) else ():
        if key not in names:
            plain = sorted(other for other in names if "." not in other)
            advice = suggest(key, plain) or (name_choices(plain) if plain else "it has none")
            yield Finding(f"{target.value.get('operationId')} has no parameter {key!r}; {advice}",
                          (*location, "parameters", key), True)  # fmt: skip
        if isinstance(value, str) and value.startswith("$") and not _EXPRESSION.fullmatch(value):
            message = f"{value!r} is no runtime expression; write it like $response.body#/id"
            yield Finding(message, (*location, "parameters", key))


def _parameter_names(references: References, operation: Object) -> set[str]:
    owners = [operation, *([operation.parent] if operation.parent else [])]
    items = [references.resolve(child) for owner in owners for child in _children(references, owner, "parameters")]
    names = {(str(item.value.get("in")), str(item.value.get("name"))) for item in items if item}
    return {name for _, name in names} | {f"{location}.{name}" for location, name in names}
