# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.audio`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {
        "AsyncAudio": "audio",
        "AsyncSpeech": "speech",
        "AsyncTranscriptions": "transcriptions",
        "AsyncTranslations": "translations",
        "Audio": "audio",
        "Speech": "speech",
        "Transcriptions": "transcriptions",
        "Translations": "translations",
    }
    __getattr__, __dir__ = lazy_attributes(__name__, _MODULES, ["audio", "speech", "transcriptions", "translations"])

__all__ = [
    "AsyncAudio",
    "AsyncSpeech",
    "AsyncTranscriptions",
    "AsyncTranslations",
    "Audio",
    "Speech",
    "Transcriptions",
    "Translations",
]
