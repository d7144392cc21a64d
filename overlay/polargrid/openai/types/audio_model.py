# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio_model`."""

from typing import TypeAlias

from polargrid_generated.models import STTModel

__all__ = ["AudioModel"]
AudioModel: TypeAlias = STTModel | str
