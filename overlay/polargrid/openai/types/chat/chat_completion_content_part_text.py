# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_content_part_text`."""

from polargrid_generated.models import TextContentPart

__all__ = ["ChatCompletionContentPartText"]
ChatCompletionContentPartText = TextContentPart
