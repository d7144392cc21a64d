"""Switches tracing on and off, for every client of the process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]  # it is untyped

from polargrid import _call_state, _tool_runner
from polargrid._async.api_client import AsyncAPIClient
from polargrid._call_state import CallState
from polargrid._sync.api_client import SyncAPIClient
from polargrid._tool_runner import ToolRunner
from polargrid_otel.telemetry import Telemetry, logger
from polargrid_otel.tool_spans import TracedToolRunner, group_of_job, group_of_tools, open_group
from polargrid_otel.traced_call import TracedCall

_OPTIONS = frozenset({"tracer_provider", "meter_provider", "logger_provider", "capture_content"})
#: The methods that make several calls, and what names the span around these.
_GROUPS: dict[str, Callable[..., tuple[str, dict[str, Any]]]] = {
    "_run_tools": group_of_tools,
    "_send_and_poll": group_of_job,
}
_CLIENTS = (AsyncAPIClient, SyncAPIClient)


class PolarGridInstrumentor(BaseInstrumentor):  # type: ignore[misc]
    """Traces the calls of every client of PolarGrid, also of those that exist already.

    `instrument` takes `tracer_provider`, `meter_provider` and `logger_provider`, by default the global ones, and
    `capture_content`: whether spans have the contents of requests and responses. By default they have them if the
    environment variable OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT says so. `uninstrument` ends it.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return the package that is instrumented."""
        return ("polargrid",)

    def _instrument(self, **options: Any) -> None:
        if unknown := sorted(options.keys() - _OPTIONS):  # a distribution passes the same ones to every instrumentation
            expected = ", ".join(sorted(_OPTIONS))
            logger.warning("instrument: unknown option %r is ignored; expected one of: %s", unknown[0], expected)
        capture_content = options.get("capture_content")
        if not isinstance(capture_content, bool | None):
            raise TypeError(f"capture_content: expected True, False or None, not {capture_content!r}")
        telemetry = Telemetry(**{name: options[name] for name in _OPTIONS & options.keys()})
        # A class of its own: a call that is on its way ends with the providers with which it began.
        _call_state.call_class = type("TracedCall", (TracedCall,), {"telemetry": telemetry})
        runner = type("TracedToolRunner", (TracedToolRunner,), {"telemetry": telemetry})
        setattr(_tool_runner, "ToolRunner", runner)  # noqa: B010 - a class is no variable for type checkers
        self._methods = [(client, name, getattr(client, name)) for client in _CLIENTS for name in _GROUPS]
        for client, name, method in self._methods:
            setattr(client, name, _wrap(telemetry, _GROUPS[name], method))

    def _uninstrument(self, **_options: Any) -> None:
        _call_state.call_class = CallState
        setattr(_tool_runner, "ToolRunner", ToolRunner)  # noqa: B010
        for client, name, method in self._methods:
            setattr(client, name, method)


def _wrap(
    telemetry: Telemetry, describe: Callable[..., tuple[str, dict[str, Any]]], method: Callable[..., Any]
) -> Callable[..., Any]:
    """Wrap a method of a client that makes several calls."""

    def open_span(client: Any, arguments: Any) -> AbstractContextManager[None]:
        redact: Callable[[str], str] = client._settings.api_key.redactor.text  # noqa: SLF001 - of its messages
        return open_group(telemetry, *describe(*arguments), redact)

    @wraps(method)
    def run(self: Any, *arguments: Any, **options: Any) -> Any:
        with open_span(self, arguments):
            return method(self, *arguments, **options)

    @wraps(method)
    async def run_async(self: Any, *arguments: Any, **options: Any) -> Any:
        with open_span(self, arguments):
            return await method(self, *arguments, **options)

    return run_async if iscoroutinefunction(method) else run
