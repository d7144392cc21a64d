# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.metadata`."""

from typing import TypeAlias

__all__ = ["Metadata"]
Metadata: TypeAlias = dict[str, str]
