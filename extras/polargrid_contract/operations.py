"""The operations of the document, with the facts by which checks choose and address them; pure.

A check of a convention applies to every operation with the facts that it is about: a key, a JSON body, a path
parameter, an effect. So a new operation is checked as soon as the document has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from polargrid_contract.extensions.runtime_expressions import resolve, response_for
from polargrid_contract.schemas import flatten_object, is_binary
from polargrid_runtime.operation import split_path

Document = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
EVENT_STREAM = "text/event-stream"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_TEMPLATE = re.compile(r"\{([^}]+)\}")
_DEFAULT_SCHEMES = {"oauth2": "bearer", "openIdConnect": "bearer"}
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class ModelUse(NamedTuple):
    """`x-model`: the kind of model that an operation takes, None for any, and the part of the request that names it."""

    kind: str | None
    location: str
    """`body`, `path`, `query` or `header`."""
    field: str


class EventStreamContent(NamedTuple):
    """A response of an operation that is a stream of events, with its declaration."""

    media_type: str
    content: Mapping[str, Any]

    @property
    def rules(self) -> Mapping[str, Any]:
        """`x-event-stream`; empty if the stream ends with the body and declares no rules."""
        rules: Mapping[str, Any] = self.content.get("x-event-stream", {})
        return rules


@dataclass(frozen=True, eq=False)
class DocumentedOperation:
    """One operation, with what the path and the document declare for all of theirs."""

    name: str
    method: str
    key: str
    """The key of `paths`, which may have a query: `/v1/jobs?id={id}`."""
    definition: Mapping[str, Any] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    @property
    def path(self) -> str:
        """The path template, without the query of its key."""
        return split_path(self.key)[0]

    @cached_property
    def parameters(self) -> tuple[Mapping[str, Any], ...]:
        """The parameters, resolved."""
        return tuple(resolve(self.document, item) for item in self.definition.get("parameters", ()))

    @property
    def requires_key(self) -> bool:
        """Whether no alternative of `security` does without a key."""
        requirements = self.definition.get("security", self.document.get("security", []))
        return bool(requirements) and all(requirements)

    @property
    def authentication_schemes(self) -> frozenset[str]:
        """The schemes of HTTP by which a key is sent, in lower case; empty if it is sent in another way."""
        requirements = self.definition.get("security", self.document.get("security", []))
        declared = self.document.get("components", {}).get("securitySchemes", {})
        schemes = [resolve(self.document, declared[name]) for requirement in requirements for name in requirement]
        names = {str(it.get("scheme", _DEFAULT_SCHEMES.get(it["type"], ""))).lower() for it in schemes}
        return frozenset() if "" in names else frozenset(names)

    @property
    def has_effect(self) -> bool:
        """Whether it changes anything on the server, by `x-effect`; if that is not declared, by its method."""
        default = "none" if self.method in _SAFE_METHODS else "unknown"
        return str(self.definition.get("x-effect", default)) != "none"

    def is_in(self, profile: str) -> bool:
        """Whether servers of a profile have it."""
        return profile == "polargrid" or profile in self.definition.get("x-profiles", ())

    @cached_property
    def model(self) -> ModelUse | None:
        """The model that it takes."""
        declared = self.definition.get("x-model")
        if declared is None:
            return None
        source, _, name = str(declared["in"]).removeprefix("$request.").partition("#/")
        location, _, parameter = source.partition(".")
        return ModelUse(declared.get("kind"), location, name or parameter)

    @property
    def accepts_idempotency_key(self) -> bool:
        """Whether it declares the header Idempotency-Key."""
        return any((item["in"], item["name"].lower()) == ("header", "idempotency-key") for item in self.parameters)

    @cached_property
    def sources(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """The operations whose response has values for parameters of this one, by `links` and `x-job`."""
        return tuple(_find_sources(self.document, self.name))

    # The body

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The request body, resolved; empty if it has none."""
        return resolve(self.document, self.definition.get("requestBody", {}))

    @property
    def contents(self) -> Mapping[str, Mapping[str, Any]]:
        """The declarations of the body by media type."""
        contents: Mapping[str, Mapping[str, Any]] = self.body.get("content", {})
        return contents

    @property
    def json_type(self) -> str | None:
        """The media type of a JSON body; None if it takes none."""
        return next((name for name in self.contents if _is_json(name)), None)

    @property
    def form_type(self) -> str | None:
        """The media type of a form; None if it takes none."""
        return next((name for name in self.contents if name in _FORMS), None)

    @property
    def json_schema(self) -> Any:
        """The schema of a JSON body; True if any is accepted."""
        return self.contents[self.json_type].get("schema", True) if self.json_type else True

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of the fields of a form that are files."""
        schema = self.contents.get("multipart/form-data", {}).get("schema", {})
        properties, _ = flatten_object(self.document, schema)
        return frozenset(name for name, item in properties.items() if is_binary(resolve(self.document, item)))

    @cached_property
    def required_files(self) -> frozenset[str]:
        """The names of the files that a form must have."""
        _, required = flatten_object(self.document, self.contents.get("multipart/form-data", {}).get("schema", {}))
        return self.files & required

    # The responses

    def response(self, status: int) -> Mapping[str, Any]:
        """Return the declaration of responses with this status; empty if they are not documented."""
        return response_for(self.document, self.definition, status)

    def documents(self, status: int) -> bool:
        """Whether responses with this status are documented, by itself or by its class."""
        statuses = {str(name).upper() for name in self.definition.get("responses", {})}
        return bool({str(status), f"{status // 100}XX"} & statuses)

    @cached_property
    def event_streams(self) -> tuple[EventStreamContent, ...]:
        """The successful responses that are streams of events."""
        return tuple(
            EventStreamContent(media_type, content)
            for status, response in self.definition.get("responses", {}).items()
            if str(status).startswith("2")
            for media_type, content in resolve(self.document, response).get("content", {}).items()
            if media_type == EVENT_STREAM or "x-event-stream" in content
        )

    # The address

    def build_target(self, values: Mapping[str, Any]) -> str:
        """Return path and query with these values of its parameters, by name; each is one segment or one value."""

        def encode(match: re.Match[str]) -> str:
            return quote(_to_text(values[match[1]]), safe="")

        path, items = split_path(self.key)
        query = [(name, _TEMPLATE.sub(lambda match: _to_text(values[match[1]]), value)) for name, value in items]
        for item in self.parameters:
            if item["in"] == "query" and item["name"] in values:
                value = values[item["name"]]
                query += [(item["name"], _to_text(it)) for it in (value if isinstance(value, list) else [value])]
        return _TEMPLATE.sub(encode, path) + (f"?{urlencode(query)}" if query else "")

    def matches(self, path: str) -> bool:
        """Whether a path is one of this operation."""
        return is_path(self.path, path)


def read_operations(document: Mapping[str, Any]) -> dict[str, DocumentedOperation]:
    """Return the operations of a document by operationId."""
    operations = {}
    for key, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                definition = dict(_inherit(document, item, item[method]))
                name = str(definition["operationId"])
                operations[name] = DocumentedOperation(name, method.upper(), key, definition, document)
    return operations


def is_template(value: str) -> bool:
    """Whether the value of a key's query is that of a parameter."""
    return _TEMPLATE.fullmatch(value) is not None


