# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_allowed_tool_choice_param`."""

from polargrid_generated.params import AllowedToolsChoiceParam

__all__ = ["ChatCompletionAllowedToolChoiceParam"]
ChatCompletionAllowedToolChoiceParam = AllowedToolsChoiceParam
