# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.model`."""

from polargrid_generated.models import ModelInfo

__all__ = ["Model"]
Model = ModelInfo
