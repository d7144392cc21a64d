"""Structured output: the JSON schema of a type is sent, an object of the type is returned; pure."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import pydantic

from polargrid import errors
from polargrid_codec import error_responses
from polargrid_codec.invalid_fields import to_validation_error
from polargrid_runtime.redaction import Redactor
from polargrid_runtime.response import attach_meta

Parsed = TypeVar("Parsed")


class ResponseFormat(Generic[Parsed]):
    """The type that a model's text must have. Raises ValidationError for a type without a JSON schema."""

    def __init__(self, kind: type[Parsed], redactor: Redactor) -> None:
        self._redactor = redactor
        self._name = getattr(kind, "__name__", "response")
        try:
            self._adapter = _build_adapter(cast(Hashable, kind))
            schema = self._adapter.json_schema()
        except Exception as error:  # a type of the caller may raise anything
            reason = str(error).partition("\n")[0]
            message = f"response_format: expected a Pydantic model, dataclass or TypedDict: {reason}"
            raise errors.ValidationError(message, param="response_format") from error
        name = re.sub(r"[^A-Za-z0-9_-]", "_", self._name)[:64]
        self.request_field = {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}

    def parse(self, response: Any, parsed_type: Any) -> Any:
        """Return the response as `parsed_type`, each message with its object in `parsed`.

        Raises ServerError for a text that does not match, or was cut off.
        """
        choice_type = parsed_type.choice_type
        message_type = choice_type.message_type
        choices = []
        for choice in response.choices:
            fields = {**dict(choice.message), "parsed": self._parse_choice(response, choice)}
            message = message_type.model_construct(choice.message.model_fields_set, **fields)
            choices.append(choice_type.model_construct(choice.model_fields_set, **{**dict(choice), "message": message}))
        parsed = parsed_type.model_construct(response.model_fields_set, **{**dict(response), "choices": choices})
        attach_meta(parsed, response.meta)
        return parsed

    def _parse_choice(self, response: Any, choice: Any) -> Parsed | None:
        """None if the model refused or called a tool."""
        text, is_truncated = choice.message.content or "", choice.finish_reason == "length"
        if choice.message.tool_calls or getattr(choice.message, "refusal", None) or not (text or is_truncated):
            return None
        reason = "it is truncated; raise max_tokens"
        if not is_truncated:
            try:
                parsed: Parsed = self._adapter.validate_json(text)
                return parsed
            except pydantic.ValidationError as error:
                reason = to_validation_error(error, "JSON", text).message
        message = f"response does not match {self._name}: {reason}"
        content = text.encode("utf-8", "replace")
        failure = error_responses.invalid_response(message, content, response.meta, self._redactor.text)
        failure.partial, failure.meta = text, response.meta
        self._redactor.error(failure)
        raise failure


@lru_cache(maxsize=64)  # a type that is defined for each call is not kept forever
def _build_adapter(kind: Hashable) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(cast(Any, kind))
