"""The document's operations in the form that the templates need; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.access import parse_server, requires_key
from generator.bodies import parse_body
from generator.calls import parse_call, parse_helpers
from generator.events import parse_events
from generator.examples import Example, read_example
from generator.names import pascal_case
from generator.pages import PagedItems, Polling, parse_job, parse_pages
from generator.parameters import APIParameter, accepts_idempotency_key, parse_parameters
from generator.responses import parse_response_selector, parse_responses
from generator.schemas import join_types, resolve, type_name
from generator.spec import Spec, SpecError
from generator.unions import all_properties
from polargrid_runtime.operation import Body, EventStream, ResponseType, split_path


@dataclass(frozen=True)
class ParsedTypes:
    """The models of a response with choices, each with a message, and the generic classes derived from them."""

    response: str
    choice: str
    message: str
    call: str = ""  # of a tool, and its function; empty if a message has none
    function: str = ""

    @property
    def response_class(self) -> str:
        return f"Parsed{self.response.removesuffix('Response')}"

    @property
    def choice_class(self) -> str:
        return f"Parsed{self.choice}"

    @property
    def message_class(self) -> str:
        return f"Parsed{self.message}"

    @property
    def call_class(self) -> str:
        return f"Parsed{self.call}"

    @property
    def function_class(self) -> str:
        return f"Parsed{self.function}"

    @property
    def models(self) -> tuple[str, ...]:
        """The models that the classes derive from."""
        return tuple(name for name in (self.response, self.choice, self.message, self.call, self.function) if name)


@dataclass(frozen=True)
class APIOperation:
    """A method and a path of the API, as the document describes them."""

    name: str
    tag: str
    method: str
    key: str  # of `paths`
    path: str
    query: tuple[tuple[str, str], ...]
    summary: str
    description: str
    all_parameters: tuple[APIParameter, ...]
    parameters_type: str | None
    body: Body | None
    read_only: frozenset[str]  # fields of the body that only responses have
    responses: tuple[ResponseType, ...]
    events: EventStream | None
    streams: bool
    server: str | None
    requires_key: bool
    accepts_idempotency_key: bool
    deprecated: bool = False
    call: str = ""  # the name that OpenAI's SDK uses, like chat.completions.create
    is_stream_call: bool = False  # whether it serves `call` with stream=True, beside another operation
    helpers: tuple[str, ...] = ()  # the additional methods beside `call`
    parsed: ParsedTypes | None = None
    response_selector: tuple[str, tuple[tuple[str, tuple[str | None, ...]], ...]] | None = None
    paged: PagedItems | None = None
    polling: Polling | None = None
    example: Example = field(default_factory=Example)

    @property
    def parameters(self) -> tuple[APIParameter, ...]:
        """The parameters that are arguments of the method."""
        return tuple(item for item in self.all_parameters if item.fact.constant is None)

    @property
    def method_names(self) -> list[str]:
        """The names of its methods on a client."""
        suffixes = {
            "_stream": self.streams and not self.only_streams,
            "_iter": self.paged is not None,
            "_and_poll": self.polling is not None,
        }
        return [self.name, *(f"{self.name}{suffix}" for suffix, exists in suffixes.items() if exists)]

    @property
    def only_streams(self) -> bool:
        """Whether every response is a stream of events."""
        return self.events is not None and not any(item.type for item in self.responses)

    @property
    def constant(self) -> str:
        return self.name.upper()

    @property
    def facts(self) -> dict[str, Any]:
        """The fields of its Operation that differ from their defaults."""
        facts = {
            "query": self.query,
            "parameters": tuple(item.fact for item in self.all_parameters),
            "parameters_type": self.parameters_type,
            "body": self.body,
            "responses": self.responses,
            "events": self.events,
            "server": self.server,
            "accepts_idempotency_key": self.accepts_idempotency_key,
            "deprecated": self.deprecated,
            "pages": self.paged and self.paged.pages,
            "job": self.polling and self.polling.job,
        }
        needs_no_key = {} if self.requires_key else {"requires_key": False}
        return {name: value for name, value in facts.items() if value} | needs_no_key

    @property
    def response_type(self) -> str:
        """The type of a response that is not streamed."""
        return join_types(item.type or "None" for item in self.responses) or "None"

    @property
    def chunk_type(self) -> str:
        """The type of a chunk: a model, else bytes."""
        return self.events.type if self.events else "bytes"


def parse_operations(spec: Spec) -> list[APIOperation]:
    """Return every operation of a normalized document, in its order.

    Raises SpecError for one that cannot be generated.
    """
    operations: list[APIOperation] = []
    targets: dict[tuple[str, str, tuple[tuple[str, str], ...]], str] = {}
    for key, item in spec["paths"].items():
        for method, operation in item.items():
            try:
                parsed = _parse_operation(spec, method, key, operation)
                query = sorted((name, _anonymous(value)) for name, value in parsed.query)
                target = (method, _anonymous(parsed.path), tuple(query))
                if target in targets:
                    message = f"{method.upper()} {key}: its requests are those of {targets[target]}; remove one of them"
                    raise SpecError(message)
                targets[target] = key
            except SpecError as error:
                raise SpecError(error.message, location=("paths", key, method, *error.location)) from error
            operations.append(parsed)
    return operations


def _anonymous(template: str) -> str:
    return re.sub(r"{[^{}]*}", "{}", template)


def response_names(operations: list[APIOperation]) -> list[str]:
    """Return the models of JSON responses and of chunks."""
    words = " ".join(f"{item.response_type} {item.chunk_type}" for item in operations)
    return sorted({word for word in re.findall(r"[A-Z]\w+", words) if word not in ("Any", "None")})


def _parse_operation(spec: Spec, method: str, key: str, item: dict[str, Any]) -> APIOperation:
    context = f"{method.upper()} {key}"
    if not item.get("tags") or not item.get("summary"):
        raise SpecError(f"{context}: a tag and a summary are required; they become the module and the docstring")
    path, query = split_path(key)
    if not re.fullmatch(r"(/|[A-Za-z0-9._~!$&'()*+,;=:@%-]|{[^{}]*})+", path):
        raise SpecError(f"{context}: the path has a character that a URL does not have; percent-encode it")
    body = parse_body(spec, context, item.get("requestBody"))
    if body is not None and method in ("get", "head"):
        message = f"{context}: the body of a {method.upper()} request has no meaning; use parameters, or POST"
        raise SpecError(message, location=("requestBody",))
    responses = parse_responses(spec, context, item, method)
    events = parse_events(spec, context, item)
    parameters = parse_parameters(spec, context, key, item["parameters"])
    call, is_stream_call = parse_call(context, item)
    helpers = parse_helpers(context, item, has_only_body=not (parameters or (body and body.files)))
    types = {kind.media_type: kind.type or "" for kind in responses if kind.media_type}
    has_stream = body is not None and body.type is not None and "stream" in _fields(spec, body.type)
    return APIOperation(
        name=item["operationId"],
        tag=str(PythonIdentifier(item["tags"][0], prefix="tag")),
        method=method,
        key=key,
        path=path,
        query=query,
        summary=item["summary"].strip(),
        description=item.get("description", "").strip(),
        all_parameters=parameters,
        parameters_type=f"{pascal_case(item['operationId'])}Parameters" if _has_arguments(parameters) else None,
        body=body,
        read_only=_read_only(spec, body),
        responses=responses,
        events=events,
        streams=bool(events) or (has_stream and "bytes" in types.values()),
        server=parse_server(spec, context, item),
        requires_key=requires_key(spec, context, item),
        accepts_idempotency_key=accepts_idempotency_key(spec, context, item["parameters"]),
        deprecated=bool(item.get("deprecated")),
        call=call,
        is_stream_call=is_stream_call,
        helpers=helpers,
        parsed=_resolve_parsed_types(spec, context, types) if "parse" in helpers else None,
        response_selector=parse_response_selector(spec, context, item),
        paged=parse_pages(spec, context, item, _arguments(spec, parameters, body)),
        polling=parse_job(spec, context, item, _operations_by_id(spec)),
        example=_read_example(item, events, has_text=_has_text(spec, [*types.values(), events.type if events else ""])),
    )


def _read_example(item: dict[str, Any], events: EventStream | None, *, has_text: bool) -> Example:
    bodies = item.get("requestBody", {}).get("content", {}).values()
    values = {parameter["name"]: read_example(parameter) for parameter in item["parameters"]}
    return Example(
        next(map(read_example, bodies), None),
        {name: value for name, value in values.items() if value is not None},
        has_text=has_text and (events is None or bool(events.choices)),
    )


def _has_text(spec: Spec, names: list[str]) -> bool:
    """Whether a response is one with choices: it has the attribute `text`."""
    return any("choices" in _fields(spec, name) for name in names)


def _arguments(spec: Spec, parameters: tuple[APIParameter, ...], body: Body | None) -> dict[str, str]:
    """Return the arguments of the parameters and the fields of an operation, by their names on the wire."""
    fields = _fields(spec, body.type) if body is not None and body.type is not None else {}
    return {name: name for name in fields} | {item.fact.name: item.fact.argument for item in parameters}


def _read_only(spec: Spec, body: Body | None) -> frozenset[str]:
    fields = _fields(spec, body.type) if body is not None and body.type is not None else {}
    return frozenset(
        name for name, field in fields.items() if resolve(spec, field).get("readOnly") or field.get("readOnly")
    )


def _operations_by_id(spec: Spec) -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for item in spec["paths"].values() for operation in item.values()}


def _fields(spec: Spec, name: str) -> dict[str, Any]:
    return all_properties(spec, spec["components"]["schemas"].get(name, {}))


def _has_arguments(parameters: tuple[APIParameter, ...]) -> bool:
    return any(item.fact.constant is None for item in parameters)


def _resolve_parsed_types(spec: Spec, context: str, responses: dict[str, str]) -> ParsedTypes:
    """Return the models of {choices: [{message: ...}]}."""
    schemas, response = spec["components"]["schemas"], responses.get("application/json", "")
    try:
        choice = type_name(context, schemas[response]["properties"]["choices"]["items"])
        message = type_name(context, schemas[choice]["properties"]["message"])
    except (KeyError, TypeError) as error:
        raise SpecError(f"{context}: x-call-also: parse requires a response with choices[].message") from error
    return ParsedTypes(response, choice, message, *_find_call_types(spec, message))


def _find_call_types(spec: Spec, message: str) -> tuple[str, str]:
    """Return the models of {tool_calls: [{function: {arguments: ...}}]}; empty if the message has none."""
    call = _find_reference(_fields(spec, message).get("tool_calls"))
    function = _find_reference(_fields(spec, call).get("function"))
    return (call, function) if "arguments" in _fields(spec, function) else ("", "")


def _find_reference(schema: Any) -> str:
    """Return the first component that a schema refers to: of an item, of a null or a stricter form of it."""
    if isinstance(schema, dict) and "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    items = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return next(filter(None, map(_find_reference, items)), "")
