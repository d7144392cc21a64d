"""The facts of openapi.yaml that a caller in Python meets: operations, arguments, responses, types; pure.

The document is read as written, so that any version of it can be read. Descriptions, examples, the order of keys and
extensions for the contract are no facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.changes.annotations import Union, parse_annotation
from generator.changes.schemas import STREAMS, SchemaReader, find_references
from generator.changes.shapes import Field, read_body_fields, read_fields, read_parameter
from generator.lint.document import METHODS
from generator.request_models import is_closed
from generator.schemas import resolve
from generator.spec import Location, Spec

_TEMPLATE = re.compile(r"{([^{}]*)}")
_IDEMPOTENCY_KEY = "idempotency-key"


@dataclass(frozen=True)
class Stream:
    """A streamed response."""

    chunk: Union
    media_type: str
    end: str
    """What ends the stream: data, the type of the last event, or the end of the body."""


@dataclass(frozen=True)
class OperationFacts:
    """An operation as a caller meets it."""

    name: str
    method: str
    path: str
    location: Location
    call: str = ""
    extra_calls: tuple[str, ...] = ()
    """Names that extensions add: `parse`, `{name}_iter`, `{name}_and_poll`."""
    arguments: Mapping[str, Field] = field(default_factory=dict)
    body_types: tuple[str, ...] = ()
    """The components whose fields are the arguments."""
    body_media_types: tuple[str, ...] = ()
    requires_body: bool = False
    is_closed: bool = False
    """Whether its body has no other fields than the arguments."""
    constants: frozenset[str] = frozenset()
    """What is always sent: `sync=true`."""
    returns: Union = frozenset()
    media_types: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    stream: Stream | None = None
    requires_key: bool = True
    accepts_idempotency_key: bool = False
    server: str = ""
    deprecated: bool = False
    uses: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    """The components that its requests and its responses reach."""

    @property
    def target(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def positional(self) -> list[str]:
        """The required parameters, which are arguments by position: those of the path in its order, then the others."""
        names = [name for name, item in self.arguments.items() if item.required and item.sent_in != "body"]
        order = {str(PythonIdentifier(name, prefix="param")): n for n, name in enumerate(_TEMPLATE.findall(self.path))}
        return sorted(names, key=lambda name: order.get(name, len(order)))

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names of the operation in a changelog."""
        names = (self.call.partition("(")[0], self.path, self.target, *self.body_types)
        return tuple(name for name in names if name)


