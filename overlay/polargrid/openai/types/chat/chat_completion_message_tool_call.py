# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_message_tool_call`."""

from polargrid_generated.models import ToolCall, ToolCallFunction

__all__ = ["ChatCompletionMessageToolCall", "ChatCompletionMessageToolCallUnion", "Function"]
ChatCompletionMessageToolCall = ToolCall
ChatCompletionMessageToolCallUnion = ToolCall
Function = ToolCallFunction
