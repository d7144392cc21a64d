# Generated from openapi.yaml by `make generate`; do not edit.
"""Every operation of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polargrid_runtime.operation import Operation, Parameter

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
    request="ChatCompletionRequest",
    responses={
        "application/json": "ChatCompletionResponse",
    },
    event="ChatCompletionChunk",
    accepts_idempotency_key=True,
)
COMPLETION: Operation[CompletionResponse, CompletionChunk] = Operation(
    "completion",
    "POST",
    "/v1/completions",
    _MODELS,
    request="CompletionRequest",
    responses={
        "application/json": "CompletionResponse",
    },
    event="CompletionChunk",
    accepts_idempotency_key=True,
)
TEXT_TO_SPEECH: Operation[bytes, bytes] = Operation(
    "text_to_speech",
    "POST",
    "/v1/audio/speech",
    _MODELS,
    request="TextToSpeechRequest",
    responses={
        "audio/mpeg": "bytes",
        "audio/ogg": "bytes",
        "audio/aac": "bytes",
        "audio/flac": "bytes",
        "audio/wav": "bytes",
        "audio/pcm": "bytes",
    },
    accepts_idempotency_key=True,
)
TRANSCRIBE: Operation[VerboseTranscriptionResponse | TranscriptionResponse | str, None] = Operation(
    "transcribe",
    "POST",
    "/v1/audio/transcriptions",
    _MODELS,
    parameters=(Parameter("sync", "query", "sync", constant=True),),
    request="TranscriptionRequest",
    file="file",
    responses={
        "application/json": "VerboseTranscriptionResponse | TranscriptionResponse",
        "text/plain": "str",
        "text/vtt": "str",
    },
    accepts_idempotency_key=True,
)
TRANSLATE: Operation[VerboseTranscriptionResponse | TranslationResponse | str, None] = Operation(
    "translate",
    "POST",
    "/v1/audio/translations",
    _MODELS,
    request="TranslationRequest",
    file="file",
    responses={
        "application/json": "VerboseTranscriptionResponse | TranslationResponse",
        "text/plain": "str",
        "text/vtt": "str",
    },
    accepts_idempotency_key=True,
)
LIST_MODELS: Operation[ListModelsResponse, None] = Operation(
    "list_models",
    "GET",
    "/v1/models",
    _MODELS,
    responses={
        "application/json": "ListModelsResponse",
    },
)
LOAD_MODEL: Operation[LoadModelResponse, None] = Operation(
    "load_model",
    "POST",
    "/v1/models/load",
    _MODELS,
    request="LoadModelRequest",
    responses={
        "application/json": "LoadModelResponse",
    },
    accepts_idempotency_key=True,
)
UNLOAD_MODEL: Operation[UnloadModelResponse, None] = Operation(
    "unload_model",
    "POST",
    "/v1/models/unload",
    _MODELS,
    request="UnloadModelRequest",
    responses={
        "application/json": "UnloadModelResponse",
    },
    accepts_idempotency_key=True,
)
UNLOAD_ALL_MODELS: Operation[UnloadAllModelsResponse, None] = Operation(
    "unload_all_models",
    "POST",
    "/v1/models/unload-all",
    _MODELS,
    responses={
        "application/json": "UnloadAllModelsResponse",
    },
    accepts_idempotency_key=True,
)
GET_MODEL_STATUS: Operation[ModelStatusResponse, None] = Operation(
    "get_model_status",
    "GET",
    "/v1/models/status",
    _MODELS,
    responses={
        "application/json": "ModelStatusResponse",
    },
)
GET_GPU_STATUS: Operation[GPUStatusResponse, None] = Operation(
    "get_gpu_status",
    "GET",
    "/v1/gpu/status",
    _MODELS,
    responses={
        "application/json": "GPUStatusResponse",
    },
)
GET_GPU_MEMORY: Operation[GPUMemoryResponse, None] = Operation(
    "get_gpu_memory",
    "GET",
    "/v1/gpu/memory",
    _MODELS,
    responses={
        "application/json": "GPUMemoryResponse",
    },
)
PURGE_GPU: Operation[GPUPurgeResponse, None] = Operation(
    "purge_gpu",
    "POST",
    "/v1/gpu/purge",
    _MODELS,
    request="GPUPurgeRequest",
    responses={
        "application/json": "GPUPurgeResponse",
    },
    accepts_idempotency_key=True,
)
HEALTH: Operation[HealthResponse, None] = Operation(
    "health",
    "GET",
    "/health",
    _MODELS,
    responses={
        "application/json": "HealthResponse",
    },
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
