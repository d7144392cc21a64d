"""What callers pass in: requests and timeouts; and where a request's connection leads."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from polargrid_fast.exceptions import LocalProtocolError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PRINTABLE = "".join(chr(code) for code in range(33, 127))  # of ASCII; quoting leaves these bytes as they are
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%-]+")


@dataclass(slots=True)
class Request:
    """An HTTP request. `url` is an absolute http or https URL.

    A callable `body` returns an iterator over chunks. It is sent with `Content-Length: content_length`, or with
    chunked transfer encoding where `content_length` is None. `Host` and framing headers are added.
    """

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | Callable[[], Iterator[bytes]] | None = None
    content_length: int | None = None


class Timeouts(NamedTuple):
    """Seconds that each single wait may take; None is no limit."""

    connect: float | None = None
    read: float | None = None
    write: float | None = None
    pool: float | None = None


class Origin(NamedTuple):
    """Where a connection leads. Connections are shared between requests of one origin."""

    scheme: str
    host: str
    port: int

    @property
    def is_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme == "https"

    def __str__(self) -> str:
        """The origin as it is written in a URL."""
        return f"{self.scheme}://[{self.host}]:{self.port}" if ":" in self.host else "{}://{}:{}".format(*self)


class Target(NamedTuple):
    """The parts of a URL that a request needs."""

    origin: Origin
    authority: str
    """The value of the Host header."""
    path: str
    """Path and query, as they stand in the request line."""


@functools.lru_cache(maxsize=256)
def parse_url(url: str) -> Target:
    """Split a URL. Raises LocalProtocolError where no request can be sent to it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise LocalProtocolError(f"invalid URL {url!r}: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise LocalProtocolError(f"unsupported URL scheme {parts.scheme!r}; expected http or https")
    if "@" in parts.netloc:
        raise LocalProtocolError("a URL with user name or password is not supported; send an Authorization header")
    if not parts.hostname:
        raise LocalProtocolError(f"invalid URL {url!r}: the host is missing")
    host = encode_host(parts.hostname)
    origin = Origin(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port)
    authority = f"[{host}]" if ":" in host else host
    if origin.port != _DEFAULT_PORTS[origin.scheme]:
        authority = f"{authority}:{origin.port}"
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        return Target(origin, authority, quote(path, safe=_PRINTABLE))
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"invalid URL {url!r}: it is not valid Unicode") from error


def encode_host(host: str) -> str:
    """A host name as name servers know it; international names by IDNA 2008."""
    if not host.isascii():
        import idna

        try:
            return idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise LocalProtocolError(f"invalid host name {host!r}: {error}") from error
    if not _HOST.fullmatch(host):
        raise LocalProtocolError(f"invalid host name {host!r}")
    return host


def remaining(timeout: float | None, deadline: float | None) -> float | None:
    """Seconds that a wait may still take under a timeout and a deadline, 0.0 if none; None is no limit."""
    seconds = timeout
    if deadline is not None:
        seconds = deadline - time.monotonic()
        if timeout is not None and timeout < seconds:
            seconds = timeout
    return seconds if seconds is None or seconds > 0 else 0.0
