# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.transcription_text_done_event`."""

from polargrid_generated.models import TokenLogprob, TranscriptionStreamDone

__all__ = ["Logprob", "TranscriptionTextDoneEvent"]
TranscriptionTextDoneEvent = TranscriptionStreamDone
Logprob = TokenLogprob
