"""The properties of both clients: what a call sends by default, by the names of OpenAI's SDK."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from polargrid._endpoints import EndpointSelector
from polargrid.config import HEADER_OPTIONS, Settings, copy_settings
from polargrid.errors import ValidationError
from polargrid_runtime.raw_response import Headers
from polargrid_runtime.redaction import Secret
from polargrid_transport.deadline import Timeouts

if TYPE_CHECKING:
    import httpx


class ClientProperties:
    """What is set holds for the calls that start after it; copies keep what they have."""

    _settings: Settings
    _endpoints: EndpointSelector
    _transport: Any
    _is_closed: bool

    @property
    def api_key(self) -> str:
        """The API key; of a function, the last one that it returned. Setting it changes the key of later calls.

        Raises ValidationError if it cannot be sent.
        """
        return self._settings.api_key.get_secret_value()

    @api_key.setter
    def api_key(self, value: str | Secret | Callable[[], str | Awaitable[str]]) -> None:
        value = Secret(value)  # a traceback that shows it shows no key
        if not value:
            raise ValidationError("api_key: expected a key, not an empty value", param="api_key")
        self._update({"api_key": value})

    @property
    def base_url(self) -> httpx.URL:
        """The URL that the paths of operations are below, like `http://127.0.0.1:55111/v1/`; that of the preferred
        region. Setting it, with or without `/v1`, sends later calls there, and to no region.
        """
        import httpx

        return httpx.URL(f"{self._endpoints.preferred.base_url}/v1/")

    @base_url.setter
    def base_url(self, value: str | httpx.URL) -> None:
        self._update({"base_url": _require("base_url", value)})

    @property
    def timeout(self) -> float | httpx.Timeout:
        """Timeout of each network operation in seconds, or an httpx.Timeout if they differ. None sets the default."""
        timeouts: Timeouts = self._settings.timeout or self._transport.default_timeouts
        if timeouts.read is not None and len(set(timeouts)) == 1:
            return timeouts.read
        import httpx

        return httpx.Timeout(**timeouts._asdict())

    @timeout.setter
    def timeout(self, value: float | httpx.Timeout | None) -> None:
        self._settings = attrs.evolve(self._settings, timeout=value)

    @property
    def max_retries(self) -> int:
        """Retries after the first attempt."""
        return self._settings.retry.max_retries

    @max_retries.setter
    def max_retries(self, value: int) -> None:
        self._update({"max_retries": _require("max_retries", value)})

    @property
    def organization(self) -> str | None:
        """The header OpenAI-Organization; None sends none."""
        return self._settings.extra_headers.get(HEADER_OPTIONS["organization"])

    @organization.setter
    def organization(self, value: str | None) -> None:
        self._set_header("organization", value)

    @property
    def project(self) -> str | None:
        """The header OpenAI-Project; None sends none."""
        return self._settings.extra_headers.get(HEADER_OPTIONS["project"])

    @project.setter
    def project(self, value: str | None) -> None:
        self._set_header("project", value)

    @property
    def default_headers(self) -> Headers:
        """The headers of each request, without the key, with case-insensitive names. `with_options` changes them."""
        own = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": self.user_agent}
        return Headers({**own, **self._settings.extra_headers})

    @property
    def default_query(self) -> dict[str, Any]:
        """The query parameters of each request, besides those of its operation. `with_options` changes them."""
        return dict(self._settings.extra_query)

    @property
    def auth_headers(self) -> dict[str, str]:
        """The header with the key."""
        return {"Authorization": f"Bearer {self.api_key}"}

    @property
    def user_agent(self) -> str:
        """The header User-Agent."""
        from polargrid_transport.libraries import DEFAULT_HEADERS

        return DEFAULT_HEADERS["User-Agent"]

    def is_closed(self) -> bool:
        """Whether the client, or the one that it is a copy of, was closed."""
        return self._is_closed or self._transport.is_closed

    def _list_state(self) -> dict[str, Any]:
        """The attributes of the client, without its resources: each client has its own."""
        kind = type(self)
        return {
            name: value
            for name, value in vars(self).items()
            if not isinstance(getattr(kind, name, None), cached_property)
        }

    def _set_header(self, option: str, value: str | None) -> None:
        headers = {name: text for name, text in self._settings.extra_headers.items() if name != HEADER_OPTIONS[option]}
        self._settings = attrs.evolve(self._settings, extra_headers=headers)
        self._update({option: value})

    def _clear_defaults(self, headers: Mapping[str, str] | None, query: Mapping[str, Any] | None) -> None:
        """Remove the headers, or the query parameters, if there are others."""
        if headers is not None:
            own = {name: text for name, text in self._settings.extra_headers.items() if name in HEADER_OPTIONS.values()}
            self._settings = attrs.evolve(self._settings, extra_headers=own)
        if query is not None:
            self._settings = attrs.evolve(self._settings, extra_query={})

    def _update(self, options: Mapping[str, Any]) -> None:
        settings = copy_settings(self._settings, options)
        if settings.endpoints is not self._settings.endpoints:
            self._endpoints = EndpointSelector(settings.endpoints)
        self._settings = settings


def _require(option: str, value: Any) -> Any:
    if value is None:
        raise ValidationError(f"{option}: expected a value, not None", param=option)
    return value
