"""Answers that are objects: a type's JSON schema goes out, an object of the type comes back; pure."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

import pydantic

from polargrid import errors, wire
from polargrid_generated.models import ChatCompletionChoice, ChatCompletionResponse
from polargrid_generated.parsed import ParsedChatCompletion
from polargrid_generated.parsed import ParsedChatCompletionChoice as ParsedChoice
from polargrid_generated.parsed import ParsedChatMessage as ParsedMessage
from polargrid_runtime.response import attach_meta

Parsed = TypeVar("Parsed")


class Shape(Generic[Parsed]):
    """A type that answers are to have. Raises ValidationError where it has no JSON schema."""

    def __init__(self, kind: type[Parsed]) -> None:
        self._name = getattr(kind, "__name__", "answer")
        try:
            self._adapter = _adapter(cast(Hashable, kind))
            schema = self._adapter.json_schema()
        except (pydantic.errors.PydanticUserError, TypeError) as error:
            what = f"a Pydantic model, dataclass or TypedDict is needed: {str(error).partition(chr(10))[0]}"
            raise errors.ValidationError(f"response_format: {what}", param="response_format") from error
        name = re.sub(r"[^A-Za-z0-9_-]", "_", self._name)[:64]
        self.response_format = {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}

    def parsed(self, answer: ChatCompletionResponse) -> ParsedChatCompletion[Parsed]:
        """The answer with its objects. Raises ServerError where a text does not hold one, or was cut off."""
        choices: list[ParsedChoice[Parsed]] = []
        for choice in answer.choices:
            said, found = choice.message, self._object(answer, choice)
            message: Any = ParsedMessage.model_construct(said.model_fields_set, **dict(said), parsed=found)
            fields = {**dict(choice), "message": message}
            choices.append(ParsedChoice.model_construct(choice.model_fields_set, **fields))
        fields = {**dict(answer), "choices": choices}
        whole: ParsedChatCompletion[Parsed] = ParsedChatCompletion.model_construct(answer.model_fields_set, **fields)
        attach_meta(whole, answer.meta)
        return whole

    def _object(self, answer: ChatCompletionResponse, choice: ChatCompletionChoice) -> Parsed | None:
        """The object that a text holds; None where the model refused or called a tool."""
        text, is_cut = choice.message.content or "", choice.finish_reason == "length"
        if choice.message.tool_calls or getattr(choice.message, "refusal", None) or not (text or is_cut):
            return None
        fault = "it was cut off: raise max_tokens"
        if not is_cut:
            try:
                found: Parsed = self._adapter.validate_json(text)
                return found
            except pydantic.ValidationError as error:
                fault = wire.validation_error(error, "JSON").message
        told = errors.unexpected(
            f"the answer is not the {self._name} it should be: {fault}",
            text.encode("utf-8", "replace"),
            status=answer.meta.status_code or 200,
            request_id=answer.meta.request_id,
        )
        told.partial, told.meta = text, answer.meta
        raise told


@lru_cache(maxsize=64)  # a type that is made anew for each call is let go
def _adapter(kind: Hashable) -> pydantic.TypeAdapter[Any]:
    form: Any = kind
    return pydantic.TypeAdapter(form)
