# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared_params.function_definition`."""

from polargrid_generated.params import FunctionDefinitionParam

__all__ = ["FunctionDefinition"]
FunctionDefinition = FunctionDefinitionParam
