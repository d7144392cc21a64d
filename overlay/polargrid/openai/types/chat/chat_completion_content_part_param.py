# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_content_part_param`."""

from polargrid_generated.params import ContentPartParam, FileContentPartParam, InputFileParam

__all__ = ["ChatCompletionContentPartParam", "File", "FileFile"]
ChatCompletionContentPartParam = ContentPartParam
File = FileContentPartParam
FileFile = InputFileParam
