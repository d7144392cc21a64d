"""The operations -> Python text, by the templates beside this file."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.operations import Operation, type_names

HEADER = "# Made from openapi.yaml by `make generate`; change that, not this.\n"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - it writes Python, not HTML
)


def render(operations: list[Operation]) -> dict[str, str]:
    """File name -> text of every file that is made by a template of ours."""
    types = type_names(operations)
    surface = _templates.get_template("surface.py.jinja")
    return {
        "answers.py": _templates.get_template("answers.py.jinja").render(),
        "operations.py": _templates.get_template("operations.py.jinja").render(operations=operations, types=types),
        "async_surface.py": surface.render(operations=operations, types=types, is_async=True),
        "sync_surface.py": surface.render(operations=operations, types=types, is_async=False),
        "__init__.py": '"""What is made from openapi.yaml: types, operations, both surfaces, and the raw client."""\n',
    }


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


_templates.filters.update(signature=_signature, arguments=_arguments, docstring=_docstring)
