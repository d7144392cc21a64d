"""What openapi.yaml declares beyond JSON Schema, in `x-` extensions, and the checks of schemathesis that read it.

They name no operation: a new operation that declares the same is held to it.
"""
