# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_content_part_input_audio_param`."""

from polargrid_generated.params import InputAudioContentPartParam, InputAudioParam

__all__ = ["ChatCompletionContentPartInputAudioParam", "InputAudio"]
ChatCompletionContentPartInputAudioParam = InputAudioContentPartParam
InputAudio = InputAudioParam
