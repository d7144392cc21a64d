# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared_params.response_format_json_schema`."""

from polargrid_generated.params import JsonSchemaFormatParam, ResponseFormatParam

__all__ = ["JSONSchema", "ResponseFormatJSONSchema"]
ResponseFormatJSONSchema = ResponseFormatParam
JSONSchema = JsonSchemaFormatParam
