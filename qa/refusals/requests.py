"""Hostile requests of a size, for each operation of openapi.yaml.

An operation's schema decides where its lists, strings and numbers are. No request is served: where everything else is
valid, the model does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from polargrid_edge.app import load_specification
from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.operation import Operation

# A path, query or header has this part of the size: a head of more than 64 KiB is rejected by its size.
_HEAD_SHARE: Final = 1 / 32
_BOUNDARY: Final = "b" * 40
FORM_TYPE: Final = f"multipart/form-data; boundary={_BOUNDARY}"
_UNKNOWN_MODEL: Final = "no-such-model"

Build = Callable[[int], "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request of an operation; `content_type` and `path` are None for the operation's own."""

    body: bytes = b""
    content_type: str | None = None
    path: str | None = None
    query: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def build_requests(operation: Operation[Any, Any]) -> dict[str, Build]:
    """The hostile requests of an operation by their kind; each takes its size in bytes."""
    kinds = dict(_HEADS)
    if operation.request_type is not None and not has_file(operation):
        kinds |= _build_json(operation)
    elif operation.request_type is not None:
        kinds |= _build_forms(operation)
    else:
        kinds["body: ignored"] = lambda size: Request(b"[" * size)
    return kinds


def has_file(operation: Operation[Any, Any]) -> bool:
    """Whether the body is a form with a file."""
    return operation.body is not None and bool(operation.body.files)


