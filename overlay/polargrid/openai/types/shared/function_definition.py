# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.function_definition`."""

from polargrid_generated.models import FunctionDefinition as FunctionDefinition

__all__ = ["FunctionDefinition"]
