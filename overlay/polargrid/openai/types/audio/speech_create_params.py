# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.speech_create_params`."""

from typing import TypeAlias

from polargrid_generated.models import TTSVoice
from polargrid_generated.params import TextToSpeechRequestParam, VoiceReferenceParam

__all__ = ["SpeechCreateParams", "Voice", "VoiceID"]
SpeechCreateParams = TextToSpeechRequestParam
Voice: TypeAlias = TTSVoice | str | VoiceReferenceParam
VoiceID = VoiceReferenceParam
