# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.reasoning_effort`."""

from typing import Literal, TypeAlias

__all__ = ["ReasoningEffort"]
ReasoningEffort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
