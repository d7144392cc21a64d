# Made from openapi.yaml by `make generate`; change that, not this.
"""Every operation of the API, one a line: what it takes, what it answers, and what builds its request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, Generic, TypedDict, TypeVar

if TYPE_CHECKING:
    import httpx
    from pydantic import BaseModel, TypeAdapter

    from polargrid_generated.answers import Meta
    from polargrid_generated.models import (
        ChatCompletionChunk,
        ChatCompletionResponse,
        CompletionChunk,
        CompletionResponse,
        GPUMemoryResponse,
        GPUPurgeResponse,
        GPUStatusResponse,
        HealthResponse,
        ListModelsResponse,
        LoadModelResponse,
        ModelStatusResponse,
        TranscriptionResponse,
        TranslationResponse,
        UnloadAllModelsResponse,
        UnloadModelResponse,
        VerboseTranscriptionResponse,
    )

Answer = TypeVar("Answer")
Chunk = TypeVar("Chunk")

#: What can be uploaded: a path, bytes, a file opened in binary mode, or (file name, any of these, media type).
File = (
    str
    | PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | IO[bytes]
    | tuple[str, "str | PathLike[str] | bytes | IO[bytes]"]
    | tuple[str, "str | PathLike[str] | bytes | IO[bytes]", str]
)


class CallOptions(TypedDict, total=False):
    """What every method takes besides, for this call alone; what is left out is as the client has it."""

    timeout: float | httpx.Timeout | None
    """Seconds for each wait (to connect, to send, for the next bytes), or an httpx.Timeout."""
    idle_timeout: float | None
    """Seconds for the answer's head, and then from one event of a stream to the next."""
    deadline: float | None
    """Seconds for the whole call, with its retries and its stream."""
    max_retries: int | None
    """Tries after the first; 0 is none."""
    on_meta: Callable[[Meta], object] | None
    """Called with how each call went, once it is over; bytes and text have no `meta` of their own."""
    extra_headers: Mapping[str, str] | None
    """Headers to send besides."""
    extra_query: Mapping[str, Any] | None
    """Fields of the query to send besides."""
    extra_body: Mapping[str, Any] | None
    """Fields of the request to send besides; one that the API has goes before what is given otherwise."""


class NotGiven:
    """What an argument is that was not given: it is not sent, while None is sent as null."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN = NotGiven()


def given(**fields: Any) -> dict[str, Any]:
    """The fields that were given."""
    return {name: value for name, value in fields.items() if value is not NOT_GIVEN}


@dataclass(frozen=True, eq=False)
class Operation(Generic[Answer, Chunk]):
    """One method + path of the API. Its modules and types are imported when first used."""

    name: str
    """The name of the method, and the operationId of openapi.yaml."""
    raw: str
    """The module of the raw client that builds the request, below polargrid_generated.raw.api."""
    request: str | None = None
    """The type of the body; of a form, without its file."""
    file: str | None = None
    """The form field that takes a file."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """The answer's type by media type."""
    event: str | None = None
    """The type of a chunk, where the answer can come as server-sent events."""

    @cached_property
    def build(self) -> Callable[..., dict[str, Any]]:
        """The raw client's request builder: method, url, params and body as httpx takes them."""
        module = import_module(f"polargrid_generated.raw.api.{self.raw}")
        build: Callable[..., dict[str, Any]] = module._get_kwargs
        return build

    @cached_property
    def request_type(self) -> type[BaseModel] | None:
        """The Pydantic type of the body."""
        return getattr(import_module("polargrid_generated.models"), self.request) if self.request else None

    @cached_property
    def answer_type(self) -> TypeAdapter[Any] | None:
        """What a JSON answer is parsed by; None where the operation has none."""
        return _adapter(self.answers.get("application/json"))

    @cached_property
    def chunk_type(self) -> TypeAdapter[Any] | None:
        """What an event's data is parsed by; None where the operation has no events."""
        return _adapter(self.event)


