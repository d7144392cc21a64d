"""The operations of openapi.yaml with a request and a response each, from its examples: no test lists operations.

What has no example is derived from its schema: the required fields of a request, every field of a response.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.operation import Operation, split_path
from polargrid_testing.schema_values import SchemaValues

Json = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
EVENT_STREAM = "text/event-stream"
FILE = b"RIFF the bytes of a file"
_TEMPLATE = r"\{[^}]+\}"


@dataclass(frozen=True)
class Sample:
    """One operation, with what a call of it sends and receives."""

    name: str
    method: str
    path: str
    """The template, without the query of its key."""
    query: dict[str, str]
    """The query of the key; a value may be a template."""
    call: str | None
    """x-call."""
    requires_key: bool
    server: str | None
    parameters: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """The place and the value of each parameter that is required or has an example, by name."""
    request_type: str | None = None
    request: Any = None
    """The body; a form without its files."""
    files: tuple[str, ...] = ()
    """The fields of a form that are files; an empty name is a body that is a file."""
    status: int = 200
    media_type: str = ""
    response: Any = None
    """The body of the first successful response; None for audio and for no body."""
    events: tuple[str, ...] = ()
    """The data of the events of a stream, with its end, if a response can be one."""

    def __str__(self) -> str:
        return self.name

    @property
    def operation(self) -> Operation[Any, Any]:
        """The generated operation."""
        return next(operation for operation in OPERATIONS if operation.name == self.name)

    @property
    def url(self) -> str:
        """The path as it is sent, with its arguments."""
        path = self.path
        for name, (_, value) in self.parameters.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return path

    @property
    def full_query(self) -> dict[str, list[str]]:
        """The query as it is sent."""
        query: dict[str, Any] = dict(self.query)
        query |= {name: value for name, (where, value) in self.parameters.items() if where == "query"}
        values = {f"{{{name}}}": value for name, (_, value) in self.parameters.items()}
        texts = {name: values.get(value, value) if isinstance(value, str) else value for name, value in query.items()}
        return {name: [text if isinstance(text, str) else json.dumps(text)] for name, text in texts.items()}

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of its method, except for the request."""
        operation = self.operation
        arguments = {
            item.argument: self.parameters[item.name][1]
            for item in operation.parameters
            if item.constant is None and item.name in self.parameters
        }
        files = operation.body.files if operation.body else ()
        return {**arguments, **{item.argument: [FILE] if item.is_list else FILE for item in files}}

    @property
    def stream(self) -> bytes:
        """A response that is a stream of events."""
        return render_events(self.events)

    def matches(self, method: str, target: str) -> bool:
        """Whether a request is one of this operation."""
        path, _, query = normalize_target(target).partition("?")
        template = "[^/]+".join(map(re.escape, re.split(_TEMPLATE, self.path)))
        is_sent = {name: value[0] for name, value in parse_qs(query).items()}
        return (
            method == self.method
            and re.fullmatch(template, path) is not None
            and all(
                name in is_sent and (value.startswith("{") or is_sent[name] == value)  # a template is any value
                for name, value in self.query.items()
            )
        )

    def read_path_arguments(self, target: str) -> dict[str, str]:
        """Return the values of the templates of its key in the target of a request, decoded."""
        path, _, query = normalize_target(target).partition("?")
        pattern = re.sub(r"\\{[^}]+\\}", "([^/]+)", re.escape(self.path))
        match = re.fullmatch(pattern, path)
        names = re.findall(_TEMPLATE, self.path)
        values = dict(zip((name[1:-1] for name in names), map(unquote, match.groups() if match else ()), strict=False))
        sent = {name: value[0] for name, value in parse_qs(query).items()}
        templates = {name: value[1:-1] for name, value in self.query.items() if value.startswith("{")}
        return values | {argument: sent[name] for name, argument in templates.items() if name in sent}

    @property
    def body(self) -> bytes:
        """The body of the response as it is sent."""
        if self.media_type == EVENT_STREAM:
            return self.stream
        if self.media_type.endswith("json"):
            return json.dumps(self.response).encode()
        return self.response.encode() if isinstance(self.response, str) else FILE if self.media_type else b""


