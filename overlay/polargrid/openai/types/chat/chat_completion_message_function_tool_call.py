# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_message_function_tool_call`."""

from polargrid_generated.models import ToolCall, ToolCallFunction

__all__ = ["ChatCompletionMessageFunctionToolCall", "Function"]
ChatCompletionMessageFunctionToolCall = ToolCall
Function = ToolCallFunction
