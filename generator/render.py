"""Renders the templates: operations -> Python text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.arguments import parse_arguments
from generator.docstring_examples import write_example, write_resource_example
from generator.inputs import build_inputs
from generator.names import check_method_names
from generator.operations import APIOperation, response_names
from generator.params import build_params
from generator.resources import RESPONSE_ATTRIBUTES, Resource, build_resources

HEADER = "# Generated from openapi.yaml by `make generate`; do not edit.\n"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - the output is Python, not HTML
)


def render(
    operations: list[APIOperation],
    models: str,
    reserved: Collection[str] = (),
    *,
    strict: str = "",
    requests: Mapping[str, Collection[str]] | None = None,
) -> dict[str, str]:
    """Return file name -> text of every file that has a template.

    `models` is the text of the Pydantic module, `strict` that of its classes as requests have them, `requests` are the
    components that requests reach, with their fields of responses only, `reserved` the attributes of a client that are
    written by hand.
    """
    arguments = parse_arguments(models, strict)
    inputs = [build_inputs(operation, arguments) for operation in operations]
    names = [(("paths", item.key, item.method), item.method_names) for item in operations]
    check_method_names(names, {*reserved, *RESPONSE_ATTRIBUTES, "operations"})
    resources = build_resources(inputs, reserved)
    params = build_params(arguments, operations, requests or {})
    parsed_types = list(dict.fromkeys(operation.parsed for operation in operations if operation.parsed))
    context = {
        "operations": operations,
        "inputs": inputs,
        "imports": arguments.imports,
        "types": response_names(operations),
        "models": sorted({*arguments.classes, *arguments.aliases}),
        "params": params,
        "lists": dict(re.findall(r'^class (\w+)\(ListResponse\["?(\w+)"?\]', models, re.MULTILINE)),
        "resources": resources,
        "roots": [resource for resource in resources if len(resource.path) == 1],
        "parsed_types": parsed_types,
        "parsed_models": sorted({name for item in parsed_types for name in item.models}),
    }
    files = {
        "__init__.py": '"""Generated from openapi.yaml: models, operations, their methods, and the raw client."""\n',
        "operations.py": _render("operations", context),
    }
    if params:
        files["params.py"] = _render("params", context)
    if parsed_types:
        files["parsed.py"] = _render("parsed", context)
    for half in ("async", "sync"):
        half_context = {**context, "is_async": half == "async"}
        files[f"{half}_operations.py"] = _render("api_operations", half_context)
        resources_text = _render("resources", half_context)
        files[f"{half}_resources.py"] = re.sub(r"\blist\[", "builtins.list[", resources_text)  # a method may be `list`
    return files


def _render(template: str, context: dict[str, Any]) -> str:
    return _templates.get_template(f"{template}.py.jinja").render(context)


def _docstring(text: str) -> str:
    """Return text with quotes and backslashes escaped for a docstring."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    return escaped[:-1] + '\\"' if escaped.endswith('"') else escaped


def _source(value: Any) -> str:
    """Return the expression of a value; of a dataclass, without the fields that have their default."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_source, value))}{',' if len(value) == 1 else ''})"
    if not is_dataclass(value):
        return repr(value)
    arguments = [
        _source(getattr(value, item.name))
        if item.default is MISSING
        else f"{item.name}={_source(getattr(value, item.name))}"
        for item in fields(value)
        if item.default is MISSING or getattr(value, item.name) != item.default
    ]
    return f"{type(value).__name__}({', '.join(arguments)})"


def _class_names(resources: list[Resource], is_async: bool) -> str:
    return ", ".join(resource.class_name(is_async) for resource in resources)


_templates.globals.update(write_example=write_example, write_resource_example=write_resource_example)
_templates.filters.update(
    docstring=_docstring,
    docstring_line=lambda line: line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'),
    class_names=_class_names,
    source=_source,
)
