"""The Python SDK for PolarGrid.

    from polargrid import PolarGrid

    client = await PolarGrid.create()
    response = await client.chat_completion({"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]})

`PolarGridSync` is the same without async. Types are in `polargrid.types`, regions in `polargrid.regions`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polargrid.client import PolarGrid, PolarGridSync
    from polargrid.errors import (
        AuthenticationError,
        BillingError,
        JobFailedError,
        NetworkError,
        NotFoundError,
        PolarGridError,
        RateLimitError,
        ServerError,
        StreamInterruptedError,
        TimeoutError,  # noqa: A004 - the documented name
        ValidationError,
    )
    from polargrid.retry import RetryPolicy
    from polargrid.tools import pydantic_function_tool

    __version__: str

__all__ = [
    "AuthenticationError",
    "BillingError",
    "JobFailedError",
    "NetworkError",
    "NotFoundError",
    "PolarGrid",
    "PolarGridError",
    "PolarGridSync",
    "RateLimitError",
    "RetryPolicy",
    "ServerError",
    "StreamInterruptedError",
    "TimeoutError",
    "ValidationError",
    "pydantic_function_tool",
]
#: The modules of the names that are no errors.
_MODULES = {
    "PolarGrid": "_async.client",
    "PolarGridSync": "_sync.client",
    "RetryPolicy": "retry",
    "pydantic_function_tool": "tools",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: `import polargrid` itself costs almost nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("polargrid")
    if name not in __all__:
        raise AttributeError(f"module 'polargrid' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"polargrid.{_MODULES.get(name, 'errors')}"), name)
    return value
