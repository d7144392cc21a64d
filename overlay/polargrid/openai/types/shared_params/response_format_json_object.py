# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared_params.response_format_json_object`."""

from polargrid_generated.params import ResponseFormatParam

__all__ = ["ResponseFormatJSONObject"]
ResponseFormatJSONObject = ResponseFormatParam
