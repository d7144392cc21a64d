"""Responses of any type with what HTTP says of them: status, headers, URL and body."""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import NoneType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from polargrid_runtime.errors import ServerError
from polargrid_runtime.lenient import describe_mismatch
from polargrid_runtime.response import Call, ResponseMeta, SentRequest

if TYPE_CHECKING:
    import httpx

Response_co = TypeVar("Response_co", covariant=True)
Target = TypeVar("Target")
#: Headers of a body as it was sent; httpx would decompress it a second time.
_CODING_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Headers(Mapping[str, str]):
    """Response headers with case-insensitive names."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}

    def __getitem__(self, name: str) -> str:
        return self._headers[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return f"Headers({self._headers!r})"


class ResponseInfo:
    """What HTTP says of a response, under the names that OpenAI's SDK uses."""

    _call: Call

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call."""
        return self._call.meta

    @property
    def headers(self) -> Headers:
        """The response headers."""
        return Headers(self.meta.headers)

    @property
    def status_code(self) -> int | None:
        """The HTTP status of the response."""
        return self.meta.status_code

    @property
    def request_id(self) -> str | None:
        """The id of the request; quote it when you report a problem."""
        return self.meta.request_id

    @property
    def method(self) -> str:
        """The HTTP method of the request."""
        return self._call.sent.method

    @property
    def url(self) -> httpx.URL:
        """The URL of the request."""
        return self.http_request.url

    @property
    def http_version(self) -> str:
        """The version of HTTP, like `HTTP/1.1`."""
        return self._call.sent.http_version

    @property
    def http_request(self) -> httpx.Request:
        """The request without its headers, which hold the key, and without its body."""
        import httpx

        return httpx.Request(self.method, self._call.sent.url)

    @property
    def elapsed(self) -> timedelta:
        """The time from the start of the call to the complete response; of a stream, to its headers."""
        return timedelta(seconds=self.meta.elapsed)

    @property
    def retries_taken(self) -> int:
        """The number of attempts after the first one."""
        return max(self.meta.attempts - 1, 0)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code} {self.request_id or ''}>"


@dataclass(frozen=True, slots=True)
class ReceivedCall:
    """The call of a response that was received."""

    meta: ResponseMeta
    sent: SentRequest = field(default_factory=SentRequest)


class Content(ResponseInfo):
    """A response whose body was received."""

    is_closed = True

    def __init__(self, content: bytes, meta: ResponseMeta, sent: SentRequest | None = None) -> None:
        self.content, self._call = content, ReceivedCall(meta, sent or SentRequest())

    @property
    def http_response(self) -> httpx.Response:
        """The response as an object of httpx."""
        return build_httpx_response(self.status_code or 200, self.headers, self.content, self._call.sent)

    @property
    def charset_encoding(self) -> str | None:
        """The charset that the response names."""
        return parse_charset(self.headers.get("content-type", ""))

    @property
    def encoding(self) -> str:
        """The charset of the text."""
        return self.charset_encoding or "utf-8"

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(self.encoding, "replace")

    def json(self, **options: Any) -> Any:
        """Return the body as a value of JSON; `options` are those of `json.loads`."""
        return json.loads(self.content, **options)

    def read(self) -> bytes:
        """Return the body."""
        return self.content

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Iterate over the body in chunks of `chunk_size` bytes. Default: 64 KiB."""
        return _slices(self.content, chunk_size)

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Iterate over the text in chunks of `chunk_size` characters. Default: 64 Ki."""
        return _slices(self.text, chunk_size)

    def iter_lines(self) -> Iterator[str]:
        """Iterate over the lines of the text, without their ends."""
        return iter(self.text.splitlines())

    def close(self) -> None:
        """Do nothing: the response was received."""

    async def aread(self) -> bytes:
        """Return the body."""
        return self.content

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Iterate over the body in chunks of `chunk_size` bytes. Default: 64 KiB."""
        for chunk in self.iter_bytes(chunk_size):
            yield chunk

    async def aiter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """Iterate over the text in chunks of `chunk_size` characters. Default: 64 Ki."""
        for chunk in self.iter_text(chunk_size):
            yield chunk

    async def aiter_lines(self) -> AsyncIterator[str]:
        """Iterate over the lines of the text, without their ends."""
        for line in self.iter_lines():
            yield line

    async def aclose(self) -> None:
        """Do nothing: the response was received."""

    iter_raw, aiter_raw = iter_bytes, aiter_bytes  # the body is decompressed


def _slices(data: Any, size: int | None) -> Iterator[Any]:
    size = 64 * 1024 if size is None else size
    if size < 1:
        raise ValueError("chunk_size must be at least 1")
    return (data[start : start + size] for start in range(0, len(data), size))


class RawResponse(Content, Generic[Response_co]):
    """A response of any type, with its body and the metadata of its call.

    If the response is streamed, `parse` returns the stream, and the body is empty.
    """

    def __init__(
        self, response: Response_co, meta: ResponseMeta, sent: SentRequest | None = None, content: bytes = b""
    ) -> None:
        super().__init__(content, meta, sent)
        self._response = response

    @overload
    def parse(self) -> Response_co: ...

    @overload
    def parse(self, *, to: type[Target]) -> Target: ...

    def parse(self, *, to: Any = None) -> Any:
        """Return the parsed response; with `to`, the body as an object of this type.

        `to` is a Pydantic model, a dataclass, or a type like dict, list, str, bytes or httpx.Response. Raises
        ServerError if the body does not match it.
        """
        return self._response if to is None else convert_content(self, to)


def convert_content(response: Content, kind: Any, redact: Callable[[str], str] | None = None) -> Any:
    """Return the body of a response as an object of a type. Raises ServerError if it does not match.

    The message quotes the response if `redact` removes the key from it.
    """
    if kind in (str, bytes, None, NoneType):
        return response.text if kind is str else response.content if kind is bytes else None
    if kind is object and not response.headers.get("content-type", "").partition(";")[0].endswith("json"):
        return response.text
    if isinstance(kind, type) and (issubclass(kind, Content) or kind.__module__.partition(".")[0] in _HTTP_LIBRARIES):
        return response if issubclass(kind, Content) else response.http_response
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_json(response.content)
    except ValidationError as error:
        reason = describe_mismatch(error, redact) if redact else error.errors(include_input=False)[0]["msg"]
        message = f"response does not match {getattr(kind, '__name__', kind)} ({reason})"
        failure = ServerError(message, status_code=response.status_code, request_id=response.request_id)
        failure.meta = response.meta
        failure.target = response._call.sent.target  # noqa: SLF001 - a function of this class
        raise failure from None  # the exception quotes the response


_HTTP_LIBRARIES = ("httpx", "httpx2")


def parse_charset(content_type: str) -> str | None:
    """Return the charset of a media type; None if it has none that Python knows."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            with suppress(LookupError, ValueError):
                codec = codecs.lookup(value.strip().strip("\"'"))
                return codec.name if codec._is_text_encoding else None  # noqa: SLF001 - as bytes.decode asks for it
    return None


def build_httpx_response(
    status: int, headers: Mapping[str, str], content: bytes, sent: SentRequest | None = None
) -> httpx.Response:
    """Return a response as an object of httpx, with a request that has neither headers nor a body."""
    import httpx

    plain_headers = {name: value for name, value in headers.items() if name.lower() not in _CODING_HEADERS}
    request = httpx.Request(sent.method, sent.url) if sent and sent.url else None
    return httpx.Response(status, headers=plain_headers, content=content, request=request)
