# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_named_tool_choice_param`."""

from polargrid_generated.params import NamedFunctionParam, NamedToolChoiceParam

__all__ = ["ChatCompletionNamedToolChoiceParam", "Function"]
ChatCompletionNamedToolChoiceParam = NamedToolChoiceParam
Function = NamedFunctionParam
