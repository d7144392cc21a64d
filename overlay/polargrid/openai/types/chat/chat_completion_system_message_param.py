# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_system_message_param`."""

from polargrid_generated.params import MessageParam

__all__ = ["ChatCompletionSystemMessageParam"]
ChatCompletionSystemMessageParam = MessageParam
