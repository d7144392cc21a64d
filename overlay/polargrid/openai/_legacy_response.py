"""Names of `openai._legacy_response`."""

from polargrid.openai._names import HttpxBinaryResponseContent
from polargrid_runtime.raw_response import RawResponse

__all__ = ["HttpxBinaryResponseContent", "LegacyAPIResponse"]

LegacyAPIResponse = RawResponse
