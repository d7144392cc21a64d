# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.speech_model`."""

__all__ = ["SpeechModel"]
SpeechModel = str
