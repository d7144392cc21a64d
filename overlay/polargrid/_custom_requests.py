"""Requests that the document does not describe: an Operation is made for each; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args
from urllib.parse import quote

import attrs
from pydantic import BaseModel

from polargrid.errors import ValidationError
from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.arguments import CallOptions
from polargrid_runtime.operation import Body, EventStream, FileField, Operation, ResponseType, split_path
from polargrid_runtime.raw_response import RawResponse, convert_content
from polargrid_runtime.response import ResponseModel, attach_meta

_VERSION = "/v1"
_NO_CONTENT = 204
#: Options of OpenAI's SDK, and their names here.
_OPTIONS = {"headers": "extra_headers", "params": "extra_query", "extra_json": "extra_body"}
_PATH_CHARACTERS = "/%:@!$&'()*+,;=~"


class _Fields(BaseModel, extra="allow"):
    """The fields of a form."""


@dataclass(frozen=True, eq=False)
class CustomOperation(Operation[Any, Any]):
    """An operation that the document does not have; its types are given by the caller."""

    types: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def _resolve(self, expression: str | None) -> Any:
        return None if expression is None else self.types[expression]


@attrs.frozen
class CustomRequest:
    """What a client sends for a call like `client.post("/chat/completions", cast_to=dict, body={...})`."""

    operation: CustomOperation
    options: CallOptions
    body: Any
    files: Mapping[str, Any]
    cast_to: Any
    convert_parsed: Callable[[Any], Any] | None

    def convert(self, _nothing: Any, call: Any) -> Any:
        """Return the response as `cast_to`. Raises ServerError if it does not match."""
        has_no_content = call.meta.status_code == _NO_CONTENT
        response = RawResponse(None, call.meta, call.sent, call.content)
        parsed = None if has_no_content else convert_content(response, self.cast_to, call.redact)
        if isinstance(parsed, ResponseModel):
            attach_meta(parsed, call.meta)
        return parsed if self.convert_parsed is None else self.convert_parsed(parsed)


def build_custom_request(
    method: str,
    path: str,
    cast_to: Any,
    *,
    base_urls: Iterable[str],
    options: Mapping[str, Any] | None = None,
    body: Any = None,
    content: Any = None,
    files: Any = None,
    stream: bool = False,
    stream_cls: Any = None,
) -> CustomRequest:
    """Describe a request. Raises ValidationError for a path that is not below the base URL, or two bodies."""
    if content is not None and (body is not None or files is not None):
        raise ValidationError("content: it is the whole body; pass neither body nor files", param="content", sent=False)
    uploads = _collect_files(files) if content is None else {"content": content}
    target, query = split_path(_to_target(path, base_urls))
    documented = next(
        (item for item in OPERATIONS if (item.method, item.path) == (method, target) and not item.query), None
    )
    chunk = next(iter(get_args(stream_cls)), cast_to)
    operation = CustomOperation(
        f"{method} {target}",
        method,
        quote(target, safe=_PATH_CHARACTERS),
        "",
        query=query,
        body=_describe_body(body, content, uploads),
        responses=(ResponseType("default", "", None),),
        events=_describe_events(documented, chunk) if stream else None,
        requires_key=documented is None or documented.requires_key,
        accepts_idempotency_key=documented is not None and documented.accepts_idempotency_key,
        types={"Body": Any, "Fields": _Fields, "Chunk": chunk},
    )
    call_options, convert = _translate_options(options or {})
    return CustomRequest(operation, call_options, body, uploads, cast_to, convert)


def _to_target(path: str, base_urls: Iterable[str]) -> str:
    """Return the path with its query. As with OpenAI's SDK, it is below `/v1`, unless the document has it as it is."""
    target = str(path)
    if "://" in target:
        base = next((url for url in base_urls if target.startswith(f"{url}/")), None)
        if base is None:
            raise ValidationError(f"path: {target!r} is not below the base URL of the client", param="path", sent=False)
        return target.removeprefix(base)
    target = f"/{target.removeprefix('/')}"
    is_complete = target.startswith(f"{_VERSION}/") or target.partition("?")[0] in {item.path for item in OPERATIONS}
    return target if is_complete else _VERSION + target


def _collect_files(files: Any) -> dict[str, Any]:
    """Return the files by name; a name that a list of pairs repeats has several."""
    if files is None or isinstance(files, Mapping):
        return dict(files or {})
    uploads: dict[str, Any] = {}
    for name, file in files:
        uploads[name] = [*uploads[name], file] if name in uploads else [file]
    return uploads


def _describe_body(body: Any, content: Any, uploads: Mapping[str, Any]) -> Body | None:
    if content is not None:
        return Body("application/octet-stream", files=(FileField("", "content"),), required=True)
    if uploads:
        fields = tuple(FileField(name, name, is_list=isinstance(item, list)) for name, item in uploads.items())
        return Body("multipart/form-data", "Fields", files=fields, required=True)
    return None if body is None else Body("application/json", "Body", required=True)


def _describe_events(documented: Operation[Any, Any] | None, chunk: Any) -> EventStream:
    """The chunks of an operation of the document end as it says; of another, with [DONE] or with the body."""
    kind = "str" if chunk is str else "Chunk"
    if documented is None or documented.events is None:
        return EventStream(kind, last_data="[DONE]", may_end_early=True)
    if isinstance(chunk, type) and issubclass(chunk, ResponseModel):
        return replace(documented.events, type=kind, names=())
    return replace(documented.events, type=kind, names=(), choices=None, finish=None, may_end_early=True)


def _translate_options(options: Mapping[str, Any]) -> tuple[CallOptions, Callable[[Any], Any] | None]:
    """Return the options of the call, and what converts its response; an unknown option is kept, and rejected later."""
    values = {_OPTIONS.get(name, name): value for name, value in options.items()}
    convert = values.pop("post_parser", None)
    key = values.pop("idempotency_key", None)
    if key is not None:
        values["extra_headers"] = {**(values.get("extra_headers") or {}), "idempotency-key": key}
    return values, convert  # type: ignore[return-value]
