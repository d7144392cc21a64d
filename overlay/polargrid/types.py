"""The public types: every schema of the API, the objects of requests as TypedDicts, and a few that are not sent.

Responses are open: an unknown field is kept (`response.model_extra`), and so is an unknown value of an enum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from polargrid.config import PolarGridConfig as PolarGridConfig
from polargrid_generated.models import *  # noqa: F403 - every schema of openapi.yaml, by the generated __all__
from polargrid_generated.models import TokenUsage
from polargrid_generated.parsed import ParsedChatCompletion as ParsedChatCompletion
from polargrid_runtime._async.audio_stream import AsyncAudioStream as AsyncAudioStream
from polargrid_runtime._async.stream import AsyncStream as AsyncStream
from polargrid_runtime._async.streamed_response import AsyncStreamedResponse as AsyncStreamedResponse
from polargrid_runtime._async.text_stream import AsyncTextStream as AsyncTextStream
from polargrid_runtime._sync.audio_stream import AudioStream as AudioStream
from polargrid_runtime._sync.stream import Stream as Stream
from polargrid_runtime._sync.streamed_response import StreamedResponse as StreamedResponse
from polargrid_runtime._sync.text_stream import TextStream as TextStream
from polargrid_runtime.arguments import CallOptions as CallOptions, File as File
from polargrid_runtime.audio import Audio as Audio
from polargrid_runtime.raw_response import RawResponse as RawResponse
from polargrid_runtime.response import ResponseMeta as ResponseMeta, ResponseModel
from polargrid_runtime.tool_results import ToolCallResult as ToolCallResult, ToolRunResult as ToolRunResult
from polargrid_runtime.unions import UnknownObject as UnknownObject

if TYPE_CHECKING:
    from polargrid_generated.params import *  # noqa: F403 - a TypedDict for each object of a request, like MessageParam
else:

    def __getattr__(name: str) -> Any:
        from polargrid_generated import params

        if name in params.__all__:
            return getattr(params, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        from polargrid_generated import params

        return sorted({*globals(), *params.__all__})


Meta = ResponseMeta


class GenerateRequest(BaseModel):
    """A prompt, for `generate`."""

    model: str
    """The model."""
    prompt: str
    """The prompt."""
    max_tokens: int | None = Field(default=150, ge=1, le=4096)
    """The most tokens to generate."""
    temperature: float | None = Field(default=0.7, ge=0, le=2)
    """Sampling temperature."""
    top_p: float | None = Field(default=0.9, ge=0, le=1)
    """Sample from the likeliest tokens that make up this share of probability."""
    stop: list[str] | None = None
    """Sequences that end the text."""
    request_id: str | None = None
    """An id of the caller's; it becomes the id of the response."""


class GenerateResponse(ResponseModel, lenient=("id", "model", "usage")):
    """The response of `generate`."""

    id: str
    """The id of the response."""
    model: str
    """The model."""
    content: str
    """The text."""
    usage: TokenUsage
    """Token counts."""
    created_at: str
    """The time of creation, in ISO 8601."""
    processing_time_ms: int
    """Duration of the call, in milliseconds."""
