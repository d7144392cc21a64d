# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.audio.transcriptions`."""

from polargrid_generated.async_resources import AsyncAudioTranscriptionsResource
from polargrid_generated.sync_resources import AudioTranscriptionsResource

__all__ = ["AsyncTranscriptions", "Transcriptions"]
AsyncTranscriptions = AsyncAudioTranscriptionsResource
Transcriptions = AudioTranscriptionsResource
