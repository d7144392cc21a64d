# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.shared.error_object`."""

from polargrid_generated.models import ErrorDetail

__all__ = ["ErrorObject"]
ErrorObject = ErrorDetail
