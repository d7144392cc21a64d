"""`generate`, the legacy method for a single prompt, as a chat with one message; pure."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pydantic

from polargrid import errors
from polargrid.types import ChatCompletionResponse, GenerateRequest, GenerateResponse
from polargrid_codec.invalid_fields import to_validation_error
from polargrid_runtime.response import attach_meta


def build_chat_request(request: GenerateRequest | Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return the chat request of a prompt, and the caller's id for the response. Raises ValidationError."""
    try:
        model = GenerateRequest.model_validate(request)
    except pydantic.ValidationError as error:
        raise to_validation_error(error, "GenerateRequest", request) from error
    fields = model.model_dump(exclude_unset=True, exclude={"prompt", "request_id"})
    return {**fields, "messages": [{"role": "user", "content": model.prompt}]}, model.request_id


def build_response(chat: ChatCompletionResponse, request_id: str | None, seconds: float) -> GenerateResponse:
    """Build the response from a chat's; `seconds` is the duration of the call."""
    created: float | None = chat.created  # some servers do not send it
    try:
        created_at = datetime.fromtimestamp(time.time() if created is None else created, UTC).isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise errors.ServerError(f"generate: `created` is no Unix time in seconds: {chat.created}") from error
    response = GenerateResponse(
        id=request_id or chat.id,
        model=chat.model,
        content=chat.choices[0].message.content or "",
        usage=chat.usage,
        created_at=created_at,
        processing_time_ms=round(seconds * 1000),
    )
    attach_meta(response, chat.meta)
    return response
