"""The public names, as a list, and what importing them costs."""

import inspect
import json
import subprocess
import sys

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
    """The names of `polargrid` are these and no others."""
    assert polargrid.__all__ == [
        "AuthenticationError",
        "BillingError",
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
    ]


@pytest.mark.parametrize("name", polargrid.__all__)
def test_each_name_is_there(name):
    """What `__all__` names can be had, by the name it has."""
    assert getattr(polargrid, name).__name__ == name


def test_star_import():
    """`from polargrid import *` gives every public name."""
    names: dict[str, object] = {}
    exec("from polargrid import *", names)  # noqa: S102 - the only way to import a star here
    assert set(polargrid.__all__) <= set(names)


def test_version():
    """The version is that of the distribution."""
    from importlib.metadata import version

    assert polargrid.__version__ == version("polargrid")


def test_unknown_name():
    """A name that is not there is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="module 'polargrid' has no attribute 'Client'"):
        polargrid.Client  # noqa: B018 - looking it up is the test


@pytest.mark.parametrize("name", DOCUMENTED_TYPES)
def test_documented_types(name):
    """Every type of the reference is in `polargrid.types`."""
    assert inspect.isclass(getattr(polargrid.types, name))


def test_generated_models_are_types():
    """Every class of the generated models is in `polargrid.types`."""
    generated = polargrid_generated.models
    classes = {
        name for name, kind in inspect.getmembers(generated, inspect.isclass) if kind.__module__ == generated.__name__
    }
    assert {name for name in classes if getattr(polargrid.types, name, None) is not getattr(generated, name)} == set()


@pytest.mark.parametrize("kind", [polargrid.PolarGrid, polargrid.PolarGridSync])
@pytest.mark.parametrize("name", DOCUMENTED_METHODS)
def test_documented_methods(kind, name):
    """Both clients have every method of the reference."""
    assert callable(getattr(kind, name))


@pytest.mark.parametrize("name", DOCUMENTED_METHODS)
def test_both_clients_take_the_same(name):
    """A method takes the same arguments on both clients."""
    signatures = [inspect.signature(getattr(kind, name)) for kind in (polargrid.PolarGrid, polargrid.PolarGridSync)]
    assert signatures[0].parameters == signatures[1].parameters


def test_regions_are_in_the_client_module():
    """The regions and their aliases come from `polargrid.client`, as the reference has it."""
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
def test_enum_members(member, value):
    """A member of an enum is the text that goes over the wire."""
    kind, name = member.split(".")
    assert getattr(getattr(polargrid.types, kind), name) == value


def _loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after a statement."""
    code = f"{statement}; import sys, json; print(json.dumps(list(sys.modules)))"
    return set(json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout))


def test_the_package_loads_next_to_nothing():
    """`import polargrid` loads no command, no edge, no contract, and neither HTTP nor types."""
    heavy = "polargrid_edge polargrid_contract polargrid_cli click rich pytest schemathesis httpx pydantic anyio attrs"
    assert _loaded_by("import polargrid") & set(heavy.split()) == set()


def test_the_errors_load_no_client():
    """Catching an error costs no HTTP client."""
    assert _loaded_by("from polargrid import PolarGridError") & {"httpx", "pydantic", "polargrid.client"} == set()


def test_the_client_loads_no_types():
    """The client loads the types only when a message needs them, and never the other packages."""
    # Not click and rich: httpx imports them by itself where they are installed.
    heavy = (
        "polargrid_edge polargrid_contract polargrid_cli pytest schemathesis polargrid.types polargrid_generated.models"
    )
    assert _loaded_by("import polargrid.client") & set(heavy.split()) == set()
