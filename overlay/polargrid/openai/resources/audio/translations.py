# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.audio.translations`."""

from polargrid_generated.async_resources import AsyncAudioTranslationsResource
from polargrid_generated.sync_resources import AudioTranslationsResource

__all__ = ["AsyncTranslations", "Translations"]
AsyncTranslations = AsyncAudioTranslationsResource
Translations = AudioTranslationsResource
