"""What the SDK asks of httpx, or of httpx2, by their public interface: modules, requests, transports, exceptions."""

from __future__ import annotations

import inspect
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module, metadata
from typing import Any, NoReturn
from urllib.parse import urlsplit

from polargrid import errors
from polargrid._call_state import CallState
from polargrid._deadline import Phase
from polargrid._decompression import ACCEPT_ENCODING
from polargrid._endpoints import is_loopback
from polargrid._environment import default_ssl_context
from polargrid.config import Settings
from polargrid_codec.decoding import join_headers
from polargrid_codec.encoding import EncodedRequest

#: Seconds that an idle connection is kept: less than a server keeps it (an edge 5 s).
KEEPALIVE_EXPIRY = 4.0
#: The headers of every request, except for the key.
DEFAULT_HEADERS = {
    "User-Agent": f"polargrid-python/{metadata.version('polargrid')}",
    "Accept-Encoding": ACCEPT_ENCODING,
}


def load_library(name: str, extra: str | None = None) -> Any:
    """Import httpx, httpx2 or polargrid_fast. Raises ValidationError if its extra is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        message = f"transport: {error.name} is not installed; run: pip install 'polargrid[{extra or name}]'"
        raise errors.ValidationError(message, param="transport", sent=False) from error


def validate_client(http_client: Any, name: str) -> None:
    """Raise ValidationError for an `http_client` that is not, and does not look like, a client of this name."""
    names = {kind.__name__ for kind in type(http_client).__mro__}
    is_other = name not in names and names & {"Client", "AsyncClient"}
    if is_other or isinstance(http_client, type) or not hasattr(http_client, "build_request"):
        message = f"http_client: expected an httpx.{name}, not {http_client!r}"
        raise errors.ValidationError(message, param="http_client", sent=False)


def library_of(http_client: Any) -> Any:
    """The library of the caller's client: httpx, or httpx2."""
    packages = {kind.__module__.partition(".")[0] for kind in type(http_client).__mro__}
    return sys.modules["httpx2" if "httpx2" in packages else "httpx"]


def transport_options(library: Any, settings: Settings, url: str, proxy: str | None) -> dict[str, Any]:
    """The arguments of an httpx.HTTPTransport that holds one connection."""
    needs_tls = url.startswith("https:") or (proxy or "").startswith("https:")
    context = settings.ssl_context or default_ssl_context(library, verify=needs_tls)
    limits = library.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEPALIVE_EXPIRY)
    options = {"verify": context, "trust_env": False, "limits": limits}
    if proxy:
        options["proxy"] = library.Proxy(proxy, ssl_context=context if proxy.startswith("https:") else None)
    return options


@contextmanager
def open_body(request: EncodedRequest) -> Iterator[dict[str, Any]]:
    """A body with files that can be sent again; they are open until the block ends.

    A form is the argument `files` of httpx.Request, another body `content` (bytes, or a file) with its `length`.
    """
    with ExitStack() as stack:
        files = [(field, upload, stack.enter_context(upload.open())) for field, upload in request.uploads]
        if request.form is not None:
            yield form_parts(request, [(field, (item.name, file, item.media_type)) for field, item, file in files])
        elif isinstance(files[0][1].source, bytes):
            yield {"content": files[0][1].source}
        else:
            file = files[0][2]
            length = file.seek(0, os.SEEK_END)
            file.seek(0)
            yield {"content": file, "length": length}


def form_parts(request: EncodedRequest, files: list[tuple[str, Any]]) -> dict[str, Any]:
    """A form as arguments of httpx.Request: an empty one has no body."""
    fields = [(part.name, (None, part.text, part.media_type)) for part in request.form or ()]
    return {"files": fields + files} if fields or files else {}


def encode_form(form: Mapping[str, Any]) -> tuple[Callable[[], Iterator[bytes]], int | None, str]:
    """A form as a body for polargrid_fast: its pieces, its length if it is known, its Content-Type."""
    request = load_library("httpx").Request("POST", "http://form", **form)
    length = request.headers.get("content-length")
    return lambda: iter(request.stream), int(length) if length else None, request.headers["content-type"]


_REASONS = {"Receive buffer too long": "the headers, or the framing of the body, exceed 100 KiB"}
_CHECK_PROXY = "; check the option proxy, or HTTP_PROXY and HTTPS_PROXY"
_TIMEOUT_PHASES: dict[str, Phase] = {"ConnectTimeout": "connect", "WriteTimeout": "write", "PoolTimeout": "pool"}
_CONNECTION_ERRORS = (
    *("HTTPError", "CookieConflict", "ProtocolError", "NetworkError", "FastError"),
    *("BrokenResourceError", "ClosedResourceError", "EndOfStream", "OSError", "EOFError", "ValueError"),
)
#: By the names of exceptions, which httpx, httpx2, their parts and polargrid_fast share: the SDK's class, the beginning
#: of its message, and whether the request may have been sent.
_MAPPINGS: Mapping[str, tuple[type[errors.PolarGridError], str, bool]] = {
    **dict.fromkeys(
        ("InvalidURL", "UnsupportedProtocol", "UnicodeEncodeError", "ImportError"),  # the last: a proxy needs a package
        (errors.ValidationError, "cannot send the request", False),
    ),
    "LocalProtocolError": (errors.ValidationError, "cannot send the request", True),  # a file that became shorter
    "StreamError": (errors.PolarGridError, "a hook of http_client used the response", True),
    "ProxyError": (errors.NetworkError, "proxy error", False),
    "ConnectError": (errors.NetworkError, "cannot connect", False),
    **dict.fromkeys(("DecodingError", "UnicodeError"), (errors.ServerError, "cannot decode the response", True)),
    **dict.fromkeys(_CONNECTION_ERRORS, (errors.NetworkError, "connection error", True)),
    "MemoryError": (errors.PolarGridError, "not enough memory", True),
}
#: What raises any other exception of a connection: of an event loop that was closed, of a thread that cannot start.
_LIBRARIES = frozenset(
    ("httpx", "httpx2", "httpcore", "httpcore2", "h11", "anyio", "asyncio", "uvloop", "trio", "threading", "concurrent")
)


