# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_message_tool_call_union_param`."""

from polargrid_generated.params import ToolCallParam

__all__ = ["ChatCompletionMessageToolCallUnionParam"]
ChatCompletionMessageToolCallUnionParam = ToolCallParam
