# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.audio.translation_verbose`."""

from polargrid_generated.models import VerboseTranscriptionResponse

__all__ = ["TranslationVerbose"]
TranslationVerbose = VerboseTranscriptionResponse
