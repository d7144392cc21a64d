# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_function_message_param`."""

from polargrid_generated.params import MessageParam

__all__ = ["ChatCompletionFunctionMessageParam"]
ChatCompletionFunctionMessageParam = MessageParam
