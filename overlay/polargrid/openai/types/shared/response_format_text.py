# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.response_format_text`."""

from polargrid_generated.models import ResponseFormat

__all__ = ["ResponseFormatText"]
ResponseFormatText = ResponseFormat
