# Generated from openapi.yaml by `make generate`; do not edit.
"""Every operation of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polargrid_runtime.operation import (
    Body,
    EventStream,
    FileField,
    Job,
    Operation,
    Parameter,
    ResponseType,
)

if TYPE_CHECKING:
    from polargrid_generated.models import (
        AsyncTranscriptionJobAccepted,
        Base64EmbeddingResponse,
        ChatCompletionChunk,
        ChatCompletionResponse,
        CompletionChunk,
        CompletionResponse,
        EmbeddingResponse,
        GPUMemoryResponse,
        GPUPurgeResponse,
        GPUStatusResponse,
        HealthResponse,
        ListModelsResponse,
        LoadModelResponse,
        ModelInfo,
        ModelStatusResponse,
        RouteResponse,
        SystemStatus,
        TranscriptionJobInfo,
        TranscriptionJobListResponse,
        TranscriptionJobResult,
        TranscriptionResponse,
        TranscriptionStreamEvent,
        TranslationResponse,
        UnloadAllModelsResponse,
        UnloadModelResponse,
        UsageResponse,
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
STREAM_COMPLETION: Operation[None, CompletionChunk] = Operation(
    "stream_completion",
    "POST",
    "/v1/completions/stream",
    _MODELS,
    body=Body("application/json", type="CompletionRequest", required=True),
    events=EventStream("CompletionChunk", last_data="[DONE]", choices="choices", finish="finish_reason"),
    accepts_idempotency_key=True,
)
CREATE_EMBEDDING: Operation[EmbeddingResponse | Base64EmbeddingResponse, None] = Operation(
    "create_embedding",
    "POST",
    "/v1/embeddings",
    _MODELS,
    body=Body("application/json", type="EmbeddingRequest", required=True),
    responses=(ResponseType("200", "application/json", "EmbeddingResponse | Base64EmbeddingResponse"),),
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
LIST_TRANSCRIPTION_JOBS: Operation[TranscriptionJobListResponse, None] = Operation(
    "list_transcription_jobs",
    "GET",
    "/v1/audio/transcriptions",
    _MODELS,
    responses=(ResponseType("200", "application/json", "TranscriptionJobListResponse"),),
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
STREAM_TRANSCRIPTION: Operation[None, TranscriptionStreamEvent] = Operation(
    "stream_transcription",
    "POST",
    "/v1/audio/transcriptions",
    _MODELS,
    query=(("stream", "true"),),
    body=Body(
        "multipart/form-data", type="TranscriptionStreamRequest", required=True, files=(FileField("file", "file"),)
    ),
    events=EventStream("TranscriptionStreamEvent", last_types=("transcript.text.done",)),
    accepts_idempotency_key=True,
)
CREATE_TRANSCRIPTION_JOB: Operation[AsyncTranscriptionJobAccepted, None] = Operation(
    "create_transcription_job",
    "POST",
    "/v1/audio/transcriptions",
    _MODELS,
    query=(("sync", "false"),),
    body=Body("multipart/form-data", type="TranscriptionJobRequest", required=True, files=(FileField("file", "file"),)),
    responses=(ResponseType("202", "application/json", "AsyncTranscriptionJobAccepted"),),
    accepts_idempotency_key=True,
    job=Job(
        "get_transcription_job",
        ("job_id",),
        "job_id",
        interval=("poll_interval_ms",),
        failed=((("status",), ("failed", "cancelled")),),
    ),
)
GET_TRANSCRIPTION_JOB: Operation[TranscriptionJobResult | TranscriptionJobInfo, None] = Operation(
    "get_transcription_job",
    "GET",
    "/v1/audio/transcriptions",
    _MODELS,
    query=(("job_id", "{job_id}"),),
    parameters=(Parameter("job_id", "path", "job_id", required=True, style="simple", explode=False),),
    parameters_type="GetTranscriptionJobParameters",
    responses=(
        ResponseType("200", "application/json", "TranscriptionJobResult"),
        ResponseType("202", "application/json", "TranscriptionJobInfo"),
    ),
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
RETRIEVE_MODEL: Operation[ModelInfo, None] = Operation(
    "retrieve_model",
    "GET",
    "/v1/models/{model}",
    _MODELS,
    parameters=(Parameter("model", "path", "model", required=True, style="simple", explode=False),),
    parameters_type="RetrieveModelParameters",
    responses=(ResponseType("200", "application/json", "ModelInfo"),),
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
GET_STATUS: Operation[SystemStatus, None] = Operation(
    "get_status",
    "GET",
    "/v1/status",
    _MODELS,
    responses=(ResponseType("200", "application/json", "SystemStatus"),),
)
GET_ROUTE: Operation[RouteResponse, None] = Operation(
    "get_route",
    "GET",
    "/v1/route",
    _MODELS,
    parameters=(Parameter("scope", "query", "scope"), Parameter("model", "query", "model")),
    parameters_type="GetRouteParameters",
    responses=(ResponseType("200", "application/json", "RouteResponse"),),
    server="https://autorouter.polargrid.ai",
    requires_key=False,
)
GET_USAGE: Operation[UsageResponse, None] = Operation(
    "get_usage",
    "GET",
    "/v1/usage",
    _MODELS,
    parameters=(Parameter("start_date", "query", "start_date"), Parameter("end_date", "query", "end_date")),
    parameters_type="GetUsageParameters",
    responses=(ResponseType("200", "application/json", "UsageResponse"),),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    CHAT_COMPLETION,
    COMPLETION,
    STREAM_COMPLETION,
    CREATE_EMBEDDING,
    TEXT_TO_SPEECH,
    LIST_TRANSCRIPTION_JOBS,
    TRANSCRIBE,
    STREAM_TRANSCRIPTION,
    CREATE_TRANSCRIPTION_JOB,
    GET_TRANSCRIPTION_JOB,
    TRANSLATE,
    LIST_MODELS,
    RETRIEVE_MODEL,
    LOAD_MODEL,
    UNLOAD_MODEL,
    UNLOAD_ALL_MODELS,
    GET_MODEL_STATUS,
    GET_GPU_STATUS,
    GET_GPU_MEMORY,
    PURGE_GPU,
    HEALTH,
    GET_STATUS,
    GET_ROUTE,
    GET_USAGE,
)
