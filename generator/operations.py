"""The document's operations as the templates need them; pure."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.relax import unconditional
from generator.spec import Spec, SpecError

_METHODS = ("get", "put", "post", "delete", "patch")
#: What every method takes besides: CallOptions of the operations' template, and its own arguments.
_TAKEN = ("timeout", "idle_timeout", "deadline", "max_retries", "on_meta", "extra_headers", "extra_query", "extra_body",
          "options", "request", "file")  # fmt: skip
_ALSO = ("parse", "run_tools")
_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True)
class Parameter:
    """An argument of a method that travels in the path or the query."""

    name: str
    type: str
    description: str
    required: bool


@dataclass(frozen=True)
class Operation:
    """One method + path of the API, in the words of the Python surface."""

    name: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    request: str | None  # the type of the body without its file
    request_required: bool
    file: str | None  # the form field that takes a file
    answers: tuple[tuple[str, str], ...]  # media type, Python type
    event: str | None  # the type of a chunk
    streams: bool
    call: str = ""  # its name as OpenAI's SDK has it
    also: tuple[str, ...] = ()  # what else the client can do with it
    chooser: tuple[str, tuple[tuple[str, tuple[str | None, ...]], ...]] | None = None  # field, answer's type by value

    @property
    def options(self) -> tuple[str, ...]:
        """The arguments that every method takes besides."""
        return _TAKEN

    @property
    def constant(self) -> str:
        return self.name.upper()

    @property
    def answer(self) -> str:
        return _union(kind for _, kind in self.answers) or "None"

    @property
    def chunk(self) -> str:
        """What a streamed answer is made of: chunks, else bytes."""
        return self.event or "bytes"


def operations(spec: Spec) -> list[Operation]:
    """Every operation in the order of the document."""
    found: list[Operation] = []
    for path, item in spec["paths"].items():
        for method in (method for method in _METHODS if method in item):
            try:
                found.append(_operation(spec, method, path, item[method]))
            except SpecError as error:
                raise SpecError(error.message, place=("paths", path, method)) from error
    return found


def type_names(found: list[Operation]) -> list[str]:
    """Every type of polargrid_generated.models that the operations name."""
    return sorted({*answer_names(found), *(item.request for item in found if item.request)})


def answer_names(found: list[Operation]) -> list[str]:
    """The types of JSON answers and of chunks."""
    words = " ".join(f"{item.answer} {item.event}" for item in found)
    return sorted({word for word in re.findall(r"[A-Z]\w+", words) if word != "None"})


def list_items(spec: Spec) -> dict[str, str]:
    """The schemas of the shape {object: list, data: [...]}, each with the type of its items."""
    found = {}
    for name, schema in spec.get("components", {}).get("schemas", {}).items():
        fields = schema.get("properties", {})
        items = fields.get("data", {}).get("items", {})
        if (
            "list" in (fields.get("object", {}).get("const"), *fields.get("object", {}).get("enum", ()))
            and "$ref" in items
        ):
            found[name] = _named(name, items)
    return found


def _operation(spec: Spec, method: str, path: str, item: dict[str, Any]) -> Operation:
    name = item.get("operationId", "")
    where = f"{method.upper()} {path}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise SpecError(f"{where}: operationId must be a Python name in lower case, not {name!r}")
    if not item.get("tags") or not item.get("summary"):
        raise SpecError(f"{where}: an operation needs one tag and a summary; they become its module and docstring")
    request, required, file, body = _body(spec, where, item.get("requestBody"))
    answers, event = _answers(spec, where, item["responses"])
    return Operation(
        name=name,
        tag=str(PythonIdentifier(item["tags"][0], prefix="tag")),
        method=method,
        path=path,
        summary=item["summary"].strip(),
        description=item.get("description", "").strip(),
        parameters=tuple(_parameters(spec, where, item.get("parameters", []))),
        request=request,
        request_required=required,
        file=file,
        answers=answers,
        event=event,
        streams=bool(event) or _can_stream(body, answers),
        call=_call(where, item.get("x-call", "")),
        also=_also(where, item),
        chooser=_chooser(spec, where, item["responses"]),
    )


def _call(where: str, call: Any) -> str:
    call = call or ""
    parts = str(call).split(".")
    good = len(parts) > 1 and all(re.fullmatch(r"[a-z][a-z0-9_]*", part) for part in parts)
    if call and (not good or any(keyword.iskeyword(part) for part in parts)):
        raise SpecError(f"{where}: x-call must be names with dots between, like chat.completions.create, not {call!r}")
    return str(call)


def _also(where: str, item: dict[str, Any]) -> tuple[str, ...]:
    names = item.get("x-call-also", [])
    unknown = [name for name in names if name not in _ALSO]
    if unknown:
        raise SpecError(f"{where}: x-call-also: {unknown[0]!r} is none of {', '.join(_ALSO)}")
    if names and not item.get("x-call"):
        raise SpecError(f"{where}: x-call-also stands beside an x-call, whose siblings it names")
    return tuple(names)


def _chooser(spec: Spec, where: str, responses: dict[str, Any]) -> Any:
    """The field of the request that chooses the answer's type, and its values by that type: `x-answers`."""
    chosen: dict[str, dict[str, list[Any]]] = {}
    for media, item in _contents(spec, responses):
        if media == "text/event-stream":
            continue
        for branch in item.get("schema", {}).get("anyOf", [item.get("schema", {})]):
            kind = _answer(spec, where, media, branch)
            for expression, values in (branch.get("x-answers") or item.get("x-answers", {})).items():
                chosen.setdefault(expression.rsplit("/", 1)[-1], {}).setdefault(kind, []).extend(values)
    return next(
        ((name, tuple((kind, tuple(values)) for kind, values in kinds.items())) for name, kinds in chosen.items()
         if len(kinds) > 1), None
    )  # fmt: skip


