# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_content_part_image`."""

from polargrid_generated.models import ImageUrl, ImageUrlContentPart

__all__ = ["ChatCompletionContentPartImage", "ImageURL"]
ChatCompletionContentPartImage = ImageUrlContentPart
ImageURL = ImageUrl
