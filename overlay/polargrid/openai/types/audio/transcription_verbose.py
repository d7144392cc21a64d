# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_verbose`."""

from polargrid_generated.models import VerboseTranscriptionResponse

__all__ = ["TranscriptionVerbose"]
TranscriptionVerbose = VerboseTranscriptionResponse