def is_path(template: str, path: str) -> bool:
    """Whether a path is one of a template."""
    return _compile_template(template).fullmatch(path) is not None


@cache
def _compile_template(template: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]+\}", template)))


def _find_sources(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for item in document["paths"].values():
        for definition in (item[method] for method in METHODS if method in item):
            job = definition.get("x-job", {})
            if job.get("poll") == name:
                yield definition["operationId"], {job["parameter"]: job["id"]}
            for response in definition.get("responses", {}).values():
                for node in resolve(document, response).get("links", {}).values():
                    link = resolve(document, node)
                    if link.get("operationId") == name and link.get("parameters"):
                        yield definition["operationId"], link["parameters"]


def _inherit(
    document: Mapping[str, Any], item: Mapping[str, Any], definition: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an operation, with the parameters that its path declares for all methods."""
    yield from definition.items()
    own = list(definition.get("parameters", ()))
    names = {(it["name"], it["in"]) for it in (resolve(document, node) for node in own)}
    shared = [node for node in item.get("parameters", ()) if _identify(document, node) not in names]
    if own or shared:
        yield "parameters", [*shared, *own]


def _identify(document: Mapping[str, Any], node: Mapping[str, Any]) -> tuple[str, str]:
    parameter = resolve(document, node)
    return parameter["name"], parameter["in"]


def _is_json(media_type: str) -> bool:
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _to_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
