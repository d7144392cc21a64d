"""The document's operations in the form that the templates need; pure."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.events import parse_events
from generator.parameters import APIParameter, accepts_idempotency_key, parse_parameters
from generator.responses import parse_response_selector, parse_responses
from generator.schemas import join_types, resolve, type_name
from generator.spec import Spec, SpecError
from polargrid_runtime.operation import Body, EventStream, FileField, ResponseType

_METHODS = ("get", "put", "post", "delete", "patch")
_HELPERS = ("parse", "run_tools")


@dataclass(frozen=True)
class ParsedTypes:
    """The models of a response with choices, each with a message, and the generic classes derived from them."""

    response: str
    choice: str
    message: str

    @property
    def response_class(self) -> str:
        return f"Parsed{self.response.removesuffix('Response')}"

    @property
    def choice_class(self) -> str:
        return f"Parsed{self.choice}"

    @property
    def message_class(self) -> str:
        return f"Parsed{self.message}"


@dataclass(frozen=True)
class APIOperation:
    """A method and a path of the API, as the document describes them."""

    name: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    all_parameters: tuple[APIParameter, ...]
    body: Body | None
    responses: tuple[ResponseType, ...]
    events: EventStream | None
    streams: bool
    accepts_idempotency_key: bool
    call: str = ""  # the name that OpenAI's SDK uses, like chat.completions.create
    helpers: tuple[str, ...] = ()  # the additional methods beside `call`
    parsed: ParsedTypes | None = None
    response_selector: tuple[str, tuple[tuple[str, tuple[str | None, ...]], ...]] | None = None

    @property
    def parameters(self) -> tuple[APIParameter, ...]:
        """The parameters that are arguments of the method."""
        return tuple(item for item in self.all_parameters if item.fact.constant is None)

    @property
    def request(self) -> str | None:
        """The type of the body, without its file."""
        return self.body.type if self.body else None

    @property
    def file(self) -> str | None:
        """The form field of the upload."""
        return self.body.files[0].name if self.body and self.body.files else None

    @property
    def constant(self) -> str:
        return self.name.upper()

    @property
    def facts(self) -> dict[str, Any]:
        """The fields of its Operation that differ from their defaults."""
        facts = {
            "parameters": tuple(item.fact for item in self.all_parameters),
            "body": self.body,
            "responses": self.responses,
            "events": self.events,
            "accepts_idempotency_key": self.accepts_idempotency_key,
        }
        return {name: value for name, value in facts.items() if value}

    @property
    def response_type(self) -> str:
        """The type of a response that is not streamed."""
        return join_types(item.type or "None" for item in self.responses) or "None"

    @property
    def chunk_type(self) -> str:
        """The type of a chunk: a model, else bytes."""
        return self.events.type if self.events else "bytes"


def parse_operations(spec: Spec) -> list[APIOperation]:
    """Return every operation in the order of the document. Raises SpecError for one that cannot be generated."""
    operations: list[APIOperation] = []
    for path, item in spec["paths"].items():
        if "parameters" in item:
            message = f"{path}: parameters of a path are not supported; list them in each operation"
            raise SpecError(message, location=("paths", path, "parameters"))
        for method in (method for method in _METHODS if method in item):
            try:
                operations.append(_parse_operation(spec, method, path, item[method]))
            except SpecError as error:
                raise SpecError(error.message, location=("paths", path, method)) from error
    return operations


def model_names(operations: list[APIOperation]) -> list[str]:
    """Return the models that the operations name."""
    return sorted({*response_names(operations), *(item.request for item in operations if item.request)})


def response_names(operations: list[APIOperation]) -> list[str]:
    """Return the models of JSON responses and of chunks."""
    words = " ".join(f"{item.response_type} {item.chunk_type}" for item in operations)
    return sorted({word for word in re.findall(r"[A-Z]\w+", words) if word not in ("Any", "None")})


def _parse_operation(spec: Spec, method: str, path: str, item: dict[str, Any]) -> APIOperation:
    name, context = item.get("operationId", ""), f"{method.upper()} {path}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise SpecError(f"{context}: operationId {name!r} is not a lower-case Python name")
    if not item.get("tags") or not item.get("summary"):
        raise SpecError(f"{context}: a tag and a summary are required; they become the module and the docstring")
    body, schema = _parse_body(spec, context, item.get("requestBody"))
    responses = parse_responses(spec, context, item, method)
    events = parse_events(spec, context, item)
    items = item.get("parameters", [])
    parameters = parse_parameters(spec, context, items)
    helpers = _parse_helpers(context, item, has_only_body=not (parameters or (body and body.files)))
    types = {kind.media_type: kind.type or "" for kind in responses if kind.media_type}
    return APIOperation(
        name=name,
        tag=str(PythonIdentifier(item["tags"][0], prefix="tag")),
        method=method,
        path=path,
        summary=item["summary"].strip(),
        description=item.get("description", "").strip(),
        all_parameters=parameters,
        body=body,
        responses=responses,
        events=events,
        streams=bool(events) or ("stream" in schema.get("properties", {}) and "bytes" in types.values()),
        accepts_idempotency_key=accepts_idempotency_key(spec, context, items),
        call=_parse_call(context, item.get("x-call", "")),
        helpers=helpers,
        parsed=_parsed_types(spec, context, types) if "parse" in helpers else None,
        response_selector=parse_response_selector(spec, context, item),
    )


def _parse_call(context: str, call: Any) -> str:
    call = call or ""
    parts = str(call).split(".")
    is_valid = len(parts) > 1 and all(re.fullmatch(r"[a-z][a-z0-9_]*", part) for part in parts)
    if call and (not is_valid or any(keyword.iskeyword(part) for part in parts)):
        raise SpecError(f"{context}: x-call {call!r} is not a dotted name like chat.completions.create")
    return str(call)


def _parse_helpers(context: str, item: dict[str, Any], *, has_only_body: bool) -> tuple[str, ...]:
    names = item.get("x-call-also", [])
    unknown = [name for name in names if name not in _HELPERS]
    if unknown:
        raise SpecError(f"{context}: unknown x-call-also {unknown[0]!r}; expected one of {', '.join(_HELPERS)}")
    if names and not item.get("x-call"):
        raise SpecError(f"{context}: x-call-also requires x-call, whose siblings it names")
    if names and not has_only_body:
        raise SpecError(f"{context}: x-call-also requires an operation without parameters and files")
    return tuple(names)


def _parsed_types(spec: Spec, context: str, responses: dict[str, str]) -> ParsedTypes:
    """Return the models of {choices: [{message: ...}]}."""
    schemas, response = spec["components"]["schemas"], responses.get("application/json", "")
    try:
        choice = type_name(context, schemas[response]["properties"]["choices"]["items"])
        message = type_name(context, schemas[choice]["properties"]["message"])
    except (KeyError, TypeError) as error:
        raise SpecError(f"{context}: x-call-also: parse requires a response with choices[].message") from error
    return ParsedTypes(response, choice, message)


def _parse_body(spec: Spec, context: str, body: Any) -> tuple[Body | None, dict[str, Any]]:
    """Return the body of a request, and its schema."""
    if body is None:
        return None, {}
    content = resolve(spec, body)["content"]
    if "application/json" in content:
        schema = content["application/json"]["schema"]
        kind = type_name(context, schema)
        return Body("application/json", kind, required=bool(body.get("required"))), resolve(spec, schema)
    if "multipart/form-data" in content:
        schema = resolve(spec, content["multipart/form-data"]["schema"])
        return _parse_form(spec, context, schema), schema
    raise SpecError(f"{context}: unknown body {', '.join(content)}; expected application/json or multipart/form-data")


def _parse_form(spec: Spec, context: str, schema: dict[str, Any]) -> Body:
    parts = schema.get("allOf", [])
    files = [name for part in parts for name in _binary_fields(resolve(spec, part))]
    fields = [part for part in parts if not _binary_fields(resolve(spec, part))]
    if len(files) != 1 or len(fields) != 1:
        raise SpecError(f"{context}: a form must be allOf: [schema of its fields, schema with one binary field]")
    kind = type_name(context, fields[0])
    return Body("multipart/form-data", kind, required=True, files=(FileField(files[0], "file"),))


def _binary_fields(schema: dict[str, Any]) -> list[str]:
    return [name for name, item in schema.get("properties", {}).items() if item.get("format") == "binary"]