def raise_mapped(
    error: BaseException,
    call: CallState,
    phase: Phase,
    *,
    is_closed: bool,
    is_own: bool = True,
    proxy: str | None = None,
) -> NoReturn:
    """Raise the SDK's exception for one of a lower layer. What the caller's file, hook or transport raises is raised as
    it is; `is_own` says that the connection has neither.

    The frames of lower layers hold the headers, and so the key: their tracebacks are removed. `proxy` is without
    password, as a traceback may show it.
    """
    is_own = (is_own and not call.request.uploads) or _is_raised_by_library(error)
    cause: BaseException | None = error
    while cause is not None and (cause is error or not _is_handled_by_caller(cause)):
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__
    mapped = _map(error, call, phase, is_closed=is_closed, proxy=proxy)
    if mapped is error and is_own and isinstance(error, Exception) and not isinstance(error, errors.PolarGridError):
        reason = f"{str(error) or type(error).__name__} ({call.endpoint.base_url})"
        mapped = errors.NetworkError(f"connection error: {reason}")
    if mapped is error:
        raise error
    raise mapped from error


def _is_handled_by_caller(error: BaseException) -> bool:
    """Whether a frame that still runs handles it: the caller's, as those of the libraries have ended."""
    frame, handler = inspect.currentframe(), error.__traceback__.tb_frame if error.__traceback__ else None
    while frame is not None and frame is not handler:
        frame = frame.f_back
    return frame is not None


def _is_raised_by_library(error: BaseException) -> bool:
    """Whether the HTTP library or the event loop raised it, and no code of the caller."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    module = traceback.tb_frame.f_globals.get("__name__", "") if traceback is not None else ""
    return module.partition(".")[0] in _LIBRARIES


def _map(
    error: BaseException, call: CallState, phase: Phase, *, is_closed: bool, proxy: str | None = None
) -> BaseException:
    names = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, errors.PolarGridError) or not isinstance(error, Exception):
        return error
    if is_closed and ("RuntimeError" in names or any(name in _MAPPINGS for name in names)):
        return errors.PolarGridError("the client is closed")  # by another thread or task, during the call
    if "HTTPStatusError" in names:
        return _map_status(error, call)
    url = call.endpoint.base_url
    route = f"{url}, proxy {proxy}" if proxy else url
    if isinstance(error, TimeoutError) or "TimeoutException" in names:
        phases: list[Phase] = [*(_TIMEOUT_PHASES[name] for name in names if name in _TIMEOUT_PHASES), phase]
        phase = phases[0]
        message = f"{call.deadline.timeout_message(phase)} ({route})"
        return errors.TimeoutError(message, sent=phase not in ("connect", "pool"))
    mapping = next((_MAPPINGS[name] for name in names if name in _MAPPINGS), None)
    if mapping is None:
        return error
    kind, text, sent = mapping
    reason, hint = _REASONS.get(str(error), ""), _CHECK_PROXY if "ProxyError" in names else ""
    if "ConnectError" in names:
        reason, hint = _explain(error, url, proxy)
        text += " to the proxy" if proxy and reason else ""
        reason = reason or str(error) or "the connection was closed in the TLS handshake"
    return kind(f"{text}: {reason or str(error) or type(error).__name__} ({route}){hint}", sent=sent)


def _explain(error: BaseException, url: str, proxy: str | None) -> tuple[str, str]:
    """Why a connection cannot be made, if the operating system says so, and what to do."""
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.errno):
        if isinstance(cause, BaseExceptionGroup):  # one for each address
            cause = cause.exceptions[0]
        else:  # httpcore raises `from None`; any other context may be an exception that the caller handles
            cause = cause.__cause__ or (cause.__context__ if cause.__suppress_context__ else None)
    hint = _CHECK_PROXY if proxy else "; check base_url, or your network"
    if isinstance(cause, socket.gaierror):
        return f"unknown host {urlsplit(proxy or url).hostname!r}: {cause.strerror}", hint
    if isinstance(cause, ConnectionRefusedError):
        is_local = not proxy and is_loopback(url)
        return "connection refused", "; to start a local server, run `polargrid serve`" if is_local else hint
    if isinstance(cause, OSError) and cause.errno and type(cause).__module__ == "builtins":  # TLS has other numbers
        return os.strerror(cause.errno), ""
    return "", ""


def without_user(proxy: str | None) -> str | None:
    """The URL of a proxy, without user name and password."""
    scheme, _, rest = (proxy or "").partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if proxy else None


def _map_status(error: Any, call: CallState) -> errors.PolarGridError:
    """A hook of the caller's client called `raise_for_status`: the error is the same as without it."""
    headers, body = join_headers(error.response.headers), b""
    with suppress(RuntimeError):  # the hook did not read the body
        body = error.response.content
    call.on_headers(error.response.status_code, headers)
    return call.to_error(headers, body)
