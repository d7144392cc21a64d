# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_tool_choice_option_param`."""

from typing import Literal, TypeAlias

from polargrid_generated.params import AllowedToolsChoiceParam, NamedToolChoiceParam

__all__ = ["ChatCompletionToolChoiceOptionParam"]
ChatCompletionToolChoiceOptionParam: TypeAlias = (
    Literal["none", "auto", "required"] | NamedToolChoiceParam | AllowedToolsChoiceParam
)
