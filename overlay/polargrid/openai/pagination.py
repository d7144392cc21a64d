"""Names of `openai.pagination`: a list is one page."""

from polargrid_runtime.response import ListResponse

__all__ = ["AsyncPage", "SyncPage"]
SyncPage = AsyncPage = ListResponse
