# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.embedding`."""

from polargrid_generated.models import Embedding as Embedding

__all__ = ["Embedding"]
