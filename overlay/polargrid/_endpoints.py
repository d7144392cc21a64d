"""The base URLs of a client, and which of them a call goes to."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import attrs

from polargrid import regions
from polargrid.errors import ValidationError


@attrs.frozen
class Endpoint:
    """A base URL, and its region if it is one of PolarGrid's."""

    base_url: str
    region: regions.Region | None = None
    region_id: str | None = attrs.field(
        init=False, default=attrs.Factory(lambda self: self.region and self.region["id"], takes_self=True)
    )


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
    if url:
        return (Endpoint(_validate_base_url(url), regions.resolve(name) if name else None),)
    region = regions.resolve(name or regions.DEFAULT_REGION)
    return (Endpoint(region["url"], region),)


def _resolve_regions(names: Any, options: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    if options.get("region") or options.get("base_url"):
        raise ValidationError("regions: cannot be combined with region or base_url", param="regions")
    if isinstance(names, str) or not names or not all(isinstance(name, str) for name in names):
        raise ValidationError('regions: expected a list of names, like ["yvr", "ymq"]', param="regions")
    endpoints: dict[str, Endpoint] = {}
    for name in names:
        endpoint = resolve_endpoints({}, {"base_url" if "://" in name else "region": name})[0]
        if endpoints.setdefault(endpoint.base_url, endpoint) is not endpoint:
            raise ValidationError(f"regions: duplicate endpoint {name!r}", param="regions")
    return tuple(endpoints.values())


def _validate_base_url(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # unbalanced brackets, or a port that is not a number
        is_valid = False
    if not is_valid or any(sign in url for sign in "?#@") or not url.isprintable() or " " in url:
        raise ValidationError("base_url: expected an http or https URL, like http://127.0.0.1:55111", param="base_url")
    return url.rstrip("/").removesuffix("/v1")
