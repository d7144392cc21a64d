"""Options of a client: each is declared once, with its type, default and validator."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, Unpack

import attrs
from pydantic import BaseModel, ConfigDict, SecretStr, create_model, model_validator

from polargrid._endpoints import Endpoint, resolve_endpoints
from polargrid.errors import AuthenticationError, ValidationError
from polargrid.retry import RetryPolicy, expect, is_number
from polargrid_codec.encoding import normalize_headers, validate_fields, validate_query
from polargrid_runtime.arguments import NOT_GIVEN, CallOptions
from polargrid_runtime.redaction import Secret, SecretSource, wrap_secrets
from polargrid_transport.attempt import TransportOptions
from polargrid_transport.deadline import Timeouts
from polargrid_transport.environment import is_loopback

if TYPE_CHECKING:
    import ssl

    import httpx

    from polargrid_runtime.limiter import Limiter
    from polargrid_runtime.response import ResponseMeta

__all__ = ["ClientOptions", "CopyOptions", "PolarGridConfig"]
#: Seconds for a call that is not streamed, with its retries.
DEFAULT_DEADLINE = 600.0
TRANSPORTS = ("httpx", "httpx2", "fast")
LOCAL_KEY = "pg_local"  # the key that a local edge accepts on loopback
_PROXY_URL = re.compile(r"(?i:https?|socks5h?)://(?:[!-.0-9:;-?A-~]*@)?[^\s/?#@]+/?")  # perhaps with a user name


class CopyOptions(CallOptions, total=False):
    """Options of `with_options`: those of a call, the endpoint, the key, and headers under OpenAI's names."""

    region: str | None
    """A region's id or alias (`yvr`, `montreal`), or `local`. Default: POLARGRID_REGION, then `yvr-01`."""
    regions: Sequence[str] | None
    """Several regions or base URLs, the preferred one first; the others serve if it fails."""
    base_url: str | httpx.URL | None
    """The URL of a server, with or without `/v1`; overrides `region`. Default: POLARGRID_BASE_URL."""
    api_key: str | Secret | Callable[[], str | Awaitable[str]] | None
    """The API key, or a function that returns it, called before each attempt; with `PolarGrid`, it may be async.
    Default: POLARGRID_API_KEY."""
    organization: str | None
    """The header OpenAI-Organization."""
    project: str | None
    """The header OpenAI-Project."""
    default_headers: Mapping[str, str] | None
    """The same as `extra_headers`, by the name of OpenAI's SDK."""
    default_query: Mapping[str, Any] | None
    """The same as `extra_query`, by the name of OpenAI's SDK."""


class ClientOptions(CopyOptions, total=False):
    """Options of a client; None is the default. Options of a call set the default for all calls."""

    retry: RetryPolicy | None
    """When failed attempts are retried. Default: 3 retries."""
    max_body_bytes: int | None
    """The largest response that is not streamed, decompressed. Default: 64 MiB."""
    max_event_bytes: int | None
    """The largest event of a stream. Default: 8 MiB."""
    max_connections: int | None
    """Connections at the same time, per event loop; more calls wait in order. Default: 256."""
    transport: Literal["httpx", "httpx2", "fast"] | None
    """The HTTP library: `httpx`, its successor `httpx2`, or `fast`, polargrid_fast. Default: httpx."""
    proxy: str | None
    """The URL of a proxy (http, https, socks5, socks5h). Default: the proxies of the environment."""
    ssl_context: ssl.SSLContext | None
    """Trusted and client certificates. Default: the certificates of httpx, or SSL_CERT_FILE."""
    limiter: Limiter | None
    """Gives each attempt a place before it is sent: `polargrid_batch.AdaptiveLimiter()`. Default: no limit."""


def _fail(name: str, message: str) -> ValidationError:
    return ValidationError(f"{name}: {message}", param=name)


