# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_content_part_image_param`."""

from polargrid_generated.params import ImageUrlContentPartParam, ImageUrlParam

__all__ = ["ChatCompletionContentPartImageParam", "ImageURL"]
ChatCompletionContentPartImageParam = ImageUrlContentPartParam
ImageURL = ImageUrlParam
