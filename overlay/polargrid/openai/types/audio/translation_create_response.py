# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.translation_create_response`."""

from typing import TypeAlias

from polargrid_generated.models import TranslationResponse, VerboseTranscriptionResponse

__all__ = ["TranslationCreateResponse"]
TranslationCreateResponse: TypeAlias = TranslationResponse | VerboseTranscriptionResponse
