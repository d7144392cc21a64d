# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_allowed_tools_param`."""

from polargrid_generated.params import AllowedToolsParam

__all__ = ["ChatCompletionAllowedToolsParam"]
ChatCompletionAllowedToolsParam = AllowedToolsParam
