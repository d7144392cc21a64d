# Generated from openapi.yaml by `make generate`; do not edit.
"""Generated from openapi.yaml: models, operations, their methods, and the raw client."""
