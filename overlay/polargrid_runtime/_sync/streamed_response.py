# Derived from ../_async/streamed_response.py by `make generate`
"""A response whose body is read when it is needed: `with_streaming_response`."""

from __future__ import annotations

import codecs
import json
from collections.abc import (
    Callable,
    Generator,
    Iterator,
)
from functools import partial, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeAlias, TypeVar, cast, overload

from polargrid_runtime._sync.audio_stream import AudioStream
from polargrid_runtime.raw_response import Content, RawResponse, ResponseInfo, convert_content, parse_charset
from polargrid_runtime.response import StreamedCall

if TYPE_CHECKING:
    import httpx

Response = TypeVar("Response")
Target = TypeVar("Target")
P = ParamSpec("P")
SyncMethod: TypeAlias = Callable[P, Response]


class StreamedResponse(AudioStream, ResponseInfo, Generic[Response]):
    """A response with its status and headers; iterating yields the body as it arrives.

    `parse` reads the body and returns what the method returns otherwise; of a stream, it returns the stream.
    """

    _call: StreamedCall  # pyright: ignore[reportIncompatibleVariableOverride] - as in Stream

    def __init__(
        self,
        chunks: Generator[bytes, None, None],
        call: StreamedCall,
        *,
        parse: Callable[[bytes], Any] | None = None,
        wrap_stream: Callable[[Generator[Any, None, None]], Any] | None = None,
    ) -> None:
        super().__init__(chunks, call)
        self._parse, self._wrap_stream = parse, wrap_stream
        self._content: bytes | None = None
        self._stream: Any = None
        self._is_read = False

    def __next__(self) -> bytes:
        self._is_read = True
        return super().__next__()

    def read(self) -> bytes:
        """Return the body, also when it was read before by `read`, `text`, `json` or `parse`."""
        if self._content is None:
            self._content = super().read()
        return self._content

    def _iter_bytes(self, chunk_size: int | None) -> Generator[bytes, None, None]:
        if self._content is None:
            for chunk in super()._iter_bytes(chunk_size):
                yield chunk
        else:
            for chunk in self._received.iter_bytes(chunk_size):
                yield chunk

    @property
    def _received(self) -> Content:
        return Content(self._content or b"", self.meta, self._call.sent)

    def text(self) -> str:
        """Return the body as text."""
        self.read()
        return self._received.text

    def json(self) -> Any:
        """Return the body as a value of JSON."""
        return json.loads(self.read())

    @overload
    def parse(self) -> Response: ...

    @overload
    def parse(self, *, to: type[Target]) -> Target: ...

    def parse(self, *, to: Any = None) -> Any:
        """Return the parsed response; with `to`, the body as an object of this type.

        Raises ServerError if the body does not match.
        """
        if to is not None:
            self.read()
            return convert_content(self._received, to)
        if self._parse is not None:
            return self._parse(self.read())
        if self._stream is None and self._is_read:
            raise self._call.create_error("the body of the stream was read already; call parse() first")
        return self._stream or self._start_stream()

    def _start_stream(self) -> Any:
        self._stream = self._wrap_stream(self._chunks) if self._wrap_stream else None
        self._chunks = _no_chunks()
        return self._stream

    def close(self) -> None:
        """Close the connection, also of the stream that `parse` returned."""
        if self._stream is not None:
            self._stream.close()
        super().close()

    @property
    def http_response(self) -> httpx.Response:
        """The response as an object of httpx; its body is what `read` returned."""
        return self._received.http_response

    @property
    def is_closed(self) -> bool:
        """Whether the body was read to its end, or the response was closed."""
        return self.response.is_closed

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Iterate over the text as it arrives, or decoded from chunks of `chunk_size` bytes."""
        charset = parse_charset(self.headers.get("content-type", "")) or "utf-8"
        decoder = codecs.getincrementaldecoder(charset)("replace")
        for chunk in self.iter_bytes(chunk_size):
            if text := decoder.decode(chunk):
                yield text
        if text := decoder.decode(b"", final=True):
            yield text

    def iter_lines(self) -> Iterator[str]:
        """Iterate over the lines of the text as they arrive, without their ends."""
        rest = ""
        for text in self.iter_text():
            *lines, rest = (rest + text).split("\n")
            for line in lines:
                yield line.removesuffix("\r")
        if rest:
            yield rest


def _no_chunks() -> Generator[bytes, None, None]:
    """The body belongs to the stream that `parse` returned."""
    return
    yield b""


class ResponseManager(Generic[Response]):
    """A call of `with_streaming_response`: it is made by `with`, whose end closes the response."""

    def __init__(self, send: Callable[[], Any]) -> None:
        self._send = send

    def __enter__(self) -> StreamedResponse[Response]:
        response = self._send()
        self._response = cast("StreamedResponse[Response]", response)
        self._response.open()
        return self._response

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._response.close()


def sync_streamed(method: SyncMethod[P, Response]) -> Callable[P, ResponseManager[Response]]:
    """Return a method of a client that returns streamed responses, as its call in a context manager."""

    @wraps(method)
    def call(*args: P.args, **options: P.kwargs) -> ResponseManager[Response]:
        return ResponseManager(partial(method, *args, **options))

    return call


def sync_raw(method: SyncMethod[P, Response]) -> SyncMethod[P, RawResponse[Response]]:
    """Return a method of a client that returns raw responses, with its type."""
    return cast("Any", method)  # type: ignore[no-any-return]
