"""What both clients are made of, but for the engines: settings, edges, retries left, and the start of a call."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, Unpack

from polargrid import log, wire
from polargrid.config import PlacedOptions, changed, moved, settled
from polargrid.errors import ValidationError
from polargrid.progress import Progress
from polargrid.regions import Edges
from polargrid.retry import RetryBudget
from polargrid.secret import surroundings
from polargrid.transport.failures import closed
from polargrid.transport.http11 import Asking
from polargrid.transport.patience import Patience
from polargrid_runtime.operation import CallOptions, File, Operation

if TYPE_CHECKING:
    from polargrid.structured import Shape
    from polargrid.tools import Conversation
    from polargrid.types import PolarGridConfig

    Config = PolarGridConfig | Mapping[str, Any] | None

Parsed = TypeVar("Parsed")


class BaseClient:
    """What both clients know: their settings, their edges, and what is left of their retries."""

    _transport: Any  # a transport.Transport or transport.AsyncTransport
    _is_origin = True  # and no copy by with_options, which closes nothing
    _closed = False
    _is_async = False

    def __init__(self, config: Config, options: Mapping[str, Any]) -> None:
        environ = surroundings(os.environ)
        log.configure(environ)
        self._settings = settled(environ, config, options)
        self._edges = Edges(self._settings.edges)
        self._budget = RetryBudget(self._settings.retry.budget)

    def __repr__(self) -> str:
        edges = self.__dict__.get("_edges")  # a traceback may show a client that could not be made
        return f"<{type(self).__name__} {(self.get_region_id() or edges.preferred.base_url) if edges else '?'}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client is not pickled: it holds a key and connections; make one where it is needed")

    def get_region_id(self) -> str | None:
        """The id of the region that this client prefers, like `yvr-01`; None for a base URL of your own."""
        region = self._edges.preferred.region
        return region["id"] if region else None

    def get_region_name(self) -> str | None:
        """The name of the region that this client prefers, like `Vancouver`."""
        region = self._edges.preferred.region
        return region["name"] if region else None

    def with_options(self, **options: Unpack[PlacedOptions]) -> Self:
        """The same client with another region, other times and retries, or more headers, for the calls made on it.

        It shares connections and the retry budget; close the one that it comes from. Raises ValidationError, naming
        the option.
        """
        settings = moved(self._settings, options)
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _settings=settings, _is_origin=False)
        if settings.edges is not self._settings.edges:
            other._edges = Edges(settings.edges)
        return other

    def _progress(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: Any,
        file: File | None,
        parameters: Mapping[str, Any] | None,
        *,
        stream: bool = False,
    ) -> Progress:
        if self._closed:
            raise closed()
        settings = changed(self._settings, options) if options else self._settings
        try:
            call = wire.encode(operation, request, file, parameters, settings.extra, stream=stream)
        except ValidationError as error:
            error.sent = False
            raise
        patience = Patience(
            settings.timeout or self._transport.timeout, settings.idle_timeout, settings.deadline_of(stream=stream)
        )
        return Progress(call, settings, patience=patience, edges=self._edges, budget=self._budget)

    def _shape(self, kind: type[Parsed]) -> Shape[Parsed]:
        from polargrid.structured import Shape  # with the types, when they are first used

        return Shape(kind)

    def _talk(self, request: Mapping[str, Any], tools: Sequence[Callable[..., Any]], max_rounds: int) -> Conversation:
        from polargrid.tools import Conversation

        return Conversation(request, tools, max_rounds, is_async=self._is_async)

    def _asking(self) -> Asking:
        return Asking(self._settings.api_key)
