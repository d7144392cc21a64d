"""Kinds of models, and the models of a list that are of a kind; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Kind = str  # of a model: a value of ModelInfo.pg_model_type in the document
# A model that generates text serves chats as well.
_OTHER_TYPES: Mapping[Kind, tuple[str, ...]] = {"chat": ("text-generation",)}
# A list of models without types leaves only the names to go by; chat models have any other name.
_NAME_PARTS: Mapping[Kind, tuple[str, ...]] = {
    "text-to-speech": ("tts", "kokoro", "speech", "tada"),
    "speech-to-text": ("whisper", "stt", "transcribe"),
    "embedding": ("embed", "minilm", "bge", "e5-"),
}


def find_models(models: Iterable[Mapping[str, Any]], kind: Kind | None) -> Iterator[Mapping[str, Any]]:
    """Yield the models of this kind, by their types or else by their names; all of them without a kind."""
    for model in models:
        model_type = model.get("pg_model_type")
        types = (kind, *_OTHER_TYPES.get(kind or "", ()))
        if kind is None or model_type in types or (model_type is None and _name_suggests(kind, model["id"])):
            yield model


def find_root(models: Iterable[Mapping[str, Any]], model: Mapping[str, Any]) -> str:
    """Return the id of the model that serves a model of a list: another one if this is a name that stands for it.

    Servers without such names have other values in `root`, which are no ids of the list.
    """
    root = model.get("root")
    return str(root) if any(root == other["id"] for other in models) else str(model["id"])


def _name_suggests(kind: Kind, name: str) -> bool:
    if kind in _NAME_PARTS:
        return any(part in name.lower() for part in _NAME_PARTS[kind])
    return kind == "chat" and not any(part in name.lower() for parts in _NAME_PARTS.values() for part in parts)
