# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion`."""

from polargrid_generated.models import ChatCompletionChoice, ChatCompletionResponse, ChatLogprobs

__all__ = ["ChatCompletion", "Choice", "ChoiceLogprobs"]
ChatCompletion = ChatCompletionResponse
Choice = ChatCompletionChoice
ChoiceLogprobs = ChatLogprobs
