"""What a client is made with: key, region, timeouts; from arguments, then the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
import httpx

from polargrid import regions
from polargrid.errors import AuthenticationError, ValidationError
from polargrid.retry import RetryPolicy

if TYPE_CHECKING:
    from polargrid.types import PolarGridConfig

    Config = PolarGridConfig | Mapping[str, Any] | None

LOCAL_KEY = "pg_local"  # the key that a local edge takes on loopback
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Secret:
    """An API key that does not print."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key itself, to be sent and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return f"{self._value[:3]}…****" if self._value.startswith("pg_") else "****"


@attrs.frozen
class Settings:
    """Everything a client needs to know before its first request."""

    api_key: Secret
    base_url: str
    region: regions.Region | None
    timeout: httpx.Timeout | None  # None: as the HTTP client has it
    retry: RetryPolicy


def settled(environ: Mapping[str, str], config: Config, given: Mapping[str, Any]) -> Settings:
    """Settle what was given (an argument goes before the config) and what the environment says.

    Raises ValidationError for what cannot be, AuthenticationError where no key is to be found.
    """
    options = {**_fields(config), **_without_none(given)}
    place, url = _place(environ, options.get("region"), options.get("base_url"))
    retries = options.get("max_retries")
    if retries is not None and retries < 0:
        raise ValidationError(f"max_retries: {retries} is negative; 0 means none", param="max_retries")
    return Settings(
        api_key=_key(environ, options.get("api_key"), url, place),
        base_url=url,
        region=place,
        timeout=_timeout(options.get("timeout")),
        retry=RetryPolicy() if retries is None else RetryPolicy(max_retries=retries),
    )


def names_a_place(environ: Mapping[str, str], config: Config, given: Mapping[str, Any]) -> bool:
    """Whether arguments, config or environment say which edge to use."""
    options = {**_fields(config), **_without_none(given)}
    named = options.get("region") or options.get("base_url")
    return bool(named or environ.get("POLARGRID_BASE_URL") or environ.get("POLARGRID_REGION"))


def _fields(config: Config) -> dict[str, Any]:
    """The fields that a config sets, the key as text."""
    if config is None:
        return {}
    import pydantic  # with the types, only where a config is given

    from polargrid.types import PolarGridConfig
    from polargrid.wire import validation_error

    try:
        fields = PolarGridConfig.model_validate(config).model_dump(exclude_none=True)
    except pydantic.ValidationError as error:
        raise validation_error(error, "PolarGridConfig") from error
    return fields | ({"api_key": fields["api_key"].get_secret_value()} if "api_key" in fields else {})


def _timeout(given: Any) -> httpx.Timeout | None:
    if given is None or isinstance(given, httpx.Timeout):
        return given
    if isinstance(given, int | float) and given > 0:
        return httpx.Timeout(given)
    raise ValidationError("timeout: a number of seconds above 0, or an httpx.Timeout, is needed", param="timeout")


def _without_none(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _place(environ: Mapping[str, str], region: str | None, base_url: str | None) -> tuple[regions.Region | None, str]:
    """The region, where one is named, and the URL. What is given to the client goes before the environment."""
    name = region or (None if base_url else environ.get("POLARGRID_REGION"))
    url = base_url or (None if region else environ.get("POLARGRID_BASE_URL"))
    place = regions.resolve(name) if name else None
    if url:
        return place, _checked(url)
    place = place or regions.resolve(regions.DEFAULT_REGION)
    return place, place["url"]


def _checked(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        good = False
    if not good or any(sign in url for sign in "?#@") or not url.isprintable() or " " in url:
        raise ValidationError("base_url: an http or https URL is needed, like http://127.0.0.1:55111", param="base_url")
    return url.rstrip("/").removesuffix("/v1")


def _key(environ: Mapping[str, str], api_key: str | None, url: str, place: regions.Region | None) -> Secret:
    local = urlsplit(url).hostname in _LOOPBACK
    key = api_key
    if key is None and not (local and place is not None and place["id"] == "local"):
        key = environ.get("POLARGRID_API_KEY")  # a real key is not for a local edge
    key = key or (LOCAL_KEY if local else None)
    if not key:
        raise AuthenticationError("api_key: none was given; pass api_key or set POLARGRID_API_KEY")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValidationError("api_key: it holds characters that no key has (a line end, perhaps)", param="api_key")
    return Secret(key)
