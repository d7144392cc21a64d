# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.audio.speech`."""

from polargrid_generated.async_resources import AsyncAudioSpeechResource
from polargrid_generated.sync_resources import AudioSpeechResource

__all__ = ["AsyncSpeech", "Speech"]
AsyncSpeech = AsyncAudioSpeechResource
Speech = AudioSpeechResource
