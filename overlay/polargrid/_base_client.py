"""What both clients share: settings, endpoints, the retry budget, and the start of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, Unpack

from polargrid import _encoding, _logging, errors
from polargrid._call_state import CallState
from polargrid._deadline import Deadline
from polargrid._endpoints import Endpoint, EndpointSelector
from polargrid._environment import read_environment
from polargrid.config import DEFAULT_DEADLINE, EXTRA_OPTIONS, CopyOptions, resolve_settings, with_options
from polargrid.retry import RetryBudget
from polargrid_runtime.arguments import CallOptions
from polargrid_runtime.operation import Operation

if TYPE_CHECKING:
    from polargrid.config import Config


class BaseClient:
    """State of a client, except for its connections."""

    _transport: Any
    _is_copy = False  # by with_options; it does not close the connections
    _is_closed = False

    def _configure(self, config: Config, options: Mapping[str, Any]) -> None:
        environ = read_environment()
        _logging.configure(environ)
        self._settings = resolve_settings(environ, config, options)
        self._endpoints = EndpointSelector(self._settings.endpoints)
        self._budget = RetryBudget(self._settings.retry.budget)

    def __repr__(self) -> str:
        endpoints = self.__dict__.get("_endpoints")  # a traceback may show a client whose options were invalid
        name = (endpoints.preferred.region_id or endpoints.preferred.base_url) if endpoints else "?"
        return f"<{type(self).__name__} {name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client cannot be pickled: it holds a key and connections; create one where it is needed")

    def get_region_id(self) -> str | None:
        """The id of the preferred region, like `yvr-01`; None for another base URL."""
        return self._endpoints.preferred.region_id

    def get_region_name(self) -> str | None:
        """The name of the preferred region, like `Vancouver`; None for another base URL."""
        region = self._endpoints.preferred.region
        return region["name"] if region else None

    def with_options(self, **options: Unpack[CopyOptions]) -> Self:
        """Return a copy of the client with other options: region, timeouts, retries, headers.

        It shares connections and the retry budget; close the original. Raises ValidationError, naming the option.
        """
        settings = with_options(self._settings, options)
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, _settings=settings, _is_copy=True)
        if settings.endpoints is not self._settings.endpoints:
            copy._endpoints = EndpointSelector(settings.endpoints)
        return copy

    def _start_call(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: Any,
        *,
        files: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        stream: bool = False,
    ) -> CallState:
        if self._is_closed:
            raise errors.PolarGridError("the client is closed", sent=False)
        settings = self._settings
        if options:
            fields = operation.request_type.model_fields if operation.request_type else ()
            settings = with_options(settings, options, fields)
            if options.get("extra_body") and operation.body_kind in (None, "text", "binary"):
                message = f"extra_body: the request of {operation.name} has no fields"
                raise errors.ValidationError(message, param="extra_body", sent=False)
        extra = {name: getattr(settings, name) for name in EXTRA_OPTIONS}
        try:
            encoded = _encoding.build_request(operation, request, files, parameters, stream=stream, **extra)
        except errors.ValidationError as error:
            error.sent = False
            raise
        timeouts = settings.timeout or self._transport.default_timeouts
        seconds = settings.deadline or (None if stream else DEFAULT_DEADLINE)
        deadline = Deadline(timeouts, settings.idle_timeout, seconds)
        endpoints = self._endpoints
        if operation.server is not None and endpoints.preferred.is_hosted:
            endpoints = EndpointSelector((Endpoint(operation.server),))  # the regions do not have the operation
        return CallState(encoded, settings, deadline, endpoints, self._budget)
