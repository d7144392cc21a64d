"""The public names."""

import inspect
from importlib.metadata import version

import pytest

import polargrid
import polargrid.client
import polargrid.types
import polargrid_generated.models

DOCUMENTED_TYPES = [
    "PolarGridConfig",
    "ChatCompletionRequest",
    "ChatCompletionResponse",
    "ChatCompletionChunk",
    "CompletionRequest",
    "CompletionResponse",
    "CompletionChunk",
    "GenerateRequest",
    "GenerateResponse",
    "Message",
    "TokenUsage",
    "TextToSpeechRequest",
    "TranscriptionRequest",
    "TranscriptionResponse",
    "VerboseTranscriptionResponse",
    "TranslationRequest",
    "TranslationResponse",
    "TTSVoice",
    "STTModel",
    "AudioFormat",
    "TranscriptionFormat",
    "ModelInfo",
    "ListModelsResponse",
    "LoadModelRequest",
    "LoadModelResponse",
    "UnloadModelRequest",
    "UnloadModelResponse",
    "UnloadAllModelsResponse",
    "ModelStatusResponse",
    "GPUStatusResponse",
    "GPUMemoryResponse",
    "GPUPurgeRequest",
    "GPUPurgeResponse",
    "GPUInfo",
    "GPUMemoryInfo",
    "GPUProcess",
    "HealthResponse",
    "HealthFeatures",
    "BackendStatus",
]
DOCUMENTED_METHODS = [
    "chat_completion",
    "chat_completion_stream",
    "completion",
    "completion_stream",
    "generate",
    "text_to_speech",
    "text_to_speech_stream",
    "transcribe",
    "translate",
    "list_models",
    "load_model",
    "unload_model",
    "unload_all_models",
    "get_model_status",
    "get_gpu_status",
    "get_gpu_memory",
    "purge_gpu",
    "health",
    "get_region_id",
    "get_region_name",
]


def test_names_of_the_package():
    """`polargrid` has these and no others."""
    assert polargrid.__all__ == [
        "AuthenticationError",
        "BillingError",
        "JobFailedError",
        "NetworkError",
        "NotFoundError",
        "PolarGrid",
        "PolarGridError",
        "PolarGridSync",
        "RateLimitError",
        "RetryPolicy",
        "ServerError",
        "StreamInterruptedError",
        "TimeoutError",
        "ValidationError",
        "pydantic_function_tool",
    ]


@pytest.mark.parametrize("name", polargrid.__all__)
def test_each_name_can_be_imported(name):
    """It is a class of that name."""
    assert getattr(polargrid, name).__name__ == name


def test_star_import():
    """`from polargrid import *` imports every public name."""
    names: dict[str, object] = {}
    exec("from polargrid import *", names)  # noqa: S102 - a star import is not allowed in a function
    assert set(polargrid.__all__) <= set(names)


def test_version():
    """It is that of the distribution."""
    assert polargrid.__version__ == version("polargrid")


def test_unknown_name():
    """It is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="module 'polargrid' has no attribute 'Client'"):
        polargrid.Client  # noqa: B018 - the access is the test


@pytest.mark.parametrize("name", DOCUMENTED_TYPES)
def test_documented_type(name):
    """`polargrid.types` has every type of the reference."""
    assert inspect.isclass(getattr(polargrid.types, name))


def test_generated_models_are_public():
    """`polargrid.types` has every generated model."""
    models = polargrid_generated.models
    classes = [name for name, kind in inspect.getmembers(models, inspect.isclass) if kind.__module__ == models.__name__]
    assert [name for name in classes if getattr(polargrid.types, name, None) is not getattr(models, name)] == []


@pytest.mark.parametrize("name", DOCUMENTED_METHODS)
def test_documented_method(name):
    """Both clients have every method of the reference, with the same arguments."""
    signatures = [inspect.signature(getattr(kind, name)) for kind in (polargrid.PolarGrid, polargrid.PolarGridSync)]
    assert signatures[0].parameters == signatures[1].parameters


def test_regions_of_the_client_module():
    """The reference imports regions and aliases from `polargrid.client`."""
    regions = polargrid.client.POLARGRID_REGIONS
    assert {name: (region["id"], region["name"]) for name, region in regions.items()} == {
        "yvr-01": ("yvr-01", "Vancouver"),
        "ymq-01": ("ymq-01", "Montreal"),
        "was-01": ("was-01", "Washington"),
    }
    assert set(polargrid.client.REGION_ALIASES) == {"vancouver", "yvr", "montreal", "ymq", "washington", "was"}


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("TTSVoice.ALLOY", "alloy"),
        ("TTSVoice.ECHO", "echo"),
        ("TTSVoice.NOVA", "nova"),
        ("TTSVoice.AF_BELLA", "af_bella"),
        ("STTModel.WHISPER_1", "whisper-1"),
        ("STTModel.WHISPER_LARGE_V3_TURBO", "whisper-large-v3-turbo"),
        ("AudioFormat.MP3", "mp3"),
        ("AudioFormat.WAV", "wav"),
        ("AudioFormat.OPUS", "opus"),
        ("TranscriptionFormat.JSON", "json"),
        ("TranscriptionFormat.VERBOSE_JSON", "verbose_json"),
        ("TranscriptionFormat.SRT", "srt"),
        ("TranscriptionFormat.VTT", "vtt"),
    ],
)
def test_enum_member(member, value):
    """It is the string that is sent."""
    kind, name = member.split(".")
    assert getattr(getattr(polargrid.types, kind), name) == value
