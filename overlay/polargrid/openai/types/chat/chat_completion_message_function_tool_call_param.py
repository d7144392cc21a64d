# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_message_function_tool_call_param`."""

from polargrid_generated.params import ToolCallFunctionParam, ToolCallParam

__all__ = ["ChatCompletionMessageFunctionToolCallParam", "Function"]
ChatCompletionMessageFunctionToolCallParam = ToolCallParam
Function = ToolCallFunctionParam
