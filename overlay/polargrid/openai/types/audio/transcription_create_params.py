# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_create_params`."""

from polargrid_generated.params import TranscriptionRequestParam, TranscriptionStreamRequestParam

__all__ = [
    "TranscriptionCreateParams",
    "TranscriptionCreateParamsBase",
    "TranscriptionCreateParamsNonStreaming",
    "TranscriptionCreateParamsStreaming",
]
TranscriptionCreateParams = TranscriptionRequestParam
TranscriptionCreateParamsBase = TranscriptionRequestParam
TranscriptionCreateParamsNonStreaming = TranscriptionRequestParam
TranscriptionCreateParamsStreaming = TranscriptionStreamRequestParam
