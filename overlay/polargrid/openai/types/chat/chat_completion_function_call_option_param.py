# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_function_call_option_param`."""

from polargrid_generated.params import NamedFunctionParam

__all__ = ["ChatCompletionFunctionCallOptionParam"]
ChatCompletionFunctionCallOptionParam = NamedFunctionParam
