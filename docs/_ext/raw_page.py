"""A section for each operation of the raw client: its call, sync and async, with the example of openapi.json; pure.

The functions of the raw client say which types they take; so the calls are as a program writes them.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from importlib import import_module
from pprint import pformat
from types import ModuleType, NoneType
from typing import Any

from http_api.document import Json, Operation, list_operations, resolve
from http_api.schemas import is_file

from polargrid_generated.raw import api
from polargrid_generated.raw.types import File, Unset


def write_functions(document: Json) -> str:
    """Return a section for each operation: what it does, and a block of Python."""
    modules = {name.rpartition(".")[2]: name for _, name, _ in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")}
    lines: list[str] = []
    for operation in list_operations(document):
        name = operation.fields["operationId"]
        module = import_module(modules[name])
        lines += [f"### {name}", "", operation.fields.get("summary", ""), ""]
        lines += ["```python", *write_call(operation, module), "```", "", *_find_limits(module)]
    return "\n".join(lines)


def write_call(operation: Operation, module: ModuleType) -> list[str]:
    """Return the lines of a program that calls an operation with `client`, and then with `async_client`."""
    writer = _CallWriter(operation, module)
    suffix = "" if hasattr(module, "sync") else "_detailed"
    name = module.__name__.rpartition(".")[2]
    calls = [("", f"{name}.sync{suffix}", "client"), ("await ", f"{name}.asyncio{suffix}", "async_client")]
    lines = [
        f"response = {prefix}{function}({', '.join([f'client={client}.raw', *writer.arguments])})"
        for prefix, function, client in calls
    ]
    return [*writer.imports, "", *writer.body, *lines]


class _CallWriter:
    def __init__(self, operation: Operation, module: ModuleType) -> None:
        self._document = operation.document
        self._hints = typing.get_type_hints(module.sync_detailed)
        package, _, name = module.__name__.rpartition(".")
        self._imports = {f"from {package} import {name}"}
        self.arguments: list[str] = []
        self._variables: list[str] = []
        for reference in operation.parameters:
            self._add_parameter(resolve(operation.document, reference), is_shared="$ref" in reference)
        self.body = [*self._variables, *(self._write_body(operation) if "body" in self._hints else [])]

    @property
    def imports(self) -> list[str]:
        return sorted(self._imports)

    def _add_parameter(self, parameter: Json, *, is_shared: bool) -> None:
        argument = re.sub(r"\W", "_", parameter["name"]).lower()
        value = self._first_example(parameter, parameter.get("schema", {}))
        if value is not None and argument in self._hints and not is_shared:
            text = self._write_value(self._hints[argument], value)
            if "(" in text:
                self._variables.append(f"{argument} = {text}")
                text = argument
            self.arguments.append(f"{argument}={text}")

    def _write_body(self, operation: Operation) -> list[str]:
        content = next(iter(resolve(self._document, operation.fields["requestBody"])["content"].values()))
        schema = content.get("schema", {})
        example = self._first_example(content, schema)
        kind = self._select_kind(self._hints["body"])
        self.arguments.append("body=body")
        if kind is File:
            return [f"body = {self._write_value(kind, b'...')}"]
        files = [name for name in example if is_file(self._find_field(schema, name))]
        names = {name: re.findall(r"\(the bytes of (.*)\)", str(example[name])) or ["file.bin"] for name in files}
        lines = [f"body = {self._write_value(kind, {**example, **dict.fromkeys(files, b'...')})}"]
        return lines + [f'body.{name}.file_name = "{names[name][0]}"' for name in files]

    def _find_field(self, schema: Json, name: str) -> Json:
        schema = resolve(self._document, schema)
        own = schema.get("properties", {}).get(name)
        return own or next((found for part in schema.get("allOf", ()) if (found := self._find_field(part, name))), {})

    def _first_example(self, content: Json, schema: Json) -> Any:
        examples = content.get("examples", {})
        value = next((example["value"] for example in examples.values()), content.get("example"))
        return next(iter(resolve(self._document, schema).get("examples", ())), None) if value is None else value

    def _write_value(self, hint: Any, value: Any) -> str:
        kind = self._select_kind(hint)
        if kind is File:
            self._imports |= {"from io import BytesIO", "from polargrid_generated.raw.types import File"}
            return 'File(BytesIO(b"..."))'
        if not inspect.isclass(kind) or kind.__module__ == "builtins":
            return repr(value)
        package = "polargrid_generated.raw.models" if kind.__module__.startswith("polargrid_") else kind.__module__
        self._imports.add(f"from {package} import {kind.__name__}")
        text = pformat(value, width=96, sort_dicts=False)
        method = next((f".{name}" for name in ("from_dict", "fromisoformat") if hasattr(kind, name)), "")
        return f"{kind.__name__}{method}({text})"

    @staticmethod
    def _select_kind(hint: Any) -> Any:
        kinds = [kind for kind in typing.get_args(hint) if kind not in (Unset, NoneType)]
        return kinds[0] if kinds and typing.get_origin(hint) not in (list, dict) else hint


def _find_limits(module: ModuleType) -> Iterator[str]:
    """Yield what the docstring of a function says that the raw client does not do."""
    for paragraph in inspect.cleandoc(module.sync_detailed.__doc__ or "").split("\n\n"):
        if paragraph.startswith("The raw client"):
            yield from (" ".join(paragraph.split()), "")
