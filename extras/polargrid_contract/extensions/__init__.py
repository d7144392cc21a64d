"""Rules that openapi.yaml declares beyond JSON Schema, in `x-` extensions; pure.

They name no operation: a new operation that declares an extension is checked as well.
"""
