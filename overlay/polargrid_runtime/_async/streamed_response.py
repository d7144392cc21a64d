"""A response whose body is read when it is needed: `with_streaming_response`."""

from __future__ import annotations

import codecs
import json
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,  # unasync: remove
    Callable,
)
from functools import partial, wraps
from inspect import isawaitable  # unasync: remove
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeAlias, TypeVar, cast, overload

from polargrid_runtime._async.audio_stream import AsyncAudioStream
from polargrid_runtime.raw_response import Content, RawResponse, ResponseInfo, convert_content, parse_charset
from polargrid_runtime.response import StreamedCall

if TYPE_CHECKING:
    import httpx

Response = TypeVar("Response")
Target = TypeVar("Target")
P = ParamSpec("P")
AsyncMethod: TypeAlias = Callable[P, Awaitable[Response]]  # unasync: remove
# unasync: add AsyncMethod: TypeAlias = Callable[P, Response]


class AsyncStreamedResponse(AsyncAudioStream, ResponseInfo, Generic[Response]):
    """A response with its status and headers; iterating yields the body as it arrives.

    `parse` reads the body and returns what the method returns otherwise; of a stream, it returns the stream.
    """

    _call: StreamedCall  # pyright: ignore[reportIncompatibleVariableOverride] - as in AsyncStream

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        call: StreamedCall,
        *,
        parse: Callable[[bytes], Any] | None = None,
        wrap_stream: Callable[[AsyncGenerator[Any, None]], Any] | None = None,
    ) -> None:
        super().__init__(chunks, call)
        self._parse, self._wrap_stream = parse, wrap_stream
        self._content: bytes | None = None
        self._stream: Any = None
        self._is_read = False

    async def __anext__(self) -> bytes:
        self._is_read = True
        return await super().__anext__()

    async def read(self) -> bytes:
        """Return the body, also when it was read before by `read`, `text`, `json` or `parse`."""
        if self._content is None:
            self._content = await super().read()
        return self._content

    async def _iter_bytes(self, chunk_size: int | None) -> AsyncGenerator[bytes, None]:
        if self._content is None:
            async for chunk in super()._iter_bytes(chunk_size):
                yield chunk
        else:
            for chunk in self._received.iter_bytes(chunk_size):
                yield chunk

    @property
    def _received(self) -> Content:
        return Content(self._content or b"", self.meta, self._call.sent)

    async def text(self) -> str:
        """Return the body as text."""
        await self.read()
        return self._received.text

    async def json(self) -> Any:
        """Return the body as a value of JSON."""
        return json.loads(await self.read())

    @overload
    async def parse(self) -> Response: ...

    @overload
    async def parse(self, *, to: type[Target]) -> Target: ...

    async def parse(self, *, to: Any = None) -> Any:
        """Return the parsed response; with `to`, the body as an object of this type.

        Raises ServerError if the body does not match.
        """
        if to is not None:
            await self.read()
            return convert_content(self._received, to)
        if self._parse is not None:
            return self._parse(await self.read())
        if self._stream is None and self._is_read:
            raise self._call.create_error("the body of the stream was read already; call parse() first")
        return self._stream or self._start_stream()

    def _start_stream(self) -> Any:
        self._stream = self._wrap_stream(self._chunks) if self._wrap_stream else None
        self._chunks = _no_chunks()
        return self._stream

    async def aclose(self) -> None:
        """Close the connection, also of the stream that `parse` returned."""
        if self._stream is not None:
            await self._stream.aclose()
        await super().aclose()

    @property
    def http_response(self) -> httpx.Response:
        """The response as an object of httpx; its body is what `read` returned."""
        return self._received.http_response

    @property
    def is_closed(self) -> bool:
        """Whether the body was read to its end, or the response was closed."""
        return self.response.is_closed

    async def iter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """Iterate over the text as it arrives, or decoded from chunks of `chunk_size` bytes."""
        charset = parse_charset(self.headers.get("content-type", "")) or "utf-8"
        decoder = codecs.getincrementaldecoder(charset)("replace")
        async for chunk in self.iter_bytes(chunk_size):
            if text := decoder.decode(chunk):
                yield text
        if text := decoder.decode(b"", final=True):
            yield text

    async def iter_lines(self) -> AsyncIterator[str]:
        """Iterate over the lines of the text as they arrive, without their ends."""
        rest = ""
        async for text in self.iter_text():
            *lines, rest = (rest + text).split("\n")
            for line in lines:
                yield line.removesuffix("\r")
        if rest:
            yield rest


async def _no_chunks() -> AsyncGenerator[bytes, None]:
    """The body belongs to the stream that `parse` returned."""
    return
    yield b""


class AsyncResponseManager(Generic[Response]):
    """A call of `with_streaming_response`: it is made by `async with`, whose end closes the response."""

    def __init__(self, send: Callable[[], Any]) -> None:
        self._send = send

    async def __aenter__(self) -> AsyncStreamedResponse[Response]:
        response = self._send()
        response = await response if isawaitable(response) else response  # unasync: remove
        self._response = cast("AsyncStreamedResponse[Response]", response)
        await self._response.open()
        return self._response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._response.aclose()


def async_streamed(method: AsyncMethod[P, Response]) -> Callable[P, AsyncResponseManager[Response]]:
    """Return a method of a client that returns streamed responses, as its call in a context manager."""

    @wraps(method)
    def call(*args: P.args, **options: P.kwargs) -> AsyncResponseManager[Response]:
        return AsyncResponseManager(partial(method, *args, **options))

    return call


def async_raw(method: AsyncMethod[P, Response]) -> AsyncMethod[P, RawResponse[Response]]:
    """Return a method of a client that returns raw responses, with its type."""
    return cast("Any", method)  # type: ignore[no-any-return]
