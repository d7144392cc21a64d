"""The public types: every schema of the API, and the few that are not on the wire.

Answers are open: a field that this version does not know is kept (`answer.model_extra`), and a value that an
enum does not know arrives as it is.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from polargrid.retry import RetryPolicy
from polargrid_generated.models import *  # noqa: F403 - every schema of openapi.yaml, by the generated __all__
from polargrid_generated.models import TokenUsage
from polargrid_generated.parsed import ParsedChatCompletion as ParsedChatCompletion
from polargrid_runtime._async.audio_stream import AsyncAudioStream as AsyncAudioStream
from polargrid_runtime._async.stream import AsyncStream as AsyncStream
from polargrid_runtime._async.text_stream import AsyncTextStream as AsyncTextStream
from polargrid_runtime._sync.audio_stream import AudioStream as AudioStream
from polargrid_runtime._sync.stream import Stream as Stream
from polargrid_runtime._sync.text_stream import TextStream as TextStream
from polargrid_runtime.audio import Audio as Audio
from polargrid_runtime.operation import CallOptions as CallOptions
from polargrid_runtime.operation import File as File
from polargrid_runtime.response import RawResponse as RawResponse
from polargrid_runtime.response import ResponseMeta as ResponseMeta
from polargrid_runtime.response import ResponseModel
from polargrid_runtime.tool_results import ToolCallResult as ToolCallResult
from polargrid_runtime.tool_results import ToolRunResult as ToolRunResult

Meta = ResponseMeta


class PolarGridConfig(BaseModel):
    """What a client is made with, as ClientOptions of polargrid.config says; what is left out comes from there, too."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)

    api_key: SecretStr | None = None
    region: str | None = None
    regions: Sequence[str] | None = None
    base_url: str | None = None
    timeout: float | None = Field(default=None, gt=0)
    idle_timeout: float | None = Field(default=None, gt=0)
    deadline: float | None = Field(default=None, gt=0)
    max_retries: int | None = Field(default=None, ge=0)
    retry: RetryPolicy | None = None
    max_body_bytes: int | None = Field(default=None, ge=1)
    max_event_bytes: int | None = Field(default=None, ge=1)
    on_meta: Callable[[Meta], object] | None = None
    extra_headers: dict[str, str] | None = None
    extra_query: dict[str, Any] | None = None
    extra_body: dict[str, Any] | None = None
    transport: str | None = None
    proxy: SecretStr | None = None
    ssl_context: ssl.SSLContext | None = None


class GenerateRequest(BaseModel):
    """A prompt, for `generate`."""

    model: str
    """The model to ask."""
    prompt: str
    """What to ask it."""
    max_tokens: int | None = Field(default=150, ge=1, le=4096)
    """The most tokens to write."""
    temperature: float | None = Field(default=0.7, ge=0, le=2)
    """How freely to choose."""
    top_p: float | None = Field(default=0.9, ge=0, le=1)
    """Choose among the likeliest tokens that make up this share of probability."""
    stop: list[str] | None = None
    """Where to stop."""
    request_id: str | None = None
    """An id of your own; it becomes the id of the answer."""


class GenerateResponse(ResponseModel):
    """The answer of `generate`."""

    id: str
    """The id of the answer."""
    model: str
    """The model that was asked."""
    content: str
    """The text."""
    usage: TokenUsage
    """How many tokens it took."""
    created_at: str
    """When it was made, in ISO 8601."""
    processing_time_ms: int
    """How long the call took, in milliseconds."""
