"""Exceptions and invalid bodies as answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from polargrid_edge.audio import AudioError
from polargrid_edge.catalog import UnknownModelError
from polargrid_edge.errors import EdgeError, field_name, from_exception, from_validation, internal
from polargrid_edge.sources import SourceError
from polargrid_generated.models import ChatCompletionRequest, CompletionRequest


def refusal(kind: type[BaseModel], body: Any) -> EdgeError:
    with pytest.raises(ValidationError) as raised:
        kind.model_validate_json(json.dumps(body), strict=True)
    return from_validation(raised.value, body)


def chat(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "Hi"}]} | fields


@pytest.mark.parametrize(
    ("raised", "status", "code", "param"),
    [
        (UnknownModelError("gpt-9"), 404, "model_not_found", "model"),
        (SourceError("No source has it."), 503, "model_unavailable", None),
        (AudioError("That is no audio."), 400, "invalid_audio", "file"),
        (EdgeError(429, "Wait.", "rate_limit_exceeded"), 429, "rate_limit_exceeded", None),
    ],
)
def test_what_a_client_can_mend_has_a_status_and_a_code(
    raised: Exception, status: int, code: str, param: str | None
) -> None:
    """An exception of a known kind says which answer it is."""
    error = from_exception(raised)
    assert error is not None
    assert (error.status, error.code, error.param) == (status, code, param)


def test_what_nobody_expected_is_no_known_answer() -> None:
    """A plain ValueError may come from anywhere, so it is not taken for the client's fault."""
    assert from_exception(ValueError("oops")) is None


def test_an_internal_error_tells_no_internals() -> None:
    """The sentence of a 500 is fixed."""
    assert internal().envelope()["error"]["type"] == "server_error"


def test_an_envelope_leaves_out_what_is_not_known() -> None:
    """No param, no details: no such fields."""
    error = EdgeError(404, "There is nothing.", "not_found").envelope()["error"]
    assert error == {"message": "There is nothing.", "type": "not_found_error", "code": "not_found"}


def test_a_long_message_is_cut() -> None:
    """What a client sent is not sent back by the megabyte."""
    assert len(EdgeError(400, "x" * 10_000, "invalid_value").message) == 500


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (chat(temperature="0.7"), "temperature"),
        (chat(messages=[]), "messages"),
        (chat(messages=[{"role": "nobody"}]), "messages[0].role"),
        (chat(messages=[{"role": "user", "content": [{"type": "text", "text": 5}]}]), "messages[0].content[0].text"),
        (chat(messages=[{"role": "user", "content": [{"type": "text"}]}]), "messages[0].content[0].text"),
        (chat(messages=[{"role": "user", "content": [{"type": "film"}]}]), "messages[0].content[0]"),
        (chat(tool_choice="perhaps"), "tool_choice"),
        ({"model": "m"}, "messages"),
    ],
)
def test_the_field_at_fault_is_named(body: dict[str, Any], param: str) -> None:
    """The place is that in the body, without the names of types, and the message begins with it."""
    error = refusal(ChatCompletionRequest, body)
    assert (error.status, error.param) == (400, param)
    assert error.message.startswith(f"{param}: ")


def test_each_type_that_a_field_may_have_is_told() -> None:
    """A field of several types says all of them, once each."""
    error = refusal(CompletionRequest, {"model": "m", "prompt": 5})
    assert error.message == "prompt: Input should be a valid string or Input should be a valid array"


def test_details_tell_every_field_at_fault() -> None:
    """More than one fault: details has them all."""
    error = refusal(ChatCompletionRequest, chat(temperature=9, n=0))
    assert set(error.details or {}) == {"temperature", "n"}


def test_a_body_that_is_no_object_names_no_field() -> None:
    """Where there are no fields, there is no param."""
    error = refusal(CompletionRequest, [1])
    assert (error.param, error.details) == (None, {})


def test_a_place_is_written_as_in_code() -> None:
    """Names have dots between them, numbers brackets around them."""
    assert field_name(("a", 0, "b", "c")) == "a[0].b.c"
