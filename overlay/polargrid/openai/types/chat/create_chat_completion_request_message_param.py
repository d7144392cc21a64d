# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.create_chat_completion_request_message_param`."""

from polargrid_generated.params import MessageParam

__all__ = ["CreateChatCompletionRequestMessageParam"]
CreateChatCompletionRequestMessageParam = MessageParam