@cache
def load_document() -> Json:
    """Return the document of the generated package."""
    document: Json = json.loads(resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8"))
    return document


@cache
def load_samples() -> tuple[Sample, ...]:
    """Return every operation of the document, in order."""
    return tuple(read_samples(load_document()))


def normalize_target(target: str) -> str:
    """Return a target in which letters, digits and `-._~` are not percent-encoded (RFC 3986, 6.2.2.2)."""
    return re.sub("%(2D|2E|5F|7E|3[0-9]|[46][1-9A-F]|[57][0-9A])", lambda match: unquote(match[0]), target, flags=re.I)


def read_path(raw_path: bytes) -> str:
    """Return the path of a target, in which dots may be percent-encoded."""
    return raw_path.partition(b"?")[0].decode().replace("%2E", ".")


def find_sample(method: str, target: str) -> Sample:
    """Return the operation of a request: that with the longest query, and with the fewest templates in its path."""
    matches = [sample for sample in load_samples() if sample.matches(method, target)]
    return max(matches, key=lambda sample: (len(sample.query), -sample.path.count("{")))


def render_events(events: Iterable[str]) -> bytes:
    """Return a stream of events with this data."""
    return "".join(f"data: {event}\n\n" for event in events).encode()


def sample_schema(schema: Json, document: Json | None = None, *, is_full: bool = False) -> Any:
    """Return a value that matches a schema, whose references are in a document: that of the generated package."""
    return SchemaValues(load_document() if document is None else document).sample(schema, is_full=is_full)


def read_samples(document: Json) -> Iterator[Sample]:
    """Yield every operation of a document."""
    reader = _Reader(document)
    for key, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield reader.read(key, item, method)


class _Reader:
    def __init__(self, document: Json) -> None:
        values = SchemaValues(document)
        self._document, self._resolve, self._sample = document, values.resolve, values.sample

    def read(self, key: str, item: Json, method: str) -> Sample:
        """Return an operation."""
        operation = item[method]
        path, query = split_path(key)
        security = operation.get("security", self._document.get("security", ()))
        servers = operation.get("servers", item.get("servers", ()))
        return Sample(
            operation["operationId"],
            method.upper(),
            path,
            dict(query),
            operation.get("x-call"),
            requires_key=bool(security) and {} not in security,
            server=servers[0]["url"] if servers else None,
            parameters=dict(self._read_parameters(item, operation)),
            **self._read_body(self._resolve(operation.get("requestBody", {}))),
            **self._read_responses(operation["responses"]),
        )

    def _read_parameters(self, item: Json, operation: Json) -> Iterator[tuple[str, tuple[str, Any]]]:
        for reference in [*item.get("parameters", ()), *operation.get("parameters", ())]:
            parameter = self._resolve(reference)
            schema = self._resolve(parameter.get("schema") or next(iter(parameter["content"].values()))["schema"])
            is_sent = parameter.get("required") or parameter.keys() & {"example", "examples"} or "const" in schema
            if is_sent and "$ref" not in reference:
                value = self._first_example(parameter)
                yield parameter["name"], (parameter["in"], self._sample(schema) if value is None else value)

    def _read_body(self, body: Json) -> dict[str, Any]:
        if not body:
            return {}
        media_type, content = next(iter(body["content"].items()))
        files = tuple(self._list_files(content.get("schema", {})))
        if media_type.startswith("multipart/") or media_type.endswith(("json", "urlencoded")):
            value = self._first_example(content)
            value = self._sample(content["schema"]) if value is None else value
            if isinstance(value, Mapping):
                value = {name: item for name, item in value.items() if name not in files}
            return {"request_type": media_type, "request": value, "files": files}
        return {"request_type": media_type, "files": () if media_type.startswith("text/") else ("",)}

    def _list_files(self, schema: Json) -> Iterator[str]:
        schema = self._resolve(schema)
        for part in schema.get("allOf", ()):
            yield from self._list_files(part)
        for name, value in schema.get("properties", {}).items():
            item = self._resolve(value)
            item = self._resolve(item.get("items", item))
            if item.get("format") == "binary" or "contentMediaType" in item:
                yield name

    def _read_responses(self, responses: Json) -> dict[str, Any]:
        successes = [status for status in responses if status[0] == "2"] or ["default"]
        read: dict[str, Any] = {}
        for status in successes:
            response = self._resolve(responses[status])
            for media_type, content in response.get("content", {"": {}}).items():
                value = self._first_example(content)
                if media_type == EVENT_STREAM:
                    read.setdefault("events", tuple(self._read_events(content)))
                is_json = media_type.endswith("json")
                if "media_type" not in read or (read["media_type"] == EVENT_STREAM and is_json):
                    value = self._sample(content["schema"], is_full=True) if value is None and is_json else value
                    number = int(status.replace("X", "0")) if status != "default" else 200
                    read |= {"status": number, "media_type": media_type, "response": value}
        return read

    def _read_events(self, content: Json) -> Iterator[str]:
        """Yield the data of the example of an event, and then of the event that ends a stream."""
        yield (self._first_example(content) or self._sample(content["schema"]))["data"]
        last = content.get("x-event-stream", {}).get("last")
        if isinstance(last, Mapping):
            data = self._resolve(self._resolve(content["schema"])["properties"]["data"].get("contentSchema", {}))
            branches = [self._sample(part, is_full=True) for part in [*data.get("oneOf", ()), *data.get("anyOf", ())]]
            yield json.dumps(next(item for item in branches if last.items() <= item.items()))
        elif last is not None:
            yield last

    @staticmethod
    def _first_example(content: Json) -> Any:
        examples = content.get("examples", {})
        return next((example["value"] for example in examples.values()), content.get("example"))
