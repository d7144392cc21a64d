# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.audio.audio`."""

from polargrid_generated.async_resources import AsyncAudioResource
from polargrid_generated.sync_resources import AudioResource

__all__ = ["AsyncAudio", "Audio"]
AsyncAudio = AsyncAudioResource
Audio = AudioResource
