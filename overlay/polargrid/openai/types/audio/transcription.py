# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription`."""

from polargrid_generated.models import TranscriptionResponse

__all__ = ["Transcription"]
Transcription = TranscriptionResponse
