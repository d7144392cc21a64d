# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.resources import audio as audio, chat as chat
    from polargrid.openai.resources.audio.audio import AsyncAudio as AsyncAudio, Audio as Audio
    from polargrid.openai.resources.audio.speech import AsyncSpeech as AsyncSpeech, Speech as Speech
    from polargrid.openai.resources.audio.transcriptions import (
        AsyncTranscriptions as AsyncTranscriptions,
        Transcriptions as Transcriptions,
    )
    from polargrid.openai.resources.audio.translations import (
        AsyncTranslations as AsyncTranslations,
        Translations as Translations,
    )
    from polargrid.openai.resources.chat.chat import AsyncChat as AsyncChat, Chat as Chat
    from polargrid.openai.resources.completions import AsyncCompletions as AsyncCompletions, Completions as Completions
    from polargrid.openai.resources.embeddings import AsyncEmbeddings as AsyncEmbeddings, Embeddings as Embeddings
    from polargrid.openai.resources.models import AsyncModels as AsyncModels, Models as Models
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {
        "AsyncAudio": "audio.audio",
        "AsyncChat": "chat.chat",
        "AsyncCompletions": "completions",
        "AsyncEmbeddings": "embeddings",
        "AsyncModels": "models",
        "AsyncSpeech": "audio.speech",
        "AsyncTranscriptions": "audio.transcriptions",
        "AsyncTranslations": "audio.translations",
        "Audio": "audio.audio",
        "Chat": "chat.chat",
        "Completions": "completions",
        "Embeddings": "embeddings",
        "Models": "models",
        "Speech": "audio.speech",
        "Transcriptions": "audio.transcriptions",
        "Translations": "audio.translations",
    }
    __getattr__, __dir__ = lazy_attributes(__name__, _MODULES, ["audio", "chat", "completions", "embeddings", "models"])

__all__ = [
    "AsyncAudio",
    "AsyncChat",
    "AsyncCompletions",
    "AsyncEmbeddings",
    "AsyncModels",
    "AsyncSpeech",
    "AsyncTranscriptions",
    "AsyncTranslations",
    "Audio",
    "Chat",
    "Completions",
    "Embeddings",
    "Models",
    "Speech",
    "Transcriptions",
    "Translations",
    "audio",
    "chat",
]
