"""Exceptions and invalid bodies as error responses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from polargrid_edge.errors import EdgeError, internal_error
from polargrid_edge.http.errors import _path_in_data, field_name, from_exception, from_validation
from polargrid_edge.media.audio import AudioError
from polargrid_edge.models.catalog import UnknownModelError
from polargrid_edge.models.files import SourceError
from polargrid_generated.models import ChatCompletionRequest, CompletionRequest


def validate(kind: type[BaseModel], body: Any) -> EdgeError:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate_json(json.dumps(body), strict=True)
    return from_validation(caught.value, body)


def chat_body(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "Hi"}]} | fields


@pytest.mark.parametrize(
    ("exception", "status", "code", "param"),
    [
        (UnknownModelError("gpt-9"), 404, "model_not_found", "model"),
        (SourceError("no source has it"), 503, "model_unavailable", None),
        (AudioError("not audio"), 400, "invalid_audio", "file"),
        (EdgeError(429, "wait", "rate_limit_exceeded"), 429, "rate_limit_exceeded", None),
    ],
)
def test_a_known_exception_has_a_status_and_a_code(
    exception: Exception, status: int, code: str, param: str | None
) -> None:
    """The response is for the client, which can act on it."""
    error = from_exception(exception)
    assert error is not None
    assert (error.status, error.code, error.param) == (status, code, param)


def test_an_unexpected_exception_is_not_mapped() -> None:
    """A plain ValueError may have any cause, so it is not the client's error."""
    assert from_exception(ValueError("oops")) is None


def test_an_internal_error_has_a_constant_message() -> None:
    """Without details of the failure."""
    assert internal_error().envelope()["error"]["type"] == "server_error"


def test_an_envelope_omits_empty_fields() -> None:
    """Such as param and details."""
    error = EdgeError(404, "unknown path", "not_found").envelope()["error"]
    assert error == {"message": "unknown path", "type": "not_found_error", "code": "not_found"}


def test_a_long_message_is_truncated() -> None:
    """It may quote megabytes of the request."""
    assert len(EdgeError(400, "x" * 10_000, "invalid_value").message) == 500


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (chat_body(temperature="0.7"), "temperature"),
        (chat_body(messages=[]), "messages"),
        (chat_body(messages=[{"role": "robot"}]), "messages[0].role"),
        (
            chat_body(messages=[{"role": "user", "content": [{"type": "text", "text": 5}]}]),
            "messages[0].content[0].text",
        ),
        (chat_body(messages=[{"role": "user", "content": [{"type": "text"}]}]), "messages[0].content[0].text"),
        (chat_body(messages=[{"role": "user", "content": [{"type": "film"}]}]), "messages[0].content[0]"),
        (chat_body(tool_choice="perhaps"), "tool_choice"),
        ({"model": "m"}, "messages"),
    ],
)
def test_the_message_names_the_invalid_field(body: dict[str, Any], param: str) -> None:
    """By its path in the body, without names of types."""
    error = validate(ChatCompletionRequest, body)
    assert (error.status, error.param) == (400, param)
    assert error.message.startswith(f"{param}: ")


def test_the_message_has_every_type_of_a_field() -> None:
    """Once."""
    error = validate(CompletionRequest, {"model": "m", "prompt": 5})
    assert error.message == "prompt: Input should be a valid string or Input should be a valid array"


def test_details_have_every_invalid_field() -> None:
    """The message has only the first."""
    error = validate(ChatCompletionRequest, chat_body(temperature=9, n=0))
    assert set(error.details or {}) == {"temperature", "n"}


def test_the_path_of_an_error_is_found_without_a_walk_over_its_list() -> None:
    """A list may have as many items as there are errors."""

    class Items(list[Any]):
        def __iter__(self) -> Any:
            raise AssertionError("the list is walked")

    body = {"messages": Items([{}, {"role": 1}])}
    path = _path_in_data(("messages", 1, "UserMessage", "role"), body, missing=False)
    assert path == ("messages", 1, "role")


def test_a_body_that_is_not_an_object_has_no_param() -> None:
    """It has no fields."""
    error = validate(CompletionRequest, [1])
    assert (error.param, error.details) == (None, {})


def test_a_path_has_the_notation_of_code() -> None:
    """Dots between names, brackets around numbers."""
    assert field_name(("a", 0, "b", "c")) == "a[0].b.c"


def test_what_a_message_quotes_does_nothing_to_a_terminal() -> None:
    """In each text of the error."""
    quoted = "x\x1b[31m\x9b\u202e\n"
    error = EdgeError(400, quoted, "invalid_value", param=quoted, details={quoted: quoted}).envelope()["error"]
    escaped = "x\\x1b[31m\\x9b\\u202e\\n"
    assert (error["message"], error["param"], error["details"]) == (escaped, escaped, {escaped: escaped})
