"""The operations -> Python text, by the templates beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.arguments import arguments_by_type
from generator.operations import Operation, type_names
from generator.resources import Resource, resources

HEADER = "# Made from openapi.yaml by `make generate`; change that, not this.\n"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - it writes Python, not HTML
)


def render(operations: list[Operation], models: str) -> dict[str, str]:
    """File name -> text of every file that is made by a template of ours; `models` is the module of Pydantic types."""
    arguments = arguments_by_type(models)
    found = resources(operations, arguments)
    known = {
        "operations": operations,
        "types": type_names(operations),
        "models": sorted(arguments),
        "resources": found,
        "roots": [resource for resource in found if len(resource.path) == 1],
        "conversations": sorted({name for operation in operations for name in operation.also}),
    }
    files = {f"{name}.py": _rendered(name, known) for name in ("answers", "operations", "audio", "text_stream")}
    if known["conversations"]:
        files["conversations.py"] = _rendered("conversations", known)
    for name in ("surface", "resources"):
        files[f"async_{name}.py"] = _rendered(name, {**known, "is_async": True})
        files[f"sync_{name}.py"] = _rendered(name, {**known, "is_async": False})
    files["__init__.py"] = (
        '"""What is made from openapi.yaml: types, operations, both surfaces, and the raw client."""\n'
    )
    return files


def _rendered(template: str, known: dict[str, Any]) -> str:
    return _templates.get_template(f"{template}.py.jinja").render(known)


def _signature(operation: Operation) -> str:
    """The parameters of a method: path arguments, file, request, then what may be left out."""
    required = [f"{item.name}: {item.type}" for item in operation.parameters if item.required]
    optional = [f"{item.name}: {item.type} | None = None" for item in operation.parameters if not item.required]
    if operation.file:
        required.append("file: File")
    if operation.request:
        kind = f"request: {operation.request} | Mapping[str, Any]"
        if operation.request_required:
            required.append(kind)
        else:
            optional.insert(0, f"{kind} | None = None")
    return ", ".join(["self", *required, *optional, "**options: Unpack[CallOptions]"])


def _arguments(operation: Operation) -> str:
    """What a method hands to the engine."""
    arguments = [f"operations.{operation.constant}", "options"]
    if operation.request:
        arguments.append("request")
    if operation.file:
        arguments.append("file=file")
    if operation.parameters:
        given = ", ".join(f'"{item.name}": {item.name}' for item in operation.parameters)
        arguments.append(f"parameters={{{given}}}")
    return ", ".join(arguments)


def _docstring(text: str) -> str:
    """Text that stays inside a docstring, whatever it holds."""
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    return safe[:-1] + '\\"' if safe.endswith('"') else safe


def _class_names(found: list[Resource], is_async: bool) -> str:
    return ", ".join(resource.class_name(is_async) for resource in found)


_templates.filters.update(signature=_signature, arguments=_arguments, docstring=_docstring, class_names=_class_names)
