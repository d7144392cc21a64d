"""The clients by OpenAI's names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, Unpack

from polargrid._async.client import PolarGrid
from polargrid._sync.client import PolarGridSync
from polargrid.config import PUBLIC_OPTIONS, ClientOptions
from polargrid.errors import AuthenticationError
from polargrid_runtime.redaction import wrap_secrets

if TYPE_CHECKING:
    import httpx

#: The variables that OpenAI's SDK reads, and the options that they set.
_VARIABLES = {
    "api_key": "OPENAI_API_KEY",
    "base_url": "OPENAI_BASE_URL",
    "organization": "OPENAI_ORG_ID",
    "project": "OPENAI_PROJECT_ID",
}


class OpenAI(PolarGridSync):
    """PolarGridSync by the name of OpenAI's client; see there for its options, and those of OpenAI's.

    The key is `api_key` or POLARGRID_API_KEY, the server `base_url`, `region`, or PolarGrid's.
    """

    @classmethod
    def from_openai_environment(
        cls, *, http_client: httpx.Client | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """Create a client from OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID and OPENAI_PROJECT_ID.

        Options override them, and they override the variables of PolarGrid. Raises AuthenticationError without
        OPENAI_API_KEY and api_key.
        """
        values = wrap_secrets(options, PUBLIC_OPTIONS)
        del options
        return cls(http_client=http_client, **read_openai_environment(values))


class AsyncOpenAI(PolarGrid):
    """PolarGrid by the name of OpenAI's client; see there for its options, and those of OpenAI's.

    The key is `api_key` or POLARGRID_API_KEY, the server `base_url`, `region`, or PolarGrid's.
    """

    @classmethod
    def from_openai_environment(
        cls, *, http_client: httpx.AsyncClient | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """Create a client from OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID and OPENAI_PROJECT_ID.

        Options override them, and they override the variables of PolarGrid. Raises AuthenticationError without
        OPENAI_API_KEY and api_key.
        """
        values = wrap_secrets(options, PUBLIC_OPTIONS)
        del options
        return cls(http_client=http_client, **read_openai_environment(values))


def read_openai_environment(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with those that OpenAI's variables set. Raises AuthenticationError without a key."""
    values = _read_variables()
    if any(options.get(name) is not None for name in ("region", "regions")):
        values.pop("base_url", None)  # another server
    values.update({name: value for name, value in options.items() if value is not None})
    if not values.get("api_key"):
        raise AuthenticationError("no API key; pass api_key or set OPENAI_API_KEY")
    return values


def _read_variables() -> dict[str, Any]:
    """Never raises: a traceback that shows the environment shows the key."""
    values = {name: os.environ[variable] for name, variable in _VARIABLES.items() if os.environ.get(variable)}
    return wrap_secrets(values, PUBLIC_OPTIONS)
