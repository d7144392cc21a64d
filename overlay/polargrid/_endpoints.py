"""The base URLs of a client, and which of them a call goes to."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import attrs

from polargrid import regions
from polargrid.errors import ValidationError
from polargrid_transport.environment import is_loopback

_MAX_QUOTE = 500  # characters of a host, or of a redirect's target, that a message quotes
#: An IPv6 address, or labels: of ASCII, letters, digits, - and _ only; other names are left to the transport.
_HOST = re.compile(
    r"(?:\[[\da-fA-F:.]+(?:%[^\]]+)?\]"
    r"|(?:[^\0-,/:-@\[-^`{-\x7f.\u3002\uff0e\uff61]{1,63}(?:[.\u3002\uff0e\uff61]|(?=:|$)))+)(?::\d*)?"
)


@attrs.frozen
class Endpoint:
    """A base URL, and its region if it is one of PolarGrid's."""

    base_url: str
    region: regions.Region | None = None
    region_id: str | None = attrs.field(
        init=False, default=attrs.Factory(lambda self: self.region and self.region["id"], takes_self=True)
    )

    @property
    def is_hosted(self) -> bool:
        """Whether it is an edge site of PolarGrid, and neither a local edge nor a server of the caller's."""
        return self.region is not None and self.region["url"] == self.base_url and self.region is not regions.LOCAL


class EndpointSelector:
    """The endpoints of a client, the preferred one first, with a circuit breaker for each.

    An endpoint that fails `failure_threshold` times in a row is skipped for `cooldown` seconds. Then one call tries it
    again; while that call runs, and if it fails, the others still skip it.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        failure_threshold: int = 3,
        cooldown: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoints, self._clock = tuple(endpoints), clock
        self._threshold, self._cooldown = failure_threshold, cooldown
        self._failures = {endpoint.base_url: 0 for endpoint in endpoints}
        self._skipped_until = {endpoint.base_url: 0.0 for endpoint in endpoints}
        self.preferred = self._endpoints[0]
        """Calls go to it unless it fails."""
        self.has_failures = False
        """Without one, every call goes to the preferred endpoint."""

    def select(self) -> Endpoint:
        """Return the first available endpoint; if there is none, the one that is available next."""
        if len(self._endpoints) == 1:
            return self._endpoints[0]
        return self.select_other(()) or min(self._endpoints, key=lambda item: self._skipped_until[item.base_url])

    def select_other(self, tried: Collection[Endpoint]) -> Endpoint | None:
        """Return the first available endpoint that is not in `tried`, if there is one."""
        now = self._clock()
        for endpoint in self._endpoints:
            url = endpoint.base_url
            if endpoint in tried or self._skipped_until[url] > now:
                continue
            if self._failures[url] >= self._threshold:
                self._skipped_until[url] = now + self._cooldown  # for all calls but this one, which tries it
            return endpoint
        return None

    def record_failure(self, endpoint: Endpoint) -> None:
        """Count a failure: no connection, a timeout, or 503."""
        url = endpoint.base_url
        self._failures[url] += 1
        self.has_failures = True
        if self._failures[url] >= self._threshold:
            self._skipped_until[url] = self._clock() + self._cooldown

    def record_success(self, endpoint: Endpoint) -> None:
        """Reset the count."""
        self._failures[endpoint.base_url], self._skipped_until[endpoint.base_url] = 0, 0.0
        self.has_failures = any(self._failures.values())


def resolve_endpoints(environ: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    """Return the endpoints of a client; its options override the environment. Raises ValidationError."""
    if options.get("regions") is not None:
        return _resolve_regions(options["regions"], options)
    name, url = options.get("region"), options.get("base_url")
    if not (name or url):
        name, url = environ.get("POLARGRID_REGION"), environ.get("POLARGRID_BASE_URL")
    if not url:
        region = regions.resolve(name or regions.DEFAULT_REGION)
        return (Endpoint(region["url"], region),)
    url = _validate_base_url(url)
    named = regions.resolve(name) if name else None
    if named and (url == named["url"] or (named is regions.LOCAL and is_loopback(url))):
        return (Endpoint(url, named),)
    return (Endpoint(url),)  # not a server of that region, so the client does not name it


def _resolve_regions(names: Any, options: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    if options.get("region") or options.get("base_url"):
        raise ValidationError("regions: cannot be combined with region or base_url", param="regions")
    is_list = isinstance(names, Collection) and not isinstance(names, str)
    if not is_list or not names or not all(isinstance(name, str) for name in names):
        raise ValidationError('regions: expected a list of names, like ["yvr", "ymq"]', param="regions")
    endpoints: dict[str, Endpoint] = {}
    for name in names:
        endpoint = resolve_endpoints({}, {"base_url" if "://" in name else "region": name})[0]
        if endpoints.setdefault(endpoint.base_url, endpoint) is not endpoint:
            raise ValidationError(f"regions: duplicate endpoint {name!r}", param="regions")
    return tuple(endpoints.values())


def redirect_message(url: str, path: str, location: str) -> str:
    """The message of a redirect of `path` at a base URL."""
    with suppress(ValueError):
        location = urljoin(url + path, location)
    target = location[:_MAX_QUOTE]
    base_url = target.partition("?")[0]
    is_other_server = base_url.endswith(path) and base_url != url + path
    hint = f"set base_url to {base_url.removesuffix(path)!r}" if is_other_server else "check base_url"
    return f"redirect to {target!r} is not followed; {hint}"


def _validate_base_url(url: object) -> str:
    url = str(url) if type(url).__name__ == "URL" else url  # of httpx, httpx2 or yarl
    if not isinstance(url, str):
        raise ValidationError(f"base_url: expected a string, not {type(url).__name__}", param="base_url")
    url = url.strip()
    if problem := _find_problem(url):
        raise ValidationError(f"base_url: expected an http or https URL{problem}", param="base_url")
    return url.rstrip("/").removesuffix("/v1")


_UNSUPPORTED_SIGNS = {
    "#": "fragment; remove it, from # on",
    "?": "query; remove it, from ? on, and pass its fields as extra_query",
    "@": "user name; remove it, and pass the key as api_key",
}


def _find_problem(url: str) -> str | None:
    """What is wrong with a base URL; user name, query and fragment are not quoted, as they may hold secrets."""
    character = next((item for item in url if item == " " or not item.isprintable()), None)
    if character and "://" in url:
        return f" without {character!r}; remove it"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = None, None
    for sign, part in _UNSUPPORTED_SIGNS.items():
        if sign in (url.partition("://")[2].partition("/")[0] if sign == "@" else url):
            return f" without a {part}"
    if parts is None or port == 0:
        return " with a port from 1 to 65535, and an IPv6 address in brackets"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ", like http://127.0.0.1:55111"
    if not _HOST.fullmatch(parts.netloc):
        return f" with a valid host, not {parts.netloc[:_MAX_QUOTE]!r}"
    path = _find_operation_path(parts.path.rstrip("/"))
    return f" without the path of an operation; use {url.rstrip('/').removesuffix(path)!r}" if path else None


def _find_operation_path(path: str) -> str | None:
    """The path of an operation, with or without `/v1`, that a path ends with."""
    if path.count("/") < 2:  # also that of the version, `/v1`
        return "/health" if path == "/health" else None
    from polargrid_generated.operations import OPERATIONS

    paths = [item.path for item in OPERATIONS]
    paths += [item.removeprefix("/v1") for item in paths if item.count("/") > 2]
    return next((item for item in paths if path.endswith(item)), None)
