# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.function_parameters`."""

from typing import TypeAlias

__all__ = ["FunctionParameters"]
FunctionParameters: TypeAlias = dict[str, object]
