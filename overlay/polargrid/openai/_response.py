"""Names of `openai._response`."""

from polargrid.openai._names import APIResponse, AsyncAPIResponse

__all__ = ["APIResponse", "AsyncAPIResponse"]
