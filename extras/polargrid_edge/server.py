"""The edge as a running server: in this process until it is stopped, or on a thread for tests."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import uvicorn

from polargrid_edge.app import build
from polargrid_edge.endpoint import OpenCalls
from polargrid_edge.protocol import Protocol
from polargrid_edge.service import Service
from polargrid_edge.settings import LOCAL_KEY

if TYPE_CHECKING:
    from polargrid_edge.settings import EdgeSettings

# How long a stopping edge waits for its requests, which it has told to end.
_GRACE_SECONDS: Final = 10


class _Server(uvicorn.Server):
    """uvicorn's, which tells when it is ready and ends the open requests when it stops."""

    def __init__(self, config: uvicorn.Config, calls: OpenCalls) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._calls = calls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._calls.stop()
        await super().shutdown(sockets)


class Edge:
    """An edge that is bound to its address; `run` serves. Raises `ValueError` or `OSError` where it cannot be."""

    def __init__(self, settings: EdgeSettings) -> None:
        self.settings = settings
        self._service = Service(settings)
        calls = OpenCalls()
        self._server = _Server(_configuration(build(settings, self._service, calls), settings), calls)
        # Bound here and not in `run`, so that the URL is known, and a taken port told, before anything runs.
        self._socket = _bound(settings.host, settings.port)
        self.url = _url(settings.host, self._socket.getsockname()[1])

    def run(self) -> None:
        """Serves until a signal (on the main thread) or `stop` ends it; requests still open are told so."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.ready.set()  # a start that failed is not waited for
            self._socket.close()
            self._service.close()

    def wait_until_ready(self) -> None:
        """Returns once `run`, on another thread, takes requests. Raises `RuntimeError` where it could not start."""
        self._server.ready.wait()
        if not self._server.started:
            raise RuntimeError(f"The edge at {self.url} did not start; the log says why.")

    def stop(self) -> None:
        """Ends `run` from any thread."""
        self._server.should_exit = True


def serve(settings: EdgeSettings) -> None:
    """Runs an edge in the foreground until Ctrl+C. Raises `ValueError` or `OSError` where it cannot be."""
    edge = Edge(settings)
    key = LOCAL_KEY if LOCAL_KEY in settings.keys else "one of those you set"
    print(f"PolarGrid edge at {edge.url} with API key {key}; stop it with Ctrl+C.", flush=True)
    edge.run()


@contextmanager
def running(settings: EdgeSettings) -> Iterator[Edge]:
    """An edge on a thread, taking requests at its `url`, and stopped and joined at the end."""
    edge = Edge(settings)
    thread = threading.Thread(target=edge.run, name="edge")
    thread.start()
    try:
        edge.wait_until_ready()
        yield edge
    finally:
        edge.stop()
        thread.join()


def _configuration(app: Any, settings: EdgeSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=cast("type[Protocol]", partial(Protocol, stall_seconds=settings.stall_seconds)),
        ws="none",
        lifespan="off",
        log_config=None,  # logging belongs to who runs the edge
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # a port that was just in use is free; on Windows it would mean to share it
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as failure:
        bound.close()
        raise OSError(failure.errno, f"Cannot listen on {host} port {port}: {failure.strerror}") from None
    return bound


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
