"""Structured output: the JSON schema of a type is sent, objects of the type and of strict tools are returned; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import pydantic
from pydantic_core import from_json

from polargrid_codec import error_responses
from polargrid_codec.invalid_fields import to_validation_error
from polargrid_codec.strict_schema import to_strict_json_schema
from polargrid_runtime import errors
from polargrid_runtime.arguments import NotGiven
from polargrid_runtime.redaction import Redactor
from polargrid_runtime.response import EMPTY_META, Call, ResponseMeta, attach_meta

_UNFINISHED = {"length": "it is truncated; raise max_tokens", "content_filter": "the content filter ended it"}


class PydanticFunction(dict[str, Any]):
    """The function of a tool, and the model that its arguments are parsed into."""

    def __init__(self, fields: Mapping[str, Any], model: type[pydantic.BaseModel]) -> None:
        super().__init__(fields)
        self.model = model


class ResponseParser:
    """Reads the texts and the calls of strict tools of one request, whose fields are in `request`.

    `response_format` is a type, or a field of a request: then texts are not parsed. Raises ValidationError for a type
    without a JSON schema.
    """

    def __init__(self, request: dict[str, Any], response_format: Any, parsed_type: Any, redactor: Redactor) -> None:
        self._parsed_type, self._redactor = parsed_type, redactor
        self._name = getattr(response_format, "__name__", "response")
        self._adapter: pydantic.TypeAdapter[Any] | None = None
        self.request = dict(request)
        if isinstance(response_format, Mapping | pydantic.BaseModel | None):
            self.request["response_format"] = response_format
        elif not isinstance(response_format, NotGiven):
            self._adapter, self.request["response_format"] = _describe_type(response_format, self._name)
        if isinstance(tools := request.get("tools"), Sequence):
            self._tools = {function.get("name"): function for function in map(_get_function, tools)}
        else:
            self._tools = {}

    @property
    def is_needed(self) -> bool:
        """Whether anything is parsed."""
        return self._adapter is not None or any(function.get("strict") for function in self._tools.values())

    def check_finish(self, finish_reason: str | None, build: Callable[[], Any]) -> None:
        """Raise an error with the response for a text that ends early, if anything is parsed."""
        if finish_reason in _UNFINISHED and self.is_needed:
            self._reject_unfinished(finish_reason, build())

    def _reject_unfinished(self, finish_reason: str, response: Any) -> None:
        kind: Any = errors.ContentFilterFinishReasonError
        if finish_reason == "length":
            kind = errors.LengthFinishReasonError
        text = next((item.message.content for item in response.choices if item.finish_reason == finish_reason), None)
        subject = f"response does not match {self._name}" if self._adapter else "the text is incomplete"
        message = f"{subject}: {_UNFINISHED[finish_reason]}"
        self._raise(message, text or "", response.meta, kind, completion=response)

    def parse_complete(self, response: Any, _call: Call) -> Any:
        """Return a response that was not streamed as the parsed type; as `parse_response` raises."""
        return self.parse_response(response, must_be_finished=True)

    def parse_response(self, response: Any, *, is_partial: bool = False, must_be_finished: bool = False) -> Any:
        """Return the response as the parsed type: messages have their objects, calls of strict tools their arguments.

        Of a partial response, texts without an end are parsed as far as they go. Raises ServerError for a text that
        does not match. If texts must be finished, raises LengthFinishReasonError or ContentFilterFinishReasonError for
        one that ends early.
        """
        choice_type = self._parsed_type.choice_type
        if must_be_finished:
            for item in response.choices:
                if item.finish_reason in _UNFINISHED:
                    self._reject_unfinished(item.finish_reason, response)
        choices = []
        for choice in response.choices:
            is_open = is_partial and choice.finish_reason in (None, *_UNFINISHED)
            message = self._parse_message(choice.message, choice_type.message_type, response.meta, is_partial=is_open)
            choices.append(choice_type.model_construct(choice.model_fields_set, **{**dict(choice), "message": message}))
        fields = {**dict(response), "choices": choices}
        parsed = self._parsed_type.model_construct(response.model_fields_set, **fields)
        attach_meta(parsed, response.meta)
        return parsed

    def _parse_message(self, message: Any, kind: Any, meta: ResponseMeta, *, is_partial: bool) -> Any:
        fields = {**dict(message), "parsed": None}
        text, refusal = message.content or "", getattr(message, "refusal", None)
        if is_partial:
            fields["parsed"] = None if refusal else self.parse_partial_content(text)
        elif text and not refusal and not (message.tool_calls and not self._is_match(text)):
            fields["parsed"] = self.parse_content(text, meta)
        if message.tool_calls and getattr(kind, "call_type", None):
            calls = [self._parse_call(call, kind.call_type, meta, is_partial=is_partial) for call in message.tool_calls]
            fields["tool_calls"] = calls
        provided = message.model_fields_set | ({"parsed"} if self._adapter else set())
        return kind.model_construct(provided, **fields)

    def _parse_call(self, call: Any, kind: Any, meta: ResponseMeta, *, is_partial: bool) -> Any:
        function = getattr(call, "function", None)
        if function is None:  # of another kind of tool
            return call
        name, text = function.name, function.arguments or ""
        parsed = self.parse_partial_arguments(name, text) if is_partial else self.parse_arguments(name, text, meta)
        fields = {**dict(function), "parsed_arguments": parsed}
        provided = function.model_fields_set | ({"parsed_arguments"} if parsed is not None else set())
        function = kind.function_type.model_construct(provided, **fields)
        return kind.model_construct(call.model_fields_set, **{**dict(call), "function": function})

    def parse_partial_content(self, text: str) -> Any:
        """Return the JSON of the beginning of a text; None without a type."""
        return None if self._adapter is None else _parse_partial(text)

    def parse_partial_arguments(self, name: str, text: str) -> Any:
        """Return the JSON of the beginning of a call's arguments; None unless the tool is strict."""
        return _parse_partial(text) if self._tools.get(name, {}).get("strict") else None

    def parse_content(self, text: str, meta: ResponseMeta = EMPTY_META) -> Any:
        """Return the object of a text; None without a type. Raises ServerError if it does not match."""
        return None if self._adapter is None else self._validate(self._adapter, text, self._name, meta)

    def parse_arguments(self, name: str, text: str, meta: ResponseMeta = EMPTY_META) -> Any:
        """Return the arguments of a call of a strict tool: an object of its model, or a dict; None for other tools."""
        function = self._tools.get(name, {})
        if isinstance(function, PydanticFunction):
            return self._validate(_build_adapter(function.model), text or "{}", f"the arguments of {name}", meta)
        if not function.get("strict"):
            return None
        return self._validate(_build_adapter(dict[str, Any]), text or "{}", f"the arguments of {name}", meta)

    def _is_match(self, text: str) -> bool:
        if self._adapter is None:
            return False
        try:
            self._adapter.validate_json(text)
        except pydantic.ValidationError:
            return False
        return True

    def _validate(self, adapter: pydantic.TypeAdapter[Any], text: str, name: str, meta: ResponseMeta) -> Any:
        try:
            return adapter.validate_json(text)
        except pydantic.ValidationError as error:
            reason = to_validation_error(error, "JSON", text).message
        self._raise(f"response does not match {name}: {reason}", text, meta)
        return None

    def _raise(self, message: str, text: str, meta: ResponseMeta, kind: Any = None, **attributes: Any) -> None:
        """Raise an error with the beginning of the text, without the key."""
        content = text.encode("utf-8", "replace")
        failure: Any = error_responses.invalid_response(message, content, meta, self._redactor.text)
        if kind is not None:
            facts = {"status_code": failure.status_code, "request_id": failure.request_id}
            failure = kind(failure.message, **facts, body=failure.body, text=failure.body, **attributes)
        failure.partial, failure.meta = text, meta
        self._redactor.error(failure)
        raise failure


