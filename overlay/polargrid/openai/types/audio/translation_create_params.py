# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.translation_create_params`."""

from polargrid_generated.params import TranslationRequestParam

__all__ = ["TranslationCreateParams"]
TranslationCreateParams = TranslationRequestParam
