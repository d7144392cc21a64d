# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_tool_union_param`."""

from polargrid_generated.params import ChatToolParam

__all__ = ["ChatCompletionToolUnionParam"]
ChatCompletionToolUnionParam = ChatToolParam