def _expect(expected: str, is_valid: Callable[[Any], object]) -> Any:
    return attrs.validators.optional(expect(expected, is_valid))


def _is_function(value: Any) -> bool:
    return callable(value) and not iscoroutinefunction(value)  # its result is not awaited


def _is_limiter(value: Any) -> bool:
    return hasattr(value, "admit") and not isinstance(value, type)


def _is_ssl_context(value: Any) -> bool:
    import ssl  # 4 ms

    return isinstance(value, ssl.SSLContext)


_validate_seconds = _expect("seconds above 0", lambda value: is_number(value, int | float) and value > 0)
_validate_size = _expect("an integer from 1", lambda value: is_number(value, int) and value > 0)
_validate_proxy = _expect(
    "a URL like http://127.0.0.1:3128",
    lambda value: value.is_valid_header_value and _PROXY_URL.fullmatch(value.get_secret_value()),
)


def _to_timeouts(value: Any) -> Timeouts | None:
    if value is None:
        return None
    limits = [getattr(value, phase, value) for phase in Timeouts._fields]
    if value == 0 or not all(limit is None or is_number(limit, int | float) for limit in limits):
        raise _fail("timeout", f"expected seconds above 0 or an httpx.Timeout, not {value!r}")
    return Timeouts.from_object(value)


@attrs.frozen(kw_only=True)
class Settings:
    """The options of a client, validated."""

    api_key: Secret
    endpoints: tuple[Endpoint, ...]
    timeout: Timeouts | None = attrs.field(default=None, converter=_to_timeouts)  # None: that of the HTTP client
    idle_timeout: float | None = attrs.field(default=None, validator=_validate_seconds)  # None: the read timeout
    deadline: float | None = attrs.field(default=None, validator=_validate_seconds)  # None: DEFAULT_DEADLINE
    retry: RetryPolicy = attrs.field(
        factory=RetryPolicy, validator=_expect("a RetryPolicy", lambda value: isinstance(value, RetryPolicy))
    )
    max_body_bytes: int = attrs.field(default=64 * 1024 * 1024, validator=_validate_size)
    max_event_bytes: int = attrs.field(default=8 * 1024 * 1024, validator=_validate_size)
    max_connections: int = attrs.field(default=256, validator=_validate_size)
    on_meta: Callable[[ResponseMeta], object] | None = attrs.field(
        default=None, validator=_expect("a function that takes a ResponseMeta", _is_function)
    )
    extra_headers: Mapping[str, str] = attrs.field(factory=dict, converter=normalize_headers, repr=False)
    extra_query: Mapping[str, Any] = attrs.field(factory=dict, converter=validate_query, repr=False)
    extra_body: Mapping[str, Any] = attrs.field(factory=dict, converter=validate_fields, repr=False)
    transport: str = attrs.field(
        default="httpx", validator=_expect(f"one of {', '.join(TRANSPORTS)}", lambda value: value in TRANSPORTS)
    )
    proxy: Secret | None = attrs.field(
        default=None, converter=attrs.converters.optional(Secret), validator=_validate_proxy
    )
    ssl_context: ssl.SSLContext | None = attrs.field(
        default=None, validator=_expect("an ssl.SSLContext", _is_ssl_context)
    )
    limiter: Limiter | None = attrs.field(
        default=None, validator=_expect("a polargrid_batch.AdaptiveLimiter()", _is_limiter)
    )

    @property
    def transport_options(self) -> TransportOptions:
        """How the client connects."""
        return TransportOptions(self.transport, self.max_connections, self.proxy, self.ssl_context, self.limiter)


