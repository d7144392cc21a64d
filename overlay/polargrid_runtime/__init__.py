"""The runtime of the generated code: responses, streams, audio, operations, and the client that methods call.

Nothing here depends on openapi.yaml, and nothing here sends a request: `polargrid` implements the client.
"""
