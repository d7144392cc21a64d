# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_modality`."""

from typing import Literal, TypeAlias

__all__ = ["ChatCompletionModality"]
ChatCompletionModality: TypeAlias = Literal["text", "audio"]