_NAMES = frozenset(ClientOptions.__annotations__)
_ENDPOINT_OPTIONS = frozenset({"region", "regions", "base_url"})
_CONNECTION_OPTIONS = frozenset(
    {"transport", "proxy", "ssl_context", "max_connections", "limiter"}
)  # those of the original
_COPY_NAMES = _NAMES - _CONNECTION_OPTIONS
_CALL_NAMES = _COPY_NAMES - (CopyOptions.__annotations__.keys() - CallOptions.__annotations__.keys())
#: Options of OpenAI's SDK that are headers.
HEADER_OPTIONS = {"organization": "openai-organization", "project": "openai-project"}
EXTRA_OPTIONS = frozenset({"extra_headers", "extra_query", "extra_body"})  # a call's are added to the client's
SECRET_OPTIONS = frozenset({"api_key", "proxy"})  # the URL of a proxy may hold a password
#: Options that may be shown in a traceback. Any other name may be `api_key`, misspelt.
PUBLIC_OPTIONS = (_NAMES | {"http_client"}) - SECRET_OPTIONS
_DEFAULTS = Settings(api_key=Secret(""), endpoints=())


class _ConfigModel(BaseModel):
    """Options of a client as a model; its fields are those of `polargrid.config.ClientOptions`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)

    @model_validator(mode="after")
    def _validate(self) -> Self:
        _evolve(_DEFAULTS, {name: value for name, value in self if name not in SECRET_OPTIONS | _ENDPOINT_OPTIONS})
        return self


if TYPE_CHECKING:

    class PolarGridConfig(_ConfigModel):
        def __init__(self, **options: Unpack[ClientOptions]) -> None: ...

        def __getattr__(self, name: str) -> Any: ...

else:
    _fields = {name: (SecretStr | None if name in SECRET_OPTIONS else Any, None) for name in _NAMES}
    PolarGridConfig = create_model("PolarGridConfig", __base__=_ConfigModel, __doc__=_ConfigModel.__doc__, **_fields)


Config: TypeAlias = PolarGridConfig | Mapping[str, Any] | None


def resolve_settings(environ: Mapping[str, Any], config: Config, options: Mapping[str, Any]) -> Settings:
    """Combine the options, then the config, then the environment.

    Raises ValidationError for an invalid value, AuthenticationError without a key, TypeError for an unknown option.
    """
    _reject_unknown(options, _NAMES)
    values = {**_config_fields(config), **_drop_none(options)}
    endpoints = resolve_endpoints(environ, values)
    settings = Settings(api_key=_resolve_key(environ, values.pop("api_key", None), endpoints), endpoints=endpoints)
    return _evolve(settings, {name: value for name, value in values.items() if name not in _ENDPOINT_OPTIONS})


def with_options(settings: Settings, options: Mapping[str, Any], fields: Iterable[str] = ()) -> Settings:
    """Return the settings for one call, whose request has these fields. Raises ValidationError, naming the option."""
    _reject_unknown(options, _CALL_NAMES, fields)
    return _evolve(settings, options)


def copy_settings(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """Return the settings of a copy of the client; the key in `options` is a Secret.

    Raises ValidationError, naming the option.
    """
    _reject_unknown(options, _COPY_NAMES)
    values = _drop_none(options)
    endpoint = {name: values.pop(name) for name in _ENDPOINT_OPTIONS & values.keys()}
    if endpoint:
        values["endpoints"] = resolve_endpoints({}, endpoint)
    if "api_key" in values:
        values["api_key"] = _resolve_key({}, values["api_key"], values.get("endpoints", settings.endpoints))
    return _evolve(settings, values)


def _evolve(settings: Settings, options: Mapping[str, Any]) -> Settings:
    values = _rename(_drop_none(options))
    max_retries = values.pop("max_retries", None)
    for name in EXTRA_OPTIONS & values.keys():
        convert: Any = getattr(attrs.fields(Settings), name).converter
        values[name] = {**getattr(settings, name), **convert(values[name])}
    settings = attrs.evolve(settings, **values)
    if max_retries is None:
        return settings
    return attrs.evolve(settings, retry=attrs.evolve(settings.retry, max_retries=max_retries))


def _rename(values: dict[str, Any]) -> dict[str, Any]:
    """Replace the options that OpenAI's SDK has; headers that are given twice are those of `extra_headers`."""
    headers = {}
    for name in HEADER_OPTIONS.keys() & values.keys():
        headers.update(normalize_headers({HEADER_OPTIONS[name]: values.pop(name)}, name))
    if "default_headers" in values:
        headers = {**normalize_headers(values.pop("default_headers"), "default_headers"), **headers}
    if headers:
        values["extra_headers"] = {**headers, **normalize_headers(values.get("extra_headers", {}))}
    if "default_query" in values:
        query = validate_query(values.pop("default_query"), "default_query")
        values["extra_query"] = {**query, **validate_query(values.get("extra_query", {}))}
    return values


