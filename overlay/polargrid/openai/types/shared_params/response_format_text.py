# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared_params.response_format_text`."""

from polargrid_generated.params import ResponseFormatParam

__all__ = ["ResponseFormatText"]
ResponseFormatText = ResponseFormatParam
