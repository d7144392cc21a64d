# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_text_delta_event`."""

from polargrid_generated.models import TokenLogprob, TranscriptionStreamDelta

__all__ = ["Logprob", "TranscriptionTextDeltaEvent"]
TranscriptionTextDeltaEvent = TranscriptionStreamDelta
Logprob = TokenLogprob
