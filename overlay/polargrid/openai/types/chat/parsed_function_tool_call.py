# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.parsed_function_tool_call`."""

from polargrid_generated.parsed import ParsedToolCall, ParsedToolCallFunction

__all__ = ["ParsedFunction", "ParsedFunctionToolCall"]
ParsedFunction = ParsedToolCallFunction
ParsedFunctionToolCall = ParsedToolCall
