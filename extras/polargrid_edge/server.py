"""Run the edge as a server: in the foreground, or on a thread."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import uvicorn

from polargrid_edge.app import build_app, open_key_ring
from polargrid_edge.http.access_log import STDOUT, default_style
from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.protocol import EdgeProtocol
from polargrid_edge.services import Services
from polargrid_edge.settings import LOCAL_KEY
from polargrid_edge.telemetry import Telemetry

if TYPE_CHECKING:
    from types import FrameType

    from polargrid_edge.http.request_recorder import RequestRecorder
    from polargrid_edge.settings import EdgeSettings

_log = logging.getLogger("polargrid_edge")

# How long a stopping edge waits for the requests that it cancels.
_SHUTDOWN_TIMEOUT: Final = 10
_DRAIN_INTERVAL: Final = 0.05


class _Server(uvicorn.Server):
    """uvicorn's server, which signals when it is ready, and ends in one of two ways.

    SIGTERM drains it, as it does gunicorn: new requests get 503, and those in progress are completed within `grace`
    seconds. Ctrl+C and `cancel` end them at once, and so does a second signal. Jobs are cancelled in any case.
    """

    def __init__(self, config: uvicorn.Config, active: ActiveRequests, services: Services, grace: float) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._active = active
        self._services = services
        self._grace = grace

    def drain(self) -> None:
        """Complete the requests in progress, and stop. From any thread."""
        self._active.draining = True
        self.should_exit = True

    def cancel(self) -> None:
        """Cancel the requests in progress, also those that a drain waits for, and stop. From any thread."""
        self._grace = 0.0
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        is_sigterm = sig == signal.SIGTERM
        if is_sigterm and not self.should_exit:
            self.drain()
        elif self._active.draining and self._grace:
            self.cancel()
        elif is_sigterm:
            self.force_exit = True
        else:
            # uvicorn raises the signal again at its end: SIGINT becomes KeyboardInterrupt, as a program expects it, but
            # SIGTERM would end the process before it closes its files.
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._active.started = True
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._active.draining:
            await self._complete_requests()
        self._active.stop()
        await super().shutdown(sockets)
        await self._services.jobs.cancel_all()

    async def _complete_requests(self) -> None:
        """Wait for the requests in progress, and for their clients to get the responses.

        The edge goes on listening meanwhile, so that a probe sees why it is not ready, and a client gets 503 with
        Retry-After instead of a refused connection.
        """
        started = time.monotonic()
        self._active.end_streams()
        if not self._is_busy():
            return
        _log.warning("Draining: %d requests in progress, %g s at most", len(self._active), self._grace)
        while self._is_busy() and time.monotonic() - started < self._grace:
            await asyncio.sleep(_DRAIN_INTERVAL)
            await self.on_tick(0)  # keeps the Date header right
        remaining = len(self._active)
        _log.warning(
            "Drained in %.1f s: %s", time.monotonic() - started, f"{remaining} cancelled" if remaining else "complete"
        )

    def _is_busy(self) -> bool:
        """Whether a request is in progress, or a response is not sent completely."""
        connections = self.server_state.connections
        return bool(self.server_state.tasks) or any(item.transport.get_write_buffer_size() for item in connections)


class Edge:
    """An edge bound to its address; `run` serves requests. Raises `ValueError` or `OSError` if it cannot bind."""

    def __init__(self, settings: EdgeSettings, services: Services | None = None) -> None:
        self.settings = settings
        self.services = services or Services(settings)
        self.active_requests = ActiveRequests()
        keys = open_key_ring(settings)
        # Bind now and not in `run`, so that the URL is available, and an address in use is an error, before it runs.
        self._listener = _bind(settings.host, settings.port)
        try:
            self._telemetry = Telemetry(settings, self.services.pool, self.active_requests, keys)
            app = build_app(settings, self.services, self.active_requests, keys, self._telemetry)
            config = _build_config(app, settings, self._telemetry.recorder)
        except BaseException:
            self._listener.close()
            raise
        self._server = _Server(config, self.active_requests, self.services, settings.grace)
        scheme = "http" if settings.tls_cert is None else "https"
        self.url = _url(scheme, settings.host, self._listener.getsockname()[1])

    def run(self) -> None:
        """Serve until a signal (on the main thread), `stop` or `drain`."""
        with _handle_sigterm(self._server):
            try:
                self._server.run(sockets=[self._listener])
            finally:
                self._server.ready.set()  # a failed start releases `wait_until_ready` too
                self._listener.close()
                self._telemetry.close()
                self.services.close()

    def wait_until_ready(self) -> None:
        """Wait until `run`, on another thread, accepts requests. Raises `RuntimeError` if the start failed."""
        self._server.ready.wait()
        if not self._server.started:
            raise RuntimeError(f"the edge at {self.url} did not start; see its log")

    def stop(self) -> None:
        """End `run` from any thread; active requests get an error."""
        self._server.cancel()

    def drain(self) -> None:
        """End `run` from any thread, once active requests are complete or the grace time is over."""
        self._server.drain()


def serve(settings: EdgeSettings) -> None:
    """Run an edge in the foreground until a signal. Raises `ValueError` or `OSError` if it cannot start."""
    edge = Edge(replace(settings, access_log=settings.access_log or default_style()))
    key = LOCAL_KEY if LOCAL_KEY in settings.keys else "one of the keys that you set"
    file = sys.stderr if settings.access_log_file == STDOUT else sys.stdout  # the log is read by a program
    print(f"PolarGrid edge at {edge.url} with API key {key}; press Ctrl+C to stop.", file=file, flush=True)
    edge.run()


@contextmanager
def run_in_thread(settings: EdgeSettings, services: Services | None = None) -> Iterator[Edge]:
    """Run an edge on a thread; it accepts requests at its `url` until the end of the context."""
    edge = Edge(settings, services)
    thread = threading.Thread(target=edge.run, name="edge")
    thread.start()
    try:
        edge.wait_until_ready()
        yield edge
    finally:
        edge.stop()
        thread.join()


@contextmanager
def _handle_sigterm(server: _Server) -> Iterator[None]:
    """Handle SIGTERM also before and after uvicorn does: by default it ends a process that still closes its files."""
    if threading.current_thread() is not threading.main_thread():  # only that one may set handlers
        yield
        return
    previous = signal.signal(signal.SIGTERM, server.handle_exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous or signal.SIG_DFL)


def _build_config(app: Any, settings: EdgeSettings, recorder: RequestRecorder) -> uvicorn.Config:
    """Uvicorn's configuration. Raises `ValueError` for a certificate or key that cannot be used."""
    protocol = partial(EdgeProtocol, stall_seconds=settings.stall_seconds, recorder=recorder)
    config = uvicorn.Config(
        app,
        http=cast("type[EdgeProtocol]", protocol),
        ws="none",
        lifespan="off",
        log_config=None,  # the program that runs the edge configures logging
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips="*" if "*" in settings.forwarded_allow_ips else sorted(settings.forwarded_allow_ips),
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT,
    )
    try:
        config.load()
    except OSError as error:  # of the files, and of what is in them
        names = " and ".join(str(path) for path in (settings.tls_cert, settings.tls_key) if path is not None)
        raise ValueError(f"tls_cert: {names} cannot be used: {error.strerror or error}") from None
    return config


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # a port in TIME_WAIT is usable; on Windows the option would share a port in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # who reads the URL may connect at once: the connection waits until the edge runs
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
