# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.response_format_json_schema`."""

from polargrid_generated.models import JsonSchemaFormat, ResponseFormat

__all__ = ["JSONSchema", "ResponseFormatJSONSchema"]
ResponseFormatJSONSchema = ResponseFormat
JSONSchema = JsonSchemaFormat
