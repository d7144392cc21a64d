# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.lib._pydantic`."""

from polargrid_codec.strict_schema import to_strict_json_schema as to_strict_json_schema

__all__ = ["to_strict_json_schema"]
