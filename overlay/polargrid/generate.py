"""`generate`, the older way to ask for a text: a chat with one message; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pydantic

from polargrid import errors, wire
from polargrid.types import ChatCompletionResponse, GenerateRequest, GenerateResponse
from polargrid_runtime.response import attach_meta


def chat_request(request: GenerateRequest | Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The chat request of a prompt, and the caller's own id for the answer. Raises ValidationError."""
    try:
        given = GenerateRequest.model_validate(request)
    except pydantic.ValidationError as error:
        raise wire.validation_error(error, "GenerateRequest") from error
    fields = given.model_dump(exclude_unset=True, exclude={"prompt", "request_id"})
    return {**fields, "messages": [{"role": "user", "content": given.prompt}]}, given.request_id


def response(answer: ChatCompletionResponse, request_id: str | None, seconds: float) -> GenerateResponse:
    """The answer of `generate` from a chat's; `seconds` is how long the call took."""
    try:
        created_at = datetime.fromtimestamp(answer.created, UTC).isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise errors.ServerError(f"generate: {answer.created} is no time in seconds since 1970") from error
    generated = GenerateResponse(
        id=request_id or answer.id,
        model=answer.model,
        content=(answer.choices[0].message.content if answer.choices else None) or "",
        usage=answer.usage,
        created_at=created_at,
        processing_time_ms=round(seconds * 1000),
    )
    attach_meta(generated, answer.meta)
    return generated
