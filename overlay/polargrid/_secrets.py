"""Keep API keys out of reprs, pickles, log lines and the local variables that a traceback shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from polargrid_runtime.redaction import Redactor


class Secret:
    """A string that does not print and is not pickled."""

    __slots__ = ("_value", "redactor")

    def __init__(self, value: Any) -> None:
        self._value: str = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        self.redactor = Redactor(self._value)  # of what a server sent

    def get_secret_value(self) -> str:
        """Return the string, to send it."""
        return self._value

    @property
    def is_valid_header_value(self) -> bool:
        """Whether it can be sent in a header."""
        value = self._value
        return isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "pg_…****" if str(self._value).startswith("pg_") else "****"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key cannot be pickled; read it from the environment where it is needed")


def wrap_secrets(options: Mapping[str, Any], public: Collection[str]) -> dict[str, Any]:
    """Wrap every value whose name is not public: an unknown name may be `api_key`, misspelt. Never raises."""
    return {name: value if name in public or value is None else Secret(value) for name, value in options.items()}