def _repeat(part: str, size: int) -> str:
    return part * max(1, size // len(part))


def _head(build: Callable[[int], Request]) -> Build:
    return lambda size: build(int(size * _HEAD_SHARE))


_ITEMS: Final = {
    "depth": "[",
    "spaces": " ",
    "empty lists": "[]",
    "empty objects": "{}",
    "numbers": "1e300",
    "integers": "9" * 4000,
    "escapes": '"\\u0041"',
    "surrogates": '"\\ud800"',
}

_HEADS: Final[Mapping[str, Build]] = {
    "path: percent": _head(lambda size: Request(path="/" + _repeat("%41", size))),
    "path: slashes": _head(lambda size: Request(path="/" * size)),
    "query: names": _head(lambda size: Request(query=_repeat("a&", size).encode())),
    "query: percent": _head(lambda size: Request(query=b"sync=" + _repeat("%E2%82", size).encode())),
    "type: parameters": _head(lambda size: Request(b"{}", "multipart/form-data" + _repeat(';a="', size))),
    "type: quotes": _head(lambda size: Request(b"{}", 'multipart/form-data; boundary="' + _repeat(';\\"', size))),
    "key: long": _head(lambda size: Request(headers={"authorization": "Bearer " + "x" * size})),
    "headers: many": _head(lambda size: Request(headers={f"x-{n}": "1" for n in range(size // 8)})),
}


def _build_json(operation: Operation[Any, Any]) -> dict[str, Build]:
    kinds: dict[str, Build] = {
        "json: digits": lambda size: _with_field(operation, "x", "9" * size),
        "json: decimals": lambda size: _with_field(operation, "x", "0." + "9" * size),
        "json: names": lambda size: _with_names(operation, size, ""),
        "json: last name twice": lambda size: _with_names(operation, size, ',"z":1,"z":1'),
        "json: long name": lambda size: _with_field(operation, "n" * size, "1"),
        "json: long name twice": lambda size: Request(b'{"%s":1,"%s":1}' % ((b"n" * (size // 2),) * 2)),
        "json: not UTF-8": lambda size: Request(b'"' + b"a" * size + b'\xff"'),
        "json: cut": lambda size: Request(b'{"a": [' + b'{"a": "b"}, ' * (size // 12)),
    }
    for name, item in _ITEMS.items():
        kinds[f"json: {name}, cut"] = partial(_cut_list, item)
        kinds[f"json: {name}"] = partial(_with_list, operation, "x", item)
    for path in _paths(operation):
        for item in ('"a"', "{}", "[1]"):
            kinds[f"{path}: {item}"] = partial(_with_list, operation, path, item)
        kinds[f"{path}: text"] = partial(_with_text, operation, path)
    return kinds


def _cut_list(item: str, size: int) -> Request:
    return Request(b"[" + _repeat(f"{item},", size).encode())


def _with_list(operation: Operation[Any, Any], path: str, item: str, size: int) -> Request:
    return _with_field(operation, path, f"[{_repeat(f'{item},', size).rstrip(',')}]")


def _with_text(operation: Operation[Any, Any], path: str, size: int) -> Request:
    return _with_field(operation, path, json.dumps(_repeat("a b", size)))


def _paths(operation: Operation[Any, Any]) -> Iterator[str]:
    """The fields of the body, and the fields of the objects that its lists contain: `messages`, `messages.content`."""
    assert operation.request_type is not None
    schema = operation.request_type.model_json_schema()
    for name, definition in schema["properties"].items():
        yield name
        for item in _items(schema, definition):
            yield from (f"{name}.{inner}" for inner in item.get("properties", ()))


def _items(schema: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for option in (definition, *definition.get("anyOf", ())):
        item = option.get("items", {})
        yield schema["$defs"][item["$ref"].rpartition("/")[2]] if "$ref" in item else item


def _names(size: int) -> str:
    return "{" + ",".join(f'"{number}":1' for number in range(size // 8)) + "}"


def _with_names(operation: Operation[Any, Any], size: int, end: str) -> Request:
    fields = json.dumps(_minimal_body(operation))[1:-1]
    return Request(("{" + ", ".join(filter(None, (fields, _names(size)[1:-1]))) + end + "}").encode())


def _with_field(operation: Operation[Any, Any], path: str, value: str) -> Request:
    """A valid request of an unknown model, with a JSON text in place of one field."""
    name, _, inner = path.partition(".")
    value = f'[{{"role": "user", "{inner}": {value}}}]' if inner else value
    body = _minimal_body(operation)
    body.pop(name, None)
    fields = [*(f"{json.dumps(key)}: {json.dumps(item)}" for key, item in body.items()), f"{json.dumps(name)}: {value}"]
    return Request(("{" + ", ".join(fields) + "}").encode())


def _minimal_body(operation: Operation[Any, Any]) -> dict[str, Any]:
    """The required fields of the first example of the operation, with a model that does not exist."""
    assert operation.request_type is not None
    media = _SPECS[operation.name]["requestBody"]["content"]["application/json"]
    examples = [media["example"]] if "example" in media else [item["value"] for item in media["examples"].values()]
    required = operation.request_type.model_json_schema().get("required", ())
    body = {name: examples[0][name] for name in required}
    return body | {name: _UNKNOWN_MODEL for name in ("model", "model_name") if name in body}


def _build_forms(operation: Operation[Any, Any]) -> dict[str, Build]:
    assert operation.body is not None
    file = f'name="{operation.body.files[0].name}"; filename="a.wav"'
    kinds: dict[str, Build] = {
        "form: fields": lambda size: _form([('name="x"', "1")] * (size // 90)),
        "form: files": lambda size: _form([(file, "1")] * (size // 110)),
        "form: file": lambda size: _form([('name="model"', _UNKNOWN_MODEL), (file, "\r\n--" * (size // 4))]),
        "form: boundaries": lambda size: Request(f"--{_BOUNDARY}\r\n".encode() * (size // 44), FORM_TYPE),
        "form: almost boundaries": lambda size: _form([(file, _repeat("\r\n--" + _BOUNDARY[:-1], size))]),
        "form: lines": lambda size: Request(b"\r\n" * (size // 2), FORM_TYPE),
        "form: part headers": lambda size: _form([(f"{file}\r\n" + _repeat("a: b\r\n", size).rstrip(), "1")]),
        "form: long header": lambda size: _form([(file + _repeat(';a="', size), "1")]),
        "form: not a form": lambda size: Request(b"x" * size, FORM_TYPE),
        "form: epilogue": lambda size: Request(_form([(file, "1")]).body + b"\r\n" * (size // 2), FORM_TYPE),
        "form: punycode": lambda size: Request(
            _form([('name="prompt"', "\U0001f600".encode("punycode").decode() * (size // 5))]).body,
            FORM_TYPE + "; charset=punycode",
        ),
        "form: boundary": _head(lambda size: Request(b"--", f"multipart/form-data; boundary={'b' * size}")),
    }
    for name in operation.request_type.model_fields if operation.request_type else ():
        kinds[f"form: {name}"] = partial(_with_form_field, file, name)
    return kinds


def _with_form_field(file: str, name: str, size: int) -> Request:
    return _form([('name="model"', _UNKNOWN_MODEL), (f'name="{name}"', "9" * size), (file, "1")])


def _form(parts: list[tuple[str, str]]) -> Request:
    """A complete form of parts, each a disposition (and further headers) and a content."""
    lines = [f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n" for head, content in parts]
    return Request(("".join(lines) + f"--{_BOUNDARY}--\r\n").encode(), FORM_TYPE)


_SPECS: Final = {
    spec["operationId"]: spec
    for item in load_specification()["paths"].values()
    for spec in item.values()
    if "operationId" in spec
}
#: The hostile requests of each operation by operation and kind.
HOSTILE: Final[Mapping[str, Mapping[str, Build]]] = {
    operation.name: build_requests(operation) for operation in OPERATIONS
}