def _reject_unknown(options: Mapping[str, Any], names: frozenset[str], fields: Iterable[str] = ()) -> None:
    unknown = sorted(options.keys() - names)
    if unknown:
        hint = "" if "api_key" in names else "; other fields go into extra_body"
        raise TypeError(f"unknown option {_describe_unknown(unknown[0], names, fields)}{hint}")


def _describe_unknown(name: Any, names: frozenset[str], fields: Iterable[str] = ()) -> str:
    from difflib import get_close_matches  # 5 ms

    matches = get_close_matches(str(name), [*names, *fields], 1)
    hint = f" (did you mean {matches[0]!r}?)" if matches else ""
    hint = " (it is a field of the request)" if name in fields else hint
    return f"{name!r}{hint}; expected one of: {', '.join(sorted(names))}"


def selects_region(environ: Mapping[str, Any], config: Config, options: Mapping[str, Any]) -> bool:
    """Whether options, config or environment say which endpoint to use."""
    names = {**_config_fields(config), **_drop_none(options), **environ}.keys()
    return bool(names & {*_ENDPOINT_OPTIONS, "POLARGRID_BASE_URL", "POLARGRID_REGION"})


def _config_fields(config: Config) -> dict[str, Any]:
    if isinstance(config, Secret) or not (config is None or isinstance(config, Iterable)):
        raise _fail("config", "expected a PolarGridConfig or a mapping; pass the key as api_key")
    fields = _drop_none(dict(config or {}))
    unknown = next((name for name in fields if name not in _NAMES), None)
    if unknown is not None:
        raise _fail(unknown, f"unknown option in the config: {_describe_unknown(unknown, _NAMES)}")
    return fields


def wrap_config_secrets(config: Any) -> Any:
    """Wrap the secrets of a config: a traceback that shows local variables shows no key. Never raises."""
    if isinstance(config, Mapping):
        return wrap_secrets(config, PUBLIC_OPTIONS)
    return Secret(config) if isinstance(config, str | bytes) else config  # a key as the first argument


def _drop_none(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None and value is not NOT_GIVEN}


def _resolve_key(environ: Mapping[str, Any], key: Any, endpoints: Sequence[Endpoint]) -> Secret:
    is_local = all(is_loopback(endpoint.base_url) for endpoint in endpoints)
    if key is None and not (is_local and all(endpoint.region_id == "local" for endpoint in endpoints)):
        key = environ.get("POLARGRID_API_KEY")  # a real key is not sent to a local edge
    if key is not None and callable(Secret(key).get_secret_value()):
        return SecretSource(Secret(key).get_secret_value())  # type: ignore[arg-type]  # a function
    if key is not None and not isinstance(Secret(key).get_secret_value(), str):
        raise _fail("api_key", f"expected text, not {type(Secret(key).get_secret_value()).__name__}")
    secret = Secret(key or (LOCAL_KEY if is_local else ""))
    if not secret:
        raise AuthenticationError("no API key; pass api_key or set POLARGRID_API_KEY")
    if not secret.is_valid_header_value:
        raise _fail("api_key", "invalid characters in the key (a line break, perhaps)")
    return secret
