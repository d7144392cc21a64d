"""The key that a function of the caller's returns."""

from __future__ import annotations

from inspect import isawaitable
from typing import Any

from polargrid.errors import AuthenticationError, ValidationError
from polargrid_runtime.redaction import Secret, SecretSource


async def refresh_key(key: SecretSource) -> None:
    """Call the function. Raises what it raises, ValidationError for what is no key, AuthenticationError for no text."""
    secret: Any = Secret(key.source())  # not as it is in a variable, which a traceback shows
    if isawaitable(secret.get_secret_value()):
        secret = Secret(await secret.get_secret_value())  # unasync: remove
        # unasync: add secret.get_secret_value().close()
        # unasync: add raise ValidationError("api_key: PolarGridSync calls no async function", param="api_key")
    if not isinstance(secret.get_secret_value(), str):
        raise ValidationError("api_key: the function returned no text", param="api_key")
    if not secret:
        raise AuthenticationError("no API key: the function of api_key returned an empty text")
    if not secret.is_valid_header_value:
        raise ValidationError("api_key: invalid characters in the key (a line break, perhaps)", param="api_key")
    key.update(secret)
