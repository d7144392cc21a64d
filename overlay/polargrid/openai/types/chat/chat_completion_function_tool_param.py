# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_function_tool_param`."""

from polargrid_generated.params import ChatToolParam

__all__ = ["ChatCompletionFunctionToolParam"]
ChatCompletionFunctionToolParam = ChatToolParam
