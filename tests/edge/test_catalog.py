"""The models of the catalog and their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from polargrid_edge.models.catalog import MODELS, VOICES, Catalog, UnknownModelError
from polargrid_testing.samples import load_document


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("qwen2.5-coder-0.5b", "qwen2.5-coder-0.5b"),
        ("Qwen/Qwen2.5-Coder-0.5B-Instruct", "qwen2.5-coder-0.5b"),
        ("llama-3.1-8b", "qwen2.5-coder-0.5b"),
        ("qwen-3.5-27b", "qwen2.5-coder-0.5b"),
        ("smollm2-135m", "smollm2-135m"),
        *(
            (name, "kokoro-82m")
            for name in ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "hexgrad/Kokoro-82M", "HumeAI/tada-3b-ml")
        ),
        *((name, "whisper-base") for name in ("whisper-1", "openai/whisper-large-v3-turbo", "cohere-transcribe")),
        *((name, "whisper-base") for name in ("gpt-4o-transcribe", "gpt-4o-mini-transcribe")),
    ],
)
def test_resolve(name: str, model: str) -> None:
    """Ids, origins, and the names of the hosted API and of OpenAI resolve to a local model."""
    assert Catalog().resolve(name).id == model


def test_default_chat() -> None:
    """The names of the hosted chat models resolve to the default chat model."""
    assert Catalog(default_chat="smollm2-135m").resolve("llama-3.1-8b").id == "smollm2-135m"


def test_default_chat_must_chat() -> None:
    """A default chat model of another kind is rejected."""
    with pytest.raises(UnknownModelError, match="smollm2-135m"):
        Catalog(default_chat="kokoro-82m")


def test_unknown() -> None:
    """The message has the name and the models of the catalog."""
    with pytest.raises(UnknownModelError) as caught:
        Catalog().resolve("gpt-9")
    assert "gpt-9" in caught.value.message
    assert all(model.id in caught.value.message for model in MODELS)


def test_unknown_of_a_kind() -> None:
    """The message has the names of models of that kind, as many as a reader looks through."""
    with pytest.raises(UnknownModelError) as caught:
        Catalog().resolve("gpt-4o-mini", "chat")
    assert caught.value.message.startswith("unknown model 'gpt-4o-mini'; expected one of: qwen2.5-coder-0.5b, smollm2")
    assert "llama-3.1-8b" in caught.value.message
    assert "tts-1" not in caught.value.message
    many = UnknownModelError("gpt-9", [f"model-{number}" for number in range(40)])
    assert many.message.endswith("model-11, and 28 more")


def test_documented_names_are_served() -> None:
    """A request with any model that openapi.yaml names is served; the list has each, the ids first."""
    catalog = Catalog()
    names = catalog.list_names()
    schemas = load_document()["components"]["schemas"]
    documented = [*schemas["STTModel"]["enum"], *_find_names(schemas)]
    assert "llama-3.1-8b" in documented
    assert set(documented) <= set(names)
    assert names[: len(MODELS)] == [model.id for model in MODELS]
    assert len(names) == len(set(names))


def _find_names(schemas: Mapping[str, Any]) -> Iterator[str]:
    """The names of models that requests have as an enum."""
    for schema in schemas.values():
        for part in schema.get("properties", {}).get("model", {}).get("anyOf", ()):
            yield from part.get("enum", ())


def test_names_are_of_one_model() -> None:
    """No two models share a name, and a model's first name is its id."""
    catalog = Catalog()
    names = [name for model in catalog.models for name in catalog.names(model)]
    assert len(names) == len(set(names))
    assert [catalog.names(model)[0] for model in catalog.models] == [model.id for model in MODELS]


def test_files_are_pinned() -> None:
    """Every file has a SHA-256, a size and a source, and names are unique within a model."""
    for model in MODELS:
        files = [*model.files, *model.optional_files]
        assert len({file.name for file in files}) == len(files)
        assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) and file.size and file.sources for file in files)


def test_voices() -> None:
    """Kokoro has 28 English voices; OpenAI's names are names of some of them."""
    assert len(set(VOICES.values())) == 28
    assert {VOICES[name] for name in ("alloy", "echo", "fable", "onyx", "nova", "shimmer")} == {
        VOICES[name] for name in ("af_alloy", "am_echo", "bm_fable", "am_onyx", "af_nova", "af_sky")
    }
    assert set(VOICES.values()) == set(Catalog().resolve("tts-1").optional_files)
