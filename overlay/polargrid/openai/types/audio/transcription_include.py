# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_include`."""

from polargrid_generated.models import TranscriptionInclude as TranscriptionInclude

__all__ = ["TranscriptionInclude"]
