# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_stream_event`."""

from polargrid_generated.models import TranscriptionStreamEvent as TranscriptionStreamEvent

__all__ = ["TranscriptionStreamEvent"]
