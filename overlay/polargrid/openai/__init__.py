"""The SDK by the names of OpenAI's: a program changes its import.

    from polargrid.openai import OpenAI

    client = OpenAI()
    response = client.chat.completions.create(model="llama-3.1-8b", messages=[{"role": "user", "content": "Hi"}])

`OpenAI` and `AsyncOpenAI` are `PolarGridSync` and `PolarGrid`; exceptions and types are the SDK's own. The key and the
region are those of PolarGrid: no variable OPENAI_* is read, except by `OpenAI.from_openai_environment()`. There is no
client of the module: `polargrid.openai.api_key = ...` raises AttributeError.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from polargrid.openai import lib as lib, pagination as pagination, resources as resources, types as types
    from polargrid.openai._names import *  # noqa: F403 - all of them, by its __all__
    from polargrid_transport.default_clients import *  # noqa: F403 - all of them, by its __all__
    from polargrid_transport.default_httpx2_clients import *  # noqa: F403 - all of them, by its __all__

_CLIENTS = "polargrid_transport.default_clients"  # httpx takes 0.1 s
_SUBMODULES = ("lib", "pagination", "resources", "types")
_OPTIONAL = ("DefaultAsyncHttpx2Client", "DefaultHttpx2Client")  # httpx2 may be missing
#: Settings and resources of the client that OpenAI's module has.
_MODULE_CLIENT = frozenset(
    {
        *("api_key", "admin_api_key", "organization", "project", "webhook_secret", "base_url", "timeout"),
        *("max_retries", "default_headers", "default_query", "http_client", "api_type", "api_version"),
        *("azure_endpoint", "azure_ad_token", "azure_ad_token_provider"),
        *("audio", "beta", "chat", "completions", "embeddings", "models", "with_options"),
    }
)


class _Module(ModuleType):
    """Refuses the attributes of OpenAI's module client: they would have no effect."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _MODULE_CLIENT:
            _refuse(name)
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name in _MODULE_CLIENT:
            _refuse(name)
        if name in _SUBMODULES:
            return import_module(f"{__name__}.{name}")
        if name in ("__version__", "VERSION"):
            return import_module("polargrid").__version__
        if name in _OPTIONAL:
            return getattr(import_module("polargrid_transport.default_httpx2_clients"), name)
        modules = map(import_module, (f"{__name__}._names", _CLIENTS))
        if name == "__all__":
            return [exported for module in modules for exported in module.__all__]
        module = next((module for module in modules if name in module.__all__), None)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = getattr(module, name)
        super().__setattr__(name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__all__, *_SUBMODULES, *_OPTIONAL})


def _refuse(name: str) -> NoReturn:
    message = f"polargrid.openai has no {name}, as it has no client of the module; create one: client = OpenAI(...)"
    raise AttributeError(message, name=name)


sys.modules[__name__].__class__ = _Module