def _adapter(expression: str | None) -> TypeAdapter[Any] | None:
    if expression is None:
        return None
    from pydantic import TypeAdapter

    models = import_module("polargrid_generated.models")
    kinds = [getattr(models, name) for name in expression.split(" | ")]
    union = kinds[0]
    for kind in kinds[1:]:
        union = union | kind
    return TypeAdapter(union)


CHAT_COMPLETION: Operation[ChatCompletionResponse, ChatCompletionChunk] = Operation("chat_completion", "text.chat_completion", request="ChatCompletionRequest", answers={"application/json": "ChatCompletionResponse",}, event="ChatCompletionChunk")  # fmt: skip
COMPLETION: Operation[CompletionResponse, CompletionChunk] = Operation("completion", "text.completion", request="CompletionRequest", answers={"application/json": "CompletionResponse",}, event="CompletionChunk")  # fmt: skip
TEXT_TO_SPEECH: Operation[bytes, bytes] = Operation("text_to_speech", "audio.text_to_speech", request="TextToSpeechRequest", answers={"audio/mpeg": "bytes","audio/ogg": "bytes","audio/aac": "bytes","audio/flac": "bytes","audio/wav": "bytes","audio/pcm": "bytes",})  # fmt: skip
TRANSCRIBE: Operation[VerboseTranscriptionResponse | TranscriptionResponse | str, None] = Operation("transcribe", "audio.transcribe", request="TranscriptionRequest", file="file", answers={"application/json": "VerboseTranscriptionResponse | TranscriptionResponse","text/plain": "str","text/vtt": "str",})  # fmt: skip
TRANSLATE: Operation[VerboseTranscriptionResponse | TranslationResponse | str, None] = Operation("translate", "audio.translate", request="TranslationRequest", file="file", answers={"application/json": "VerboseTranscriptionResponse | TranslationResponse","text/plain": "str","text/vtt": "str",})  # fmt: skip
LIST_MODELS: Operation[ListModelsResponse, None] = Operation("list_models", "models.list_models", answers={"application/json": "ListModelsResponse",})  # fmt: skip
LOAD_MODEL: Operation[LoadModelResponse, None] = Operation("load_model", "models.load_model", request="LoadModelRequest", answers={"application/json": "LoadModelResponse",})  # fmt: skip
UNLOAD_MODEL: Operation[UnloadModelResponse, None] = Operation("unload_model", "models.unload_model", request="UnloadModelRequest", answers={"application/json": "UnloadModelResponse",})  # fmt: skip
UNLOAD_ALL_MODELS: Operation[UnloadAllModelsResponse, None] = Operation("unload_all_models", "models.unload_all_models", answers={"application/json": "UnloadAllModelsResponse",})  # fmt: skip
GET_MODEL_STATUS: Operation[ModelStatusResponse, None] = Operation("get_model_status", "models.get_model_status", answers={"application/json": "ModelStatusResponse",})  # fmt: skip
GET_GPU_STATUS: Operation[GPUStatusResponse, None] = Operation("get_gpu_status", "gpu.get_gpu_status", answers={"application/json": "GPUStatusResponse",})  # fmt: skip
GET_GPU_MEMORY: Operation[GPUMemoryResponse, None] = Operation("get_gpu_memory", "gpu.get_gpu_memory", answers={"application/json": "GPUMemoryResponse",})  # fmt: skip
PURGE_GPU: Operation[GPUPurgeResponse, None] = Operation("purge_gpu", "gpu.purge_gpu", request="GPUPurgeRequest", answers={"application/json": "GPUPurgeResponse",})  # fmt: skip
HEALTH: Operation[HealthResponse, None] = Operation("health", "health.health", answers={"application/json": "HealthResponse",})  # fmt: skip

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    CHAT_COMPLETION,
    COMPLETION,
    TEXT_TO_SPEECH,
    TRANSCRIBE,
    TRANSLATE,
    LIST_MODELS,
    LOAD_MODEL,
    UNLOAD_MODEL,
    UNLOAD_ALL_MODELS,
    GET_MODEL_STATUS,
    GET_GPU_STATUS,
    GET_GPU_MEMORY,
    PURGE_GPU,
    HEALTH,
)
