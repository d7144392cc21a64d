# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_audio`."""

from polargrid_generated.models import ChatAudio

__all__ = ["ChatCompletionAudio"]
ChatCompletionAudio = ChatAudio
