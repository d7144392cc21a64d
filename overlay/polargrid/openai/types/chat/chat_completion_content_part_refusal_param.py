# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_content_part_refusal_param`."""

from polargrid_generated.params import RefusalContentPartParam

__all__ = ["ChatCompletionContentPartRefusalParam"]
ChatCompletionContentPartRefusalParam = RefusalContentPartParam
