"""Keeps a secret out of reprs, pickles, logs, the local variables of a traceback, and what a server sent; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn

_MIN_LENGTH = 8
_RECENT = 4  # keys of a function: the latest, and those of calls that are still on their way
_MASK = "****"
_ESCAPES = "%\\&"  # what escaped characters begin with


class Redactor:
    """Replaces a secret, and those that were it before; not one that is too short to be a key."""

    __slots__ = ("_pattern", "_secrets", "_shortest")

    def __init__(self, secret: str) -> None:
        self._secrets: tuple[str, ...] = ()
        self.replace(secret)

    def __repr__(self) -> str:
        return "Redactor()"

    def replace(self, secret: str) -> None:
        """Replace another secret from now on as well."""
        if isinstance(secret, str) and len(secret) >= _MIN_LENGTH:  # a function of the caller may return anything
            self._secrets = (secret, *(item for item in self._secrets if item != secret))[:_RECENT]
        self._shortest = min(map(len, self._secrets), default=0)
        self._pattern: re.Pattern[str] | None = None  # built for the first error

    def text(self, text: str) -> str:
        """Replace it in text: in any case, and escaped as in JSON, URLs and HTML."""
        if not self._secrets or len(text) < self._shortest:
            return text
        if self._pattern is None:
            self._pattern = re.compile("|".join(map(notations_of, self._secrets)), re.IGNORECASE)
        return self._pattern.sub(_MASK, text)

    def value(self, value: Any) -> Any:
        """Replace it in every string of a JSON value, also in names; without recursion, for it may be nested deeply."""
        root = [value]
        pending: list[Any] = [root]
        for node in pending:
            for name, item in list(node.items() if isinstance(node, dict) else enumerate(node)):
                if isinstance(item, str):
                    node[name] = self.text(item)
                elif isinstance(item, dict | list):
                    pending.append(item)
                if isinstance(name, str):
                    node[self.text(name)] = node.pop(name)
        return root[0]

    def headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Replace it in headers."""
        text = "\n".join([*headers, *headers.values()]).lower()
        if not any(secret.lower() in text for secret in self._secrets) and not any(map(text.__contains__, _ESCAPES)):
            return headers
        return {self.text(name): self.text(value) for name, value in headers.items()}

    def error(self, error: BaseException) -> None:
        """Replace it in an exception; a cause that quotes it is dropped."""
        vars(error).update({name: self.value(value) for name, value in vars(error).items()})
        error.args = tuple(self.value([*error.args]))
        cause = error.__cause__ or error.__context__
        while cause is not None:
            text = f"{cause!r} {cause}"
            if self.text(text) != text:
                error.__cause__ = error.__context__ = None
            cause = cause.__cause__ or cause.__context__


def notations_of(secret: str) -> str:
    """Return a pattern, for any case, of a secret as it is and escaped as in JSON, URLs and HTML."""
    first = rf"(?=[{re.escape(secret[0])}\\%&])"  # most characters are passed quickly
    return first + "".join(map(_notations, secret))


def _notations(character: str) -> str:
    code = ord(character)
    json = rf"\\{{0,4}}(?:u00{code:02x}|x{code:02x}|{re.escape(character)})"
    return rf"(?:{json}|%(?:25)?{code:02x}|&#(?:0*{code}|x0*{code:x});)"


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


class SecretSource(Secret):
    """A secret that a function returns, which is called before each attempt."""

    __slots__ = ("source",)

    def __init__(self, source: Callable[[], Any]) -> None:
        super().__init__("")
        self.source = source

    def __bool__(self) -> bool:
        return True

    def update(self, secret: Secret) -> None:
        """Hold another value, also in what is redacted."""
        if secret.get_secret_value() != self._value:
            self._value = secret.get_secret_value()
            self.redactor.replace(self._value)


def wrap_secrets(options: Mapping[str, Any], public: Collection[str]) -> dict[str, Any]:
    """Wrap every value whose name is not public: an unknown name may be `api_key`, misspelt. Never raises."""
    return {name: value if name in public or value is None else Secret(value) for name, value in options.items()}
