# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.translation`."""

from polargrid_generated.models import TranslationResponse

__all__ = ["Translation"]
Translation = TranslationResponse
