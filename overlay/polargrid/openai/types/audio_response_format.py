# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio_response_format`."""

from typing import Literal, TypeAlias

__all__ = ["AudioResponseFormat"]
AudioResponseFormat: TypeAlias = Literal["json", "text", "srt", "verbose_json", "vtt"]
