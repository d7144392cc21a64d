# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_role`."""

from typing import Literal, TypeAlias

__all__ = ["ChatCompletionRole"]
ChatCompletionRole: TypeAlias = Literal["system", "developer", "user", "assistant", "tool", "function"]
