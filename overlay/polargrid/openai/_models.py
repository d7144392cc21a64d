"""Names of `openai._models`."""

from polargrid.openai._names import BaseModel

__all__ = ["BaseModel"]
