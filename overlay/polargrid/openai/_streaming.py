"""Names of `openai._streaming`."""

from polargrid.openai._names import AsyncStream, Stream

__all__ = ["AsyncStream", "Stream"]
