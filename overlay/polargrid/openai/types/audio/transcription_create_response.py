# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_create_response`."""

from typing import TypeAlias

from polargrid_generated.models import TranscriptionResponse, VerboseTranscriptionResponse

__all__ = ["TranscriptionCreateResponse"]
TranscriptionCreateResponse: TypeAlias = TranscriptionResponse | VerboseTranscriptionResponse
