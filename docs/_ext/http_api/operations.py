"""An operation in Markdown: its calls in Python, parameters, request, responses and stream; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from http_api.document import Json, Operation, reference_name, resolve
from http_api.schemas import SchemaWriter, to_cell, to_code, to_line
from polargrid_runtime.json_lines import JSON_LINES
from polargrid_runtime.operation import split_path

_STREAM_TYPES = {
    "text/event-stream": "server-sent events",
    **dict.fromkeys(JSON_LINES, "lines of JSON"),
}


class OperationWriter:
    """Writes operations; `link_parameter` returns the link to a parameter that several operations share."""

    def __init__(self, document: Json, schemas: SchemaWriter, link_parameter: Callable[[str], str]) -> None:
        self._document, self._schemas, self._link_parameter = document, schemas, link_parameter

    def write(self, operation: Operation) -> Iterator[str]:
        """Yield the lines of a section."""
        fields = operation.fields
        yield from (f"## {operation.title}", "", fields.get("summary", ""), "", fields.get("description", ""), "")
        if fields.get("deprecated"):
            yield from ("**Deprecated.**", "")
        yield from (f"In Python: {' or '.join(_list_calls(fields))}. {_describe_access(operation)}", "")
        yield from self._write_parameters(operation)
        body = resolve(self._document, fields.get("requestBody", {}))
        for media_type, content in body.get("content", {}).items():
            yield from self._write_request(media_type, content, is_required=body.get("required", False))
        responses = {
            status: resolve(self._document, response) for status, response in fields.get("responses", {}).items()
        }
        errors = list_shared_errors(operation)
        own = {status: response for status, response in responses.items() if status not in errors}
        yield from ("**Responses**", "", *self._schemas.write_responses(own.items()), "")
        if errors:
            yield from (f"**Errors**: {', '.join(errors)} ([what they mean](shared.md#errors)).", "")
        for response in responses.values():
            for media_type, content in response.get("content", {}).items():
                if media_type in _STREAM_TYPES:
                    yield from (f"**Stream**: {_describe_stream(media_type, content)}", "")
        yield from _write_sequences(fields)

    def _write_parameters(self, operation: Operation) -> Iterator[str]:
        rows = [self._write_parameter(operation, reference) for reference in operation.parameters]
        rows += [
            f"| `{name}` * | query | string | Always `{value}`. |"
            for name, value in split_path(operation.path)[1]
            if not re.fullmatch(r"\{.*\}", value)
        ]
        if rows:
            yield from ("**Parameters**", "", "| Name | In | Type | Description |", "|---|---|---|---|")
            yield from (*rows, "", "\\* required" if any("` * |" in row for row in rows) else "", "")

    def _write_parameter(self, operation: Operation, reference: Json) -> str:
        parameter = resolve(self._document, reference)
        name, place = parameter["name"], parameter["in"]
        content = next(iter(parameter.get("content", {"": {}}).values()))
        schema = parameter.get("schema", content.get("schema", {}))
        if any(value == f"{{{name}}}" for _, value in split_path(operation.path)[1]):
            place = "query"
        texts = ["**Deprecated.**" if parameter.get("deprecated") else ""]
        texts += [f"Always {to_code(schema['const'])}." if "const" in schema else ""]
        if "$ref" in reference:
            texts += [self._link_parameter(reference_name(reference)) + "."]
        else:
            texts += [parameter.get("description", ""), self._schemas.describe_use({**schema, "description": ""})]
        texts += [_describe_style(parameter, resolve(self._document, schema))]
        mark = " *" if parameter.get("required") or "const" in schema else ""
        text = to_cell(" ".join(text for text in texts if text))
        return f"| `{name}`{mark} | {place} | {to_cell(self._schemas.describe(schema))} | {text} |"

    def _write_request(self, media_type: str, content: Json, *, is_required: bool) -> Iterator[str]:
        schema = content.get("schema", {})
        necessity = "" if is_required else ", optional"
        yield from (f"**Request**, `{media_type}`{necessity}: {self._schemas.describe(schema)}", "")
        yield from self._schemas.write_fields(schema)
        for name, encoding in content.get("encoding", {}).items():
            if "contentType" in encoding:
                yield from (f"The part `{name}` is {_list_code(encoding['contentType'])}.", "")
        yield from _write_example(content)


def list_shared_errors(operation: Operation) -> dict[str, str]:
    """Return the errors that are described once for all operations: their names by status."""
    responses = operation.fields.get("responses", {}).items()
    return {status: reference_name(item) for status, item in responses if "$ref" in item and status[0] in "45"}


def _list_calls(fields: Json) -> list[str]:
    """Return the calls in Python, as code."""
    name, call = fields["operationId"], fields.get("x-call")
    return [f"`client.{text}`" for text in (call, name) if text]


def _describe_access(operation: Operation) -> str:
    key = "Requires an API key." if operation.requires_key else "Requires no API key."
    servers = f" Base URL: {_list_code(', '.join(operation.servers))}." if operation.servers else ""
    return key + servers


def _describe_style(parameter: Json, schema: Json) -> str:
    """Return how an array or an object is written; nothing for other values."""
    name, place = parameter["name"], parameter["in"]
    style = parameter.get("style", "form" if place in ("query", "cookie") else "simple")
    explode = parameter.get("explode", style in ("form", "deepObject"))
    kinds = schema.get("type", "object" if "properties" in schema else "")
    if "content" in parameter:
        return f"As `{next(iter(parameter['content']))}`."
    if "array" in kinds:
        separators = {"spaceDelimited": "%20", "pipeDelimited": "|", "label": "."}
        repeated = f"`{name}=a&{name}=b`" if style == "form" and explode else ""
        return f"Written as {repeated or f'`a{separators.get(style, chr(44))}b`'}."
    if "object" in kinds:
        if style == "deepObject":
            return f"Written as `{name}[field]=value`."
        return "Each field is a parameter." if style == "form" and explode else "Written as `field,value`."
    return ""


def _write_example(content: Json) -> Iterator[str]:
    examples = content.get("examples", {})
    value = next((example["value"] for example in examples.values()), content.get("example"))
    if isinstance(value, dict) and not any(str(text).startswith("(the bytes") for text in value.values()):
        yield from ("```json", json.dumps(value, indent=2, ensure_ascii=False), "```", "")


def _describe_stream(media_type: str, content: Json) -> str:
    last = content.get("x-event-stream", {}).get("last")
    ends = {str: f"The last event is `{last}`.", type(None): "It ends with the body."}
    if isinstance(last, Mapping):
        marks = " and ".join(f"`{name}` is `{value}`" for name, value in last.items())
        return f"{_STREAM_TYPES[media_type]}. The last event is the one in which {marks}."
    return f"{_STREAM_TYPES[media_type]}. {ends[type(last)]}"


def _write_sequences(fields: Json) -> Iterator[str]:
    """Yield how requests follow each other: pages, and the state of a job, with the methods that do it."""
    call = fields.get("x-call", fields["operationId"]).partition("(")[0]
    if pages := fields.get("x-pages"):
        iterate = f"{call.removesuffix('list')}iter" if call.endswith(".list") else f"{call}_iter"
        yield f"**Pages**: `{pages['parameter']}` is {_describe_source(pages['next'])} of the last page."
        yield from (f"In Python, `client.{iterate}` yields the items of all pages.", "")
    if job := fields.get("x-job"):
        value = f"`{job['parameter']}` = {_describe_source(job['id'])}"
        yield f"**Job**: `{job['poll']}` with {value} returns its state, and its result at the end."
        yield from (f"In Python, `client.{call}_and_poll` waits for the result.", "")


def _describe_source(expression: str) -> str:
    """Return what a runtime expression selects: `$response.body#/id`."""
    return f"`{expression.rpartition('#/')[2].replace('/', '.')}`"


def _list_code(text: str) -> str:
    return " or ".join(f"`{to_line(part)}`" for part in text.split(","))
