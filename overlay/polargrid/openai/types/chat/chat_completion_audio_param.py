# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_audio_param`."""

from typing import TypeAlias

from polargrid_generated.models import TTSVoice
from polargrid_generated.params import AudioOutputParam, VoiceReferenceParam

__all__ = ["ChatCompletionAudioParam", "Voice", "VoiceID"]
ChatCompletionAudioParam = AudioOutputParam
Voice: TypeAlias = TTSVoice | str | VoiceReferenceParam
VoiceID = VoiceReferenceParam
