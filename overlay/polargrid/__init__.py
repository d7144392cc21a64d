"""The Python SDK for PolarGrid.

    from polargrid import PolarGrid

    client = await PolarGrid.create()
    answer = await client.chat_completion({"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]})

`PolarGridSync` is the same without async. Types are in `polargrid.types`, regions in `polargrid.regions`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polargrid.client import PolarGrid as PolarGrid
    from polargrid.client import PolarGridSync as PolarGridSync
    from polargrid.errors import AuthenticationError as AuthenticationError
    from polargrid.errors import BillingError as BillingError
    from polargrid.errors import NetworkError as NetworkError
    from polargrid.errors import NotFoundError as NotFoundError
    from polargrid.errors import PolarGridError as PolarGridError
    from polargrid.errors import RateLimitError as RateLimitError
    from polargrid.errors import ServerError as ServerError
    from polargrid.errors import StreamInterruptedError as StreamInterruptedError
    from polargrid.errors import TimeoutError as TimeoutError  # noqa: A004 - the documented name
    from polargrid.errors import ValidationError as ValidationError
    from polargrid.retry import RetryPolicy as RetryPolicy

__version__: str

_MODULES = {
    "polargrid.client": ("PolarGrid", "PolarGridSync"),
    "polargrid.errors": (
        "AuthenticationError",
        "BillingError",
        "NetworkError",
        "NotFoundError",
        "PolarGridError",
        "RateLimitError",
        "ServerError",
        "StreamInterruptedError",
        "TimeoutError",
        "ValidationError",
    ),
    "polargrid.retry": ("RetryPolicy",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}
__all__ = sorted(_HOME)  # noqa: PLE0605 - it is a list of names


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `import polargrid` itself costs next to nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("polargrid")
    if name not in _HOME:
        raise AttributeError(f"module 'polargrid' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
