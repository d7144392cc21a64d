# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_word`."""

from polargrid_generated.models import TranscriptionWord as TranscriptionWord

__all__ = ["TranscriptionWord"]
