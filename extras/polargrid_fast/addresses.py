"""The addresses of a host: looked up within the time to connect, which they share."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

from polargrid_fast.exceptions import ConnectError, ConnectTimeout, FastError
from polargrid_fast.models import Origin, remaining


class Address(NamedTuple):
    """One result of getaddrinfo."""

    family: int
    kind: int
    protocol: int
    canonical_name: str
    endpoint: Any


def lookup(origin: Origin, deadline: float | None) -> Sequence[Address]:
    """The addresses of the origin's host."""
    if is_ip_address(origin.host):
        return _call_getaddrinfo(origin, socket.AI_NUMERICHOST)
    if deadline is None:
        return _call_getaddrinfo(origin)
    return _lookup_in_thread(origin, deadline)


def _lookup_in_thread(origin: Origin, deadline: float) -> Sequence[Address]:
    """The system's lookup takes no timeout, so another thread waits for it; 60 µs for a new connection."""
    result: list[Sequence[Address] | FastError] = []
    done = threading.Event()

    def run() -> None:
        try:
            result.append(_call_getaddrinfo(origin))
        except FastError as error:
            result.append(error)
        finally:
            done.set()

    try:
        threading.Thread(target=run, name="polargrid-fast-lookup", daemon=True).start()
    except RuntimeError:  # no more threads, or the interpreter is about to end
        return _call_getaddrinfo(origin)
    if not done.wait(remaining(None, deadline)) or not result:
        raise ConnectTimeout(f"name lookup of {origin.host!r} timed out")
    if isinstance(result[0], FastError):
        raise result[0]
    return result[0]


def _call_getaddrinfo(origin: Origin, flags: int = 0) -> Sequence[Address]:
    try:
        results = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as error:
        raise lookup_error(origin, error) from error
    return _parse_results(origin, results)


def _parse_results(origin: Origin, results: Sequence[tuple[Any, ...]]) -> Sequence[Address]:
    if not results:
        raise ConnectError(f"name lookup of {origin.host!r} failed: it has no address")
    return [Address(*result) for result in results]


async def lookup_async(origin: Origin, deadline: float | None) -> Sequence[Address]:
    """The same for an event loop, whose own lookup runs in a thread."""
    if is_ip_address(origin.host):
        return _call_getaddrinfo(origin, socket.AI_NUMERICHOST)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(remaining(None, deadline)):
            results = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise ConnectTimeout(f"name lookup of {origin.host!r} timed out") from error
    except (OSError, UnicodeError, RuntimeError) as error:  # the last where the loop's executor is shut down
        raise lookup_error(origin, error) from error
    return _parse_results(origin, results)


def is_ip_address(host: str) -> bool:
    """Whether the host is an address already."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def lookup_error(origin: Origin, error: Exception) -> ConnectError:
    """The exception of a name that has no address."""
    return ConnectError(f"name lookup of {origin.host!r} failed: {error}")


def connect_error(origin: Origin, errors: Sequence[Exception]) -> FastError:
    """The exception of an origin none of whose addresses could be connected to."""
    if isinstance(errors[-1], TimeoutError):
        return ConnectTimeout(f"connecting to {origin} timed out")
    reasons = dict.fromkeys(_reason(error) for error in errors)
    return ConnectError(f"connecting to {origin} failed: {'; '.join(reasons)}")


def _reason(error: Exception) -> str:
    """The system's words for an error number: each event loop has others. TLS errors have numbers of their own."""
    if isinstance(error, OSError) and error.errno and type(error).__module__ == "builtins":
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


def share_time(deadline: float | None, address_count: int) -> float | None:
    """Seconds for the next of several addresses: a fair part of what is left, so that a dead one leaves time."""
    seconds = remaining(None, deadline)
    return None if seconds is None else seconds / address_count
