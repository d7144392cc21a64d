"""What a client is made with: key, region, timeouts; from arguments, then the environment."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import attrs

from polargrid import regions
from polargrid.errors import AuthenticationError, ValidationError
from polargrid.extra import Extra, checked_extra
from polargrid.retry import RetryPolicy
from polargrid.secret import Secret
from polargrid.transport.patience import Timeouts
from polargrid_runtime.operation import CallOptions

if TYPE_CHECKING:
    import ssl

    from polargrid.types import PolarGridConfig
    from polargrid_runtime.response import ResponseMeta as Meta

    Config = PolarGridConfig | Mapping[str, Any] | None

#: Seconds: to connect, and for each wait to send or receive. An answer of 4,096 tokens that is not streamed takes a
#: busy edge more than a minute.
TIMEOUT = Timeouts(connect=10.0, read=120.0, write=120.0, pool=120.0)
#: Seconds for a whole call that is not streamed, with all its tries, where no deadline is given.
PLAIN_DEADLINE = 600.0
LOCAL_KEY = "pg_local"  # the key that a local edge takes on loopback
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class PlacedOptions(CallOptions, total=False):
    """What can be otherwise for some of a client's calls, by `with_options`."""

    region: str | None
    """A region's id or alias (`yvr`, `montreal`), or `local`; else POLARGRID_REGION."""
    regions: Sequence[str] | None
    """Several regions, or base URLs of your own, the preferred one first: the others serve while it cannot."""
    base_url: str | None
    """The URL of an edge, before the region; else POLARGRID_BASE_URL."""


class ClientOptions(PlacedOptions, total=False):
    """What both clients take; None is what is left out. What a call takes is what all calls have then; without it, a
    wait has 120 seconds, to connect 10, a call that is not streamed has a deadline of 600, and there are 3 retries.
    """

    api_key: str | Secret | None
    """The API key; else POLARGRID_API_KEY."""
    retry: RetryPolicy | None
    """How often and how patiently to try again."""
    max_body_bytes: int | None
    """The longest answer that is taken whole, unpacked; else 64 MiB."""
    max_event_bytes: int | None
    """The longest event of a stream, and the longest line; else 8 MiB."""
    transport: Literal["auto", "httpx"] | None
    """Whose connections serve: the SDK's own where they can, which is the default, or httpx's always."""
    proxy: str | None
    """The URL of a proxy (http, https, socks5, socks5h) for all connections; else as the environment says."""
    ssl_context: ssl.SSLContext | None
    """Which certificates are trusted, and which is shown; else httpx's own choice, and SSL_CERT_FILE."""


_NAMES = frozenset(ClientOptions.__annotations__)


@attrs.frozen
class Settings:
    """Everything a client needs to know before its first request."""

    api_key: Secret
    edges: tuple[regions.Edge, ...]
    timeout: Timeouts | None = None  # None: as the HTTP client has it
    idle_timeout: float | None = None  # None: as the timeout for reading
    deadline: float | None = None  # None: PLAIN_DEADLINE, none for streams
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    max_body_bytes: int = 64 * 1024 * 1024
    max_event_bytes: int = 8 * 1024 * 1024
    on_meta: Callable[[Meta], object] | None = None
    extra: Extra = attrs.field(factory=Extra)
    transport: str = "auto"
    proxy: Secret | None = None  # its URL may hold a password
    ssl_context: ssl.SSLContext | None = None

    def deadline_of(self, *, stream: bool) -> float | None:
        """Seconds for a whole call; None for no bound."""
        deadline = self.deadline or (math.inf if stream else PLAIN_DEADLINE)
        return None if math.isinf(deadline) else deadline


