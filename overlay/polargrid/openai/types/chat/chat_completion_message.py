# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_message`."""

from polargrid_generated.models import Annotation as Annotation, ChatMessage, ToolCallFunction, UrlCitation

__all__ = ["Annotation", "AnnotationURLCitation", "ChatCompletionMessage", "FunctionCall"]
ChatCompletionMessage = ChatMessage
AnnotationURLCitation = UrlCitation
FunctionCall = ToolCallFunction
