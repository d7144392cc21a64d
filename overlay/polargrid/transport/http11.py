"""HTTP/1.1 without I/O: a call -> the bytes that ask, the bytes that come -> an answer. Parsing is llhttp's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import httptools

from polargrid import errors
from polargrid.progress import Progress
from polargrid.regions import Edge
from polargrid.secret import Secret
from polargrid.transport.content import ACCEPTED
from polargrid.transport.origins import address_of
from polargrid.wire import Call

_LONGEST_HEAD = 256 * 1024  # bytes of status line and headers, interim answers included


class Asking:
    """The heads of a client's requests. What does not change from call to call is made once, without the key."""

    def __init__(self, key: Secret) -> None:
        self.key = key
        self._made: dict[tuple[str, ...], bytes] = {}

    @cached_property
    def user_agent(self) -> str:
        """What the SDK calls itself."""
        from importlib.metadata import version  # takes its time to import

        return f"polargrid-python/{version('polargrid')}"

    def head(self, progress: Progress, framing: str) -> bytes:
        """The head of a call's request; `framing` are the headers that tell what its body is and where it ends."""
        call, edge = progress.call, progress.edge
        known = (edge.base_url, call.method, call.path, *call.headers.values())
        made = self._made.get(known) if not call.query else None
        if made is None:
            made = self._fixed(call, edge)
            if not call.query and len(self._made) < 256:  # ids in paths may be without number
                self._made[known] = made
        own = "".join([f"{name}: {value}\r\n" for name, value in progress.headers.items()])
        return made + f"Authorization: Bearer {self.key.reveal()}\r\n{own}{framing}\r\n".encode()

    def _fixed(self, call: Call, edge: Edge) -> bytes:
        address = address_of(edge.base_url)
        query = f"?{urlencode([*_pairs(call.query)])}" if call.query else ""
        lines = [
            f"{call.method} {address.path}{call.path}{query} HTTP/1.1",
            f"Host: {address.authority}",
            f"User-Agent: {self.user_agent}",
            f"Accept-Encoding: {ACCEPTED}",
            *(f"{name}: {value}" for name, value in call.headers.items()),
        ]
        return "\r\n".join([*lines, ""]).encode()


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The query's fields, lists one by one, values as JSON has them."""
    for name, value in query.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            yield name, str(item).lower() if isinstance(item, bool) else "" if item is None else str(item)


class Answering:
    """Reads the answers of one connection, one after the other."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        """The next answer is awaited."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.has_head = self.is_complete = self.is_reusable = self.has_surplus = False
        self.buffered = 0  # bytes of the body that nobody has taken
        self._pieces: list[bytes] = []
        self._head_size = 0
        self._until_close = self._is_coded = False

    def feed(self, data: bytes) -> None:
        """The next bytes of the connection. Raises NetworkError where they are no HTTP."""
        if not self.has_head:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:
            raise errors.NetworkError("The connection broke: the edge switched to another protocol") from error
        except httptools.HttpParserError as error:
            raise errors.NetworkError(f"The connection broke: the answer is no HTTP ({error})") from error
        if self._is_coded:
            raise errors.NetworkError(f"The connection broke: {self.headers['transfer-encoding']} is no known coding")
        if not self.has_head and self._head_size > _LONGEST_HEAD:
            raise errors.NetworkError(f"The connection broke: the answer's head is longer than {_LONGEST_HEAD} bytes")

    @property
    def has_begun(self) -> bool:
        """Whether any of the answer came."""
        return self._head_size > 0

    def end(self) -> None:
        """The connection was closed. Raises NetworkError where the answer is not complete."""
        if self.is_complete:
            return
        if not self.has_head:
            raise errors.NetworkError("The connection broke: the edge closed it without an answer")
        if not self._until_close:
            raise errors.NetworkError("The connection broke: the edge closed it before the end of its answer")
        self.is_complete = True

    def take(self) -> bytes:
        """What came of the body since the last time."""
        pieces, self._pieces, self.buffered = self._pieces, [], 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    # What the parser calls. What follows a complete answer was not asked for, and is not read.

    def on_message_begin(self) -> None:
        self.has_surplus = self.is_complete

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.has_head:
            return  # a trailer
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        if self.has_surplus:
            return
        status = self._parser.get_status_code()
        if status < 200:  # an interim answer: the one that counts follows
            self.headers = {}
            return
        self.status, self.has_head = status, True
        self._is_coded = self.headers.get("transfer-encoding", "chunked").lower() != "chunked"
        framed = "content-length" in self.headers or "transfer-encoding" in self.headers
        self._until_close = not framed and status not in (204, 304)

    def on_body(self, body: bytes) -> None:
        if self.has_surplus:
            return
        self._pieces.append(body)
        self.buffered += len(body)

    def on_message_complete(self) -> None:
        if self.has_head and not self.has_surplus:
            self.is_complete, self.is_reusable = True, self._parser.should_keep_alive()