def settled(environ: Mapping[str, Any], config: Config, given: Mapping[str, Any]) -> Settings:
    """Settle what was given (an argument goes before the config) and what the environment says.

    Raises ValidationError for what cannot be, AuthenticationError where no key is to be found, TypeError for an
    argument that there is not.
    """
    unknown = sorted(given.keys() - _NAMES)
    if unknown:
        raise TypeError(f"a client takes no argument {unknown[0]!r}; it takes {', '.join(sorted(_NAMES))}")
    options = {**_fields(config), **_without_none(given)}
    edges = _edges(environ, options)
    ways = {name: _checked_way(name, options[name]) for name in _WAYS if name in options}
    settings = Settings(api_key=_key(environ, options.get("api_key"), edges), edges=edges, **ways)
    return changed(settings, {name: options[name] for name in _CHANGEABLE if name in options})


_WAYS = ("transport", "proxy", "ssl_context")


def _checked_way(name: str, value: Any) -> Any:
    """How connections are made."""
    if name == "transport" and value not in ("auto", "httpx"):
        raise ValidationError(f"transport: {value!r} is none; use auto or httpx", param=name)
    if name == "proxy":
        value = Secret(value)
        if not value.sendable or not _PROXY.fullmatch(value.reveal()):
            raise ValidationError("proxy: a URL is needed, like http://127.0.0.1:3128", param=name)
    if name == "ssl_context":
        import ssl  # a client that does without costs 4 ms less

        if not isinstance(value, ssl.SSLContext):
            raise ValidationError("ssl_context: an ssl.SSLContext is needed", param=name)
    return value


_PROXY = re.compile(r"(?i:https?|socks5h?)://(?:[!-.0-9:;-?A-~]*@)?[^\s/?#@]+/?")  # with a user's name, perhaps


