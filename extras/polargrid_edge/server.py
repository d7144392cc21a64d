"""Run the edge as a server: in the foreground, or on a thread."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import uvicorn

from polargrid_edge.app import build_app
from polargrid_edge.http.active_requests import ActiveRequests
from polargrid_edge.http.protocol import EdgeProtocol
from polargrid_edge.services import Services
from polargrid_edge.settings import LOCAL_KEY

if TYPE_CHECKING:
    from polargrid_edge.settings import EdgeSettings

# How long a stopping edge waits for the requests that it cancels.
_SHUTDOWN_TIMEOUT: Final = 10


class _Server(uvicorn.Server):
    """uvicorn's server, which signals when it is ready, and cancels the active requests and the jobs when it stops."""

    def __init__(self, config: uvicorn.Config, active: ActiveRequests, services: Services) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._active = active
        self._services = services

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._active.stop()
        await super().shutdown(sockets)
        await self._services.jobs.cancel_all()


class Edge:
    """An edge bound to its address; `run` serves requests. Raises `ValueError` or `OSError` if it cannot bind."""

    def __init__(self, settings: EdgeSettings, services: Services | None = None) -> None:
        self.settings = settings
        self.services = services or Services(settings)
        self.active_requests = ActiveRequests()
        app = build_app(settings, self.services, self.active_requests)
        self._server = _Server(_build_config(app, settings), self.active_requests, self.services)
        # Bind now and not in `run`, so that the URL is available, and an address in use is an error, before it runs.
        self._listener = _bind(settings.host, settings.port)
        self.url = _url(settings.host, self._listener.getsockname()[1])

    def run(self) -> None:
        """Serve until a signal (on the main thread) or `stop`; active requests then get an error."""
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._server.ready.set()  # a failed start releases `wait_until_ready` too
            self._listener.close()
            self.services.close()

    def wait_until_ready(self) -> None:
        """Wait until `run`, on another thread, accepts requests. Raises `RuntimeError` if the start failed."""
        self._server.ready.wait()
        if not self._server.started:
            raise RuntimeError(f"the edge at {self.url} did not start; see its log")

    def stop(self) -> None:
        """End `run` from any thread."""
        self._server.should_exit = True


def serve(settings: EdgeSettings) -> None:
    """Run an edge in the foreground until Ctrl+C. Raises `ValueError` or `OSError` if it cannot bind."""
    edge = Edge(settings)
    key = LOCAL_KEY if LOCAL_KEY in settings.keys else "one of the keys that you set"
    print(f"PolarGrid edge at {edge.url} with API key {key}; press Ctrl+C to stop.", flush=True)
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


def _build_config(app: Any, settings: EdgeSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=cast("type[EdgeProtocol]", partial(EdgeProtocol, stall_seconds=settings.stall_seconds)),
        ws="none",
        lifespan="off",
        log_config=None,  # the program that runs the edge configures logging
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT,
    )


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # a port in TIME_WAIT is usable; on Windows the option would share a port in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
