# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_segment`."""

from polargrid_generated.models import TranscriptionSegment as TranscriptionSegment

__all__ = ["TranscriptionSegment"]
