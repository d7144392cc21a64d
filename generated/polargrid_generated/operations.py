# Generated from openapi.yaml by `make generate`; do not edit.
"""Every operation of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polargrid_runtime.operation import (
    Body,
    EventStream,
    FileField,
    Operation,
    Parameter,
    ResponseType,
)

if TYPE_CHECKING:
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

_MODELS = "polargrid_generated.models"

CHAT_COMPLETION: Operation[ChatCompletionResponse, ChatCompletionChunk] = Operation(
    "chat_completion",
    "POST",
    "/v1/chat/completions",
    _MODELS,
    body=Body("application/json", type="ChatCompletionRequest", required=True),
    responses=(ResponseType("200", "application/json", "ChatCompletionResponse"),),
    events=EventStream("ChatCompletionChunk", last_data="[DONE]", choices="choices", finish="finish_reason"),
    accepts_idempotency_key=True,
)
COMPLETION: Operation[CompletionResponse, CompletionChunk] = Operation(
    "completion",
    "POST",
    "/v1/completions",
    _MODELS,
    body=Body("application/json", type="CompletionRequest", required=True),
    responses=(ResponseType("200", "application/json", "CompletionResponse"),),
    events=EventStream("CompletionChunk", last_data="[DONE]", choices="choices", finish="finish_reason"),
    accepts_idempotency_key=True,
)
TEXT_TO_SPEECH: Operation[bytes, bytes] = Operation(
    "text_to_speech",
    "POST",
    "/v1/audio/speech",
    _MODELS,
    body=Body("application/json", type="TextToSpeechRequest", required=True),
    responses=(
        ResponseType("200", "audio/mpeg", "bytes"),
        ResponseType("200", "audio/ogg", "bytes"),
        ResponseType("200", "audio/aac", "bytes"),
        ResponseType("200", "audio/flac", "bytes"),
        ResponseType("200", "audio/wav", "bytes"),
        ResponseType("200", "audio/pcm", "bytes"),
    ),
    accepts_idempotency_key=True,
)
TRANSCRIBE: Operation[VerboseTranscriptionResponse | TranscriptionResponse | str, None] = Operation(
    "transcribe",
    "POST",
    "/v1/audio/transcriptions",
    _MODELS,
    parameters=(Parameter("sync", "query", "sync", constant=True),),
    body=Body("multipart/form-data", type="TranscriptionRequest", required=True, files=(FileField("file", "file"),)),
    responses=(
        ResponseType("200", "application/json", "VerboseTranscriptionResponse | TranscriptionResponse"),
        ResponseType("200", "text/plain", "str"),
        ResponseType("200", "text/vtt", "str"),
    ),
    accepts_idempotency_key=True,
)
TRANSLATE: Operation[VerboseTranscriptionResponse | TranslationResponse | str, None] = Operation(
    "translate",
    "POST",
    "/v1/audio/translations",
    _MODELS,
    body=Body("multipart/form-data", type="TranslationRequest", required=True, files=(FileField("file", "file"),)),
    responses=(
        ResponseType("200", "application/json", "VerboseTranscriptionResponse | TranslationResponse"),
        ResponseType("200", "text/plain", "str"),
        ResponseType("200", "text/vtt", "str"),
    ),
    accepts_idempotency_key=True,
)
LIST_MODELS: Operation[ListModelsResponse, None] = Operation(
    "list_models",
    "GET",
    "/v1/models",
    _MODELS,
    responses=(ResponseType("200", "application/json", "ListModelsResponse"),),
)
LOAD_MODEL: Operation[LoadModelResponse, None] = Operation(
    "load_model",
    "POST",
    "/v1/models/load",
    _MODELS,
    body=Body("application/json", type="LoadModelRequest", required=True),
    responses=(ResponseType("200", "application/json", "LoadModelResponse"),),
    accepts_idempotency_key=True,
)
UNLOAD_MODEL: Operation[UnloadModelResponse, None] = Operation(
    "unload_model",
    "POST",
    "/v1/models/unload",
    _MODELS,
    body=Body("application/json", type="UnloadModelRequest", required=True),
    responses=(ResponseType("200", "application/json", "UnloadModelResponse"),),
    accepts_idempotency_key=True,
)
UNLOAD_ALL_MODELS: Operation[UnloadAllModelsResponse, None] = Operation(
    "unload_all_models",
    "POST",
    "/v1/models/unload-all",
    _MODELS,
    responses=(ResponseType("200", "application/json", "UnloadAllModelsResponse"),),
    accepts_idempotency_key=True,
)
GET_MODEL_STATUS: Operation[ModelStatusResponse, None] = Operation(
    "get_model_status",
    "GET",
    "/v1/models/status",
    _MODELS,
    responses=(ResponseType("200", "application/json", "ModelStatusResponse"),),
)
GET_GPU_STATUS: Operation[GPUStatusResponse, None] = Operation(
    "get_gpu_status",
    "GET",
    "/v1/gpu/status",
    _MODELS,
    responses=(ResponseType("200", "application/json", "GPUStatusResponse"),),
)
GET_GPU_MEMORY: Operation[GPUMemoryResponse, None] = Operation(
    "get_gpu_memory",
    "GET",
    "/v1/gpu/memory",
    _MODELS,
    responses=(ResponseType("200", "application/json", "GPUMemoryResponse"),),
)
PURGE_GPU: Operation[GPUPurgeResponse, None] = Operation(
    "purge_gpu",
    "POST",
    "/v1/gpu/purge",
    _MODELS,
    body=Body("application/json", type="GPUPurgeRequest"),
    responses=(ResponseType("200", "application/json", "GPUPurgeResponse"),),
    accepts_idempotency_key=True,
)
HEALTH: Operation[HealthResponse, None] = Operation(
    "health",
    "GET",
    "/health",
    _MODELS,
    responses=(ResponseType("200", "application/json", "HealthResponse"),),
)

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