def changed(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """The settings with other times, retries and bounds, as for one call. Raises ValidationError, naming the field."""
    unknown = sorted(options.keys() - _CHANGEABLE)
    if unknown:
        known = ", ".join(sorted(_CHANGEABLE))
        raise TypeError(f"there is no option {unknown[0]!r}; there are {known}; other fields go into extra_body")
    values = {name: _checked_option(name, value) for name, value in options.items() if value is not None}
    if retries := {"max_retries": values.pop("max_retries")} if "max_retries" in values else None:
        values["retry"] = attrs.evolve(values.get("retry", settings.retry), **retries)
    more = {name.removeprefix("extra_"): values.pop(name) for name in _EXTRA & values.keys()}
    if more:
        values["extra"] = settings.extra.with_more(more)
    return attrs.evolve(settings, **values)


def moved(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """The same, and where the calls go, where that is among the options."""
    places = {name: value for name, value in options.items() if name in _PLACES and value is not None}
    settings = attrs.evolve(settings, edges=_edges({}, places)) if places else settings
    return changed(settings, {name: value for name, value in options.items() if name not in _PLACES})


_EXTRA = frozenset({"extra_headers", "extra_query", "extra_body"})
_PLACES = frozenset({"region", "regions", "base_url"})
_CHANGEABLE = _NAMES - _PLACES - {"api_key", *_WAYS}


def _checked_option(name: str, value: Any) -> Any:
    if name == "timeout":
        return _timeout(value)
    if name == "retry":
        if isinstance(value, RetryPolicy):
            return value
        raise ValidationError("retry: a RetryPolicy is needed", param="retry")
    if name == "on_meta":
        if callable(value):
            return value
        raise ValidationError("on_meta: a function that takes a Meta is needed", param="on_meta")
    if name in ("idle_timeout", "deadline"):
        return _above_zero(name, value)
    if name in _EXTRA:
        return checked_extra(name, value)
    least = 0 if name == "max_retries" else 1
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        what = "0 means none" if name == "max_retries" else "it is a number of bytes"
        raise ValidationError(f"{name}: a whole number from {least} is needed, {what}", param=name)
    return value


def names_a_place(environ: Mapping[str, Any], config: Config, given: Mapping[str, Any]) -> bool:
    """Whether arguments, config or environment say which edge to use."""
    options = {**_fields(config), **_without_none(given)}
    named = options.get("region") or options.get("regions") or options.get("base_url")
    return bool(named or environ.get("POLARGRID_BASE_URL") or environ.get("POLARGRID_REGION"))


def _fields(config: Config) -> dict[str, Any]:
    """The fields that a config sets."""
    if config is None:
        return {}
    if isinstance(config, Secret):
        raise ValidationError("config: a PolarGridConfig or a mapping is needed; a key is `api_key`", param="config")
    import pydantic  # with the types, only where a config is given

    from polargrid.types import PolarGridConfig
    from polargrid.wire import validation_error

    secrets: dict[str, Any] = {}
    if isinstance(config, Mapping):
        secrets = {name: config[name] for name in _SECRETS if config.get(name) is not None}
        config = {**config, **dict.fromkeys(_SECRETS)}
    try:
        model = PolarGridConfig.model_validate(config)
    except pydantic.ValidationError as error:
        raise validation_error(error, "PolarGridConfig") from error
    given = {name: getattr(model, name) for name in _SECRETS}
    secrets |= {name: Secret(value.get_secret_value()) for name, value in given.items() if value}
    return {**_without_none(dict(model)), **secrets}


_SECRETS = ("api_key", "proxy")


def _timeout(given: Any) -> Timeouts:
    if all(hasattr(given, phase) for phase in Timeouts._fields):
        return Timeouts.like(given)
    return Timeouts(*[_above_zero("timeout", given)] * 4)


def _above_zero(name: str, given: Any) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool) and given > 0:
        return given
    more = ", or an httpx.Timeout," if name == "timeout" else ""
    raise ValidationError(f"{name}: a number of seconds above 0{more} is needed", param=name)


def _without_none(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _edges(environ: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[regions.Edge, ...]:
    """Where the calls go. What is given to the client goes before the environment."""
    several = options.get("regions")
    if several is not None:
        return _several(several, options)
    region, base_url = options.get("region"), options.get("base_url")
    name = region or (None if base_url else environ.get("POLARGRID_REGION"))
    url = base_url or (None if region else environ.get("POLARGRID_BASE_URL"))
    place = regions.resolve(name) if name else None
    if url:
        return (regions.Edge(_checked(url), place),)
    place = place or regions.resolve(regions.DEFAULT_REGION)
    return (regions.Edge(place["url"], place),)


def _several(names: Any, options: Mapping[str, Any]) -> tuple[regions.Edge, ...]:
    if options.get("region") or options.get("base_url"):
        raise ValidationError("regions: give these, or a region or base_url, not both", param="regions")
    if isinstance(names, str) or not names or not all(isinstance(name, str) for name in names):
        raise ValidationError('regions: a list of names is needed, like ["yvr", "ymq"]', param="regions")
    edges = [_edge(name) for name in names]
    urls = [edge.base_url for edge in edges]
    twice = next((name for name, url in zip(names, urls, strict=True) if urls.count(url) > 1), None)
    if twice is not None:
        raise ValidationError(f"regions: {twice!r} is there twice", param="regions")
    return tuple(edges)


def _edge(name: str) -> regions.Edge:
    if "://" in name:
        return regions.Edge(_checked(name))
    place = regions.resolve(name)
    return regions.Edge(place["url"], place)


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


def _key(environ: Mapping[str, Any], given: str | Secret | None, edges: Sequence[regions.Edge]) -> Secret:
    local = all(urlsplit(edge.base_url).hostname in _LOOPBACK for edge in edges)
    key = given
    if key is None and not (local and all(edge.region and edge.region["id"] == "local" for edge in edges)):
        key = environ.get("POLARGRID_API_KEY")  # a real key is not for a local edge
    key = Secret(key or (LOCAL_KEY if local else ""))
    if not key:
        raise AuthenticationError("api_key: none was given; pass api_key or set POLARGRID_API_KEY")
    if not key.sendable:
        raise ValidationError("api_key: it holds characters that no key has (a line end, perhaps)", param="api_key")
    return key
