"""API keys that do not show: in no repr, no pickle, no local variable of a traceback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

_SHORTEST = 8  # characters of a key
#: What may show. A name that is none of these may be a key's, misspelt.
OPEN = frozenset(
    {"region", "regions", "base_url", "timeout", "idle_timeout", "deadline", "max_retries", "retry", "max_body_bytes"}
    | {"max_event_bytes", "on_meta", "extra_headers", "extra_query", "extra_body", "transport", "ssl_context"}
    | {"http_client", "POLARGRID_REGION", "POLARGRID_BASE_URL", "POLARGRID_LOG"}
)


class Secret:
    """An API key that does not print, and does not travel."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value: str = value.reveal() if isinstance(value, Secret) else value

    def reveal(self) -> str:
        """The key itself, to be sent and nothing else."""
        return self._value

    @property
    def sendable(self) -> bool:
        """Whether it can stand in a header."""
        value = self._value
        return isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value

    def hidden(self, data: bytes) -> bytes:
        """The data without the key: an edge may say it back. What is too short to be one is not looked for."""
        return data if len(self._value) < _SHORTEST else data.replace(self._value.encode(), b"****")

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "pg_…****" if str(self._value).startswith("pg_") else "****"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not pickled; read it where it is needed")


def sealed(config: Any, options: Mapping[str, Any]) -> tuple[Any, Any]:
    """The same with every key in a Secret: a traceback that shows local variables shows none. It never raises.

    A proxy's URL may hold a password.
    """
    if isinstance(config, Mapping):
        config = _sealed(config)
    elif isinstance(config, str | bytes):  # somebody gives the key first
        config = Secret(config)
    return config, _sealed(options)


def surroundings(environ: Mapping[str, str]) -> dict[str, Any]:
    """The environment's settings of the SDK, the key in a Secret."""
    return _sealed({name: value for name, value in environ.items() if name.startswith("POLARGRID_")})


def _sealed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name in OPEN or value is None else Secret(value) for name, value in fields.items()}
