# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_function_tool`."""

from polargrid_generated.models import ChatTool

__all__ = ["ChatCompletionFunctionTool"]
ChatCompletionFunctionTool = ChatTool
