"""The names of OpenAI's package that need no HTTP library, and what they are here."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Final

from polargrid.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ContentFilterFinishReasonError,
    InternalServerError,
    LengthFinishReasonError,
    NotFoundError,
    PermissionDeniedError,
    PolarGridError,
    RateLimitError,
    TimeoutError,  # noqa: A004 - the documented name
    UnprocessableEntityError,
)
from polargrid.openai._client import AsyncOpenAI, OpenAI
from polargrid.retry import RetryPolicy
from polargrid.tools import pydantic_function_tool
from polargrid_runtime._async.stream import AsyncStream
from polargrid_runtime._async.streamed_response import AsyncStreamedResponse
from polargrid_runtime._sync.stream import Stream
from polargrid_runtime._sync.streamed_response import StreamedResponse
from polargrid_runtime.arguments import NOT_GIVEN, CallOptions, NotGiven
from polargrid_runtime.audio import Audio
from polargrid_runtime.response import ResponseModel

__all__ = [
    "DEFAULT_MAX_RETRIES",
    "NOT_GIVEN",
    "APIConnectionError",
    "APIError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncAPIResponse",
    "AsyncClient",
    "AsyncOpenAI",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "BaseModel",
    "Client",
    "ConflictError",
    "ContentFilterFinishReasonError",
    "HttpxBinaryResponseContent",
    "InternalServerError",
    "LengthFinishReasonError",
    "NoneType",
    "NotFoundError",
    "NotGiven",
    "Omit",
    "OpenAI",
    "OpenAIError",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestOptions",
    "Stream",
    "UnprocessableEntityError",
    "file_from_path",
    "not_given",
    "omit",
    "pydantic_function_tool",
]

OpenAIError = PolarGridError
APITimeoutError = TimeoutError
Client = OpenAI
AsyncClient = AsyncOpenAI
BaseModel = ResponseModel
APIResponse = StreamedResponse
AsyncAPIResponse = AsyncStreamedResponse
HttpxBinaryResponseContent = Audio
RequestOptions = CallOptions
NoneType = type(None)
Omit = NotGiven
omit: Final = NOT_GIVEN
not_given: Final = NOT_GIVEN
DEFAULT_MAX_RETRIES: Final = RetryPolicy().max_retries


def file_from_path(path: str | PathLike[str]) -> tuple[str, bytes]:
    """Return a file as an argument of an upload: its name and its bytes."""
    return Path(path).name, Path(path).read_bytes()