class DocumentFacts:
    """The facts of a document; `names` renames components, so that references to a renamed type compare equal."""

    def __init__(self, spec: Spec, names: Mapping[str, str] | None = None) -> None:
        self.spec = spec
        self._names = names or {}
        self._reader = SchemaReader(spec, self._names)

    @cached_property
    def schemas(self) -> dict[str, Any]:
        """The components that are types, by the names that the comparison uses."""
        schemas: dict[str, Any] = self.spec.get("components", {}).get("schemas", {})
        return {self._names.get(name, name): schema for name, schema in schemas.items()}

    @cached_property
    def operations(self) -> dict[str, OperationFacts]:
        """Every operation, by its name."""
        return {item.name: item for item in self._read_operations()}

    def read_type(self, name: str) -> dict[str, Field]:
        """Return the fields of a component; none if it is no object."""
        location: Location = ("components", "schemas", self._original_name(name))
        return read_fields(self._reader, self.schemas[name], location)

    def locate(self, name: str) -> Location:
        """Return the location of a component."""
        return ("components", "schemas", self._original_name(name))

    def _original_name(self, name: str) -> str:
        return next((old for old, new in self._names.items() if new == name), name)

    def _read_operations(self) -> Iterator[OperationFacts]:
        for path, item in self.spec.get("paths", {}).items():
            inherited = {key: item[key] for key in ("parameters", "servers") if key in item}
            for method in METHODS:
                if isinstance(item.get(method), dict) and item[method].get("operationId"):
                    yield self._read_operation(path, method, item[method], inherited)

    def _read_operation(
        self, path: str, method: str, item: dict[str, Any], inherited: dict[str, Any]
    ) -> OperationFacts:
        own = [resolve(self.spec, parameter) for parameter in item.get("parameters", [])]
        declared = {(parameter["in"], parameter["name"]) for parameter in own}
        shared = [resolve(self.spec, parameter) for parameter in inherited.get("parameters", [])]
        parameters = [*own, *(item for item in shared if (item["in"], item["name"]) not in declared)]
        request = resolve(self.spec, item.get("requestBody") or {})
        body = request.get("content", {})
        security: list[dict[str, Any]] = [{"any": []}]  # without a word on it, a key is sent
        security = item.get("security", self.spec.get("security", security))
        servers = item.get("servers", inherited.get("servers", []))
        return OperationFacts(
            name=item["operationId"],
            method=method,
            path=path,
            location=("paths", path, method),
            call=item.get("x-call") or "",
            extra_calls=tuple(_read_extra_calls(item)),
            arguments=self._read_arguments(parameters, body, ("paths", path, method)),
            body_types=tuple(self._read_body_types(body)),
            body_media_types=tuple(body),
            requires_body=bool(request.get("required")),
            is_closed=any(is_closed(resolve(self.spec, content.get("schema", {}))) for content in body.values()),
            constants=frozenset(self._read_constants(parameters)),
            requires_key=bool(security) and {} not in security,
            accepts_idempotency_key=any(map(_is_idempotency_key, parameters)),
            server=servers[0]["url"] if servers else "",
            deprecated=bool(item.get("deprecated")),
            uses=(
                frozenset(self._reach([item.get("requestBody"), parameters])),
                frozenset(self._reach(item.get("responses"))),
            ),
            **self._read_responses(item.get("responses", {})),
        )

    def _read_arguments(
        self, parameters: list[dict[str, Any]], body: dict[str, Any], location: Location
    ) -> dict[str, Field]:
        arguments = {}
        for item in parameters:
            if "const" not in resolve(self.spec, item.get("schema", {})) and not _is_idempotency_key(item):
                argument = str(PythonIdentifier(item["name"], prefix="param"))
                arguments[argument] = read_parameter(self._reader, item, argument, location)
        for content in body.values():
            fields = read_body_fields(self._reader, content.get("schema", {}), location)
            arguments |= {name: field for name, field in fields.items() if name not in arguments}
        return arguments

    def _read_constants(self, parameters: list[dict[str, Any]]) -> Iterator[str]:
        for item in parameters:
            schema = resolve(self.spec, item.get("schema", {}))
            if "const" in schema:
                yield f"{item['name']}={str(schema['const']).lower()}"

    def _read_body_types(self, body: dict[str, Any]) -> Iterator[str]:
        """Yield the components of a body: its own, and those that `allOf` combines."""
        for content in body.values():
            schema = content.get("schema", {})
            while schema:
                parts = schema.get("allOf", [schema])
                names: list[str] = [part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part]
                yield from (self._names.get(name, name) for name in names)
                is_alias = len(parts) == 1 and names
                schema = resolve(self.spec, schema) if is_alias and "$ref" in schema else {}

    def _read_responses(self, responses: dict[str, Any]) -> dict[str, Any]:
        success = {str(status) for status in responses if status.startswith("2")}
        success = success or {str(status) for status in responses if status == "default"}
        returns: Union = frozenset()
        media_types: set[str] = set()
        stream = None
        for status in sorted(success):
            contents = resolve(self.spec, responses[status]).get("content", {})
            for media_type, content in contents.items():
                kind = media_type.partition(";")[0].strip().lower()
                schema = content.get("schema") or content.get("itemSchema") or {}
                if kind in STREAMS:
                    chunk = self._reader.read_chunk(schema)
                    stream = Stream(chunk, kind, _describe_end(content.get("x-event-stream", {})))
                    continue
                media_types.add(kind)
                returns |= self._reader.read_response(kind, schema)
            returns |= parse_annotation("None") if not contents else frozenset()
        return {
            "returns": returns,
            "media_types": frozenset(media_types),
            "statuses": frozenset(success),
            "errors": frozenset(set(responses) - success),
            "stream": stream,
        }

    def _reach(self, node: Any) -> set[str]:
        """Return the names of all components below a node."""
        names: set[str] = set()
        queue = [node]
        while queue:
            for kind, original in find_references(queue.pop()):
                name = self._names.get(original, original) if kind == "schemas" else f"{kind}/{original}"
                if name not in names:
                    names.add(name)
                    queue.append(self.spec.get("components", {}).get(kind, {}).get(original))
        return names


def _read_extra_calls(item: dict[str, Any]) -> Iterator[str]:
    prefix = (item.get("x-call") or "").partition("(")[0].rpartition(".")[0]
    yield from (f"{prefix}.{name}" for name in item.get("x-call-also", []))
    yield from (f"{item['operationId']}_{suffix}" for key, suffix in _ADDED_METHODS.items() if item.get(key))


_ADDED_METHODS = {"x-pages": "iter", "x-job": "and_poll"}


def _is_idempotency_key(item: dict[str, Any]) -> bool:
    return (item["in"], item["name"].lower()) == ("header", _IDEMPOTENCY_KEY)


def _describe_end(extension: dict[str, Any]) -> str:
    last = extension.get("last")
    if isinstance(last, dict):
        return f"the event of the type `{last.get('type')}`"
    return f"`{last}`" if last else "the end of the body"