def _describe_type(kind: Any, name: str) -> tuple[pydantic.TypeAdapter[Any], dict[str, Any]]:
    """Return the parser of a type, and its field of a request. Raises ValidationError for one without a schema."""
    try:
        adapter = _build_adapter(cast(Hashable, kind))
        schema = to_strict_json_schema(adapter)
    except Exception as error:  # a type of the caller may raise anything
        reason = str(error).partition("\n")[0]
        message = f"response_format: expected a Pydantic model, dataclass or TypedDict: {reason}"
        raise errors.ValidationError(message, param="response_format") from error
    name = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]
    return adapter, {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}


def _get_function(tool: Any) -> Mapping[str, Any]:
    """Return the function of a tool, which is a mapping or a model; of another kind of tool, an empty one."""
    function = tool.get("function") if isinstance(tool, Mapping) else getattr(tool, "function", None)
    if isinstance(function, pydantic.BaseModel):
        return function.model_dump(exclude_unset=True)
    return function if isinstance(function, Mapping) else {}


def _parse_partial(text: str) -> Any:
    try:
        return from_json(text, allow_partial=True) if text.strip() else None
    except ValueError:
        return None


@lru_cache(maxsize=64)  # a type that is defined for each call is not kept forever
def _build_adapter(kind: Hashable) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(cast(Any, kind))