def _can_stream(body: dict[str, Any], answers: tuple[tuple[str, str], ...]) -> bool:
    return "stream" in body.get("properties", {}) and any(kind == "bytes" for _, kind in answers)


def _parameters(spec: Spec, where: str, items: list[dict[str, Any]]) -> list[Parameter]:
    """The arguments; a query parameter with a constant value is no argument: it is always sent as it is."""
    found: list[Parameter] = []
    for item in (_resolved(spec, item) for item in items):
        schema = _resolved(spec, item.get("schema", {}))
        if "const" in schema:
            continue
        if item["in"] not in ("path", "query"):
            raise SpecError(f"{where}: parameter {item['name']}: only path and query parameters are generated")
        name = str(PythonIdentifier(item["name"], prefix="param"))
        if name in _TAKEN:
            raise SpecError(f"{where}: parameter {name}: every method takes {', '.join(_TAKEN)} of its own")
        required = bool(item.get("required"))
        found.append(Parameter(name, _simple(where, item["name"], schema), item.get("description", ""), required))
    return sorted(found, key=lambda parameter: not parameter.required)


def _simple(where: str, name: str, schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    unknown = [kind for kind in kinds if kind not in (*_SIMPLE, "null")]
    if unknown:
        raise SpecError(f"{where}: parameter {name}: type {unknown[0]} is not generated; use {', '.join(_SIMPLE)}")
    return _union(_SIMPLE[kind] for kind in kinds if kind != "null")


def _body(spec: Spec, where: str, body: Any) -> tuple[str | None, bool, str | None, dict[str, Any]]:
    """The request's type, whether it must be given, the form field of its file, and its schema."""
    if body is None:
        return None, False, None, {}
    content = _resolved(spec, body)["content"]
    required = bool(body.get("required"))
    if "application/json" in content:
        reference = content["application/json"]["schema"]
        return _named(where, reference), required, None, _resolved(spec, reference)
    if "multipart/form-data" in content:
        schema = _resolved(spec, content["multipart/form-data"]["schema"])
        return *_form(spec, where, schema), schema
    raise SpecError(f"{where}: a body must be application/json or multipart/form-data")


def _form(spec: Spec, where: str, schema: dict[str, Any]) -> tuple[str, bool, str]:
    """A form is `allOf` two named schemas: the fields, and the one that holds the file."""
    parts = schema.get("allOf", [])
    files = [(part, name) for part in parts for name in _binary(_resolved(spec, part))]
    fields = [part for part in parts if not _binary(_resolved(spec, part))]
    if len(files) != 1 or len(fields) != 1:
        raise SpecError(f"{where}: a form is allOf: [its fields, a schema with one binary file]")
    return _named(where, fields[0]), True, files[0][1]


def _binary(schema: dict[str, Any]) -> list[str]:
    return [name for name, item in schema.get("properties", {}).items() if item.get("format") == "binary"]


def _answers(spec: Spec, where: str, responses: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], str | None]:
    if not any(str(status).startswith("2") for status in responses):
        raise SpecError(f"{where}: responses: an answer with a status of 2xx is needed")
    answers: list[tuple[str, str]] = []
    event: str | None = None
    for media, item in _contents(spec, responses):
        if media == "text/event-stream":
            event = _chunk(spec, where, item["schema"])
        else:
            answers.append((media, _answer(spec, where, media, item.get("schema", {}))))
    return tuple(answers), event


def _contents(spec: Spec, responses: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What successes hold, by media type."""
    successes = [_resolved(spec, item) for status, item in responses.items() if str(status).startswith("2")]
    return [pair for success in successes for pair in success.get("content", {}).items()]


def _answer(spec: Spec, where: str, media: str, schema: dict[str, Any]) -> str:
    if media == "application/json":
        return _union(_named(where, unconditional(item)) for item in schema.get("anyOf", [schema]))
    return "bytes" if _resolved(spec, schema).get("format") == "binary" else "str"


def _chunk(spec: Spec, where: str, reference: dict[str, Any]) -> str:
    """An event is {data: "[DONE]" or JSON text of a named schema}."""
    data = _resolved(spec, reference).get("properties", {}).get("data", {})
    for branch in data.get("anyOf", [data]):
        if "contentSchema" in branch:
            return _named(where, branch["contentSchema"])
    raise SpecError(f"{where}: text/event-stream: `data` needs a contentSchema that names the chunk")


def _named(where: str, schema: dict[str, Any]) -> str:
    if "$ref" not in schema:
        raise SpecError(f"{where}: give the schema a name under components/schemas; it becomes the type")
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def _resolved(spec: Spec, node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _union(kinds: Any) -> str:
    return " | ".join(dict.fromkeys(kinds))
