"""The least that a client can do: a socket, or a protocol of asyncio, and json, without checks."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from qa.benchmarks import workload

NAME = "floor"
REQUIRES: list[str] = []

_HEAD = b"POST %b HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
_CHAT = b"/v1/chat/completions"
_END_OF_HEAD = b"\r\n\r\n"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_SIZE = 1 << 18
_FORM = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
_FORM_END = b"\r\n--b--\r\n"


def _build_request(path, body, media_type=b"application/json", more=0):
    return _HEAD % (path, workload.KEY.encode(), media_type, len(body) + more) + body


def _content_length(head):
    return int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])


def _split_events(data):
    """The texts of complete events, and the rest. The framing of HTTP precedes `data: ` and is skipped."""
    *events, rest = data.split(b"\n\n")
    values = (event[event.index(b"data: ") + 6 :] for event in events)
    return [json.loads(value)["choices"][0]["delta"]["content"] for value in values if value[0] == ord("{")], rest


def _chat_request():
    return _build_request(_CHAT, json.dumps(workload.build_chat()).encode())


def _stream_request(model):
    return _build_request(_CHAT, json.dumps({**workload.build_chat(model), "stream": True}).encode())


def _speech_request(text):
    return _build_request(b"/v1/audio/speech", json.dumps(workload.build_speech(text)).encode())


def _upload_request(path):
    more = path.stat().st_size + len(_FORM_END)
    return _build_request(b"/v1/audio/transcriptions", _FORM, b"multipart/form-data; boundary=b", more)


def client(url):
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port))


def _receive_body(sock):
    head, _, start = sock.recv(_SIZE).partition(_END_OF_HEAD)
    length = _content_length(head)
    if length == len(start):
        return start
    body = bytearray(length)
    body[: len(start)] = start
    rest = memoryview(body)[len(start) :]
    while rest:
        rest = rest[sock.recv_into(rest) :]
    return body


def chat(sock):
    sock.sendall(_chat_request())
    return json.loads(_receive_body(sock))["choices"][0]["message"]["content"]


def stream(sock, model):
    sock.sendall(_stream_request(model))
    rest = b""
    while not rest.endswith(_LAST_CHUNK):
        texts, rest = _split_events(rest + sock.recv(_SIZE))
        yield from texts


def speech(sock, text):
    sock.sendall(_speech_request(text))
    return _receive_body(sock)


def upload(sock, path):
    sock.sendall(_upload_request(path))
    with path.open("rb") as file:
        sock.sendfile(file)
    sock.sendall(_FORM_END)
    return json.loads(_receive_body(sock))["text"]


class _Connection(asyncio.Protocol):
    """A connection that one task reads at a time."""

    def connection_made(self, transport):
        self.transport, self._data, self._waiter = transport, b"", None

    def data_received(self, data):
        self._data += data
        if self._waiter is not None:
            self._waiter.set_result(None)
            self._waiter = None

    async def read(self):
        if not self._data:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data, self._data = self._data, b""
        return data

    async def read_body(self):
        head, _, start = (await self.read()).partition(_END_OF_HEAD)
        length, done = _content_length(head), len(start)
        if done == length:
            return start
        body = bytearray(length)
        body[:done] = start
        while done < length:
            data = await self.read()
            body[done : done + len(data)] = data
            done += len(data)
        return body


class _Pool:
    """A stack of idle connections."""

    def __init__(self, url):
        self._url, self.idle = urlsplit(url), []

    @asynccontextmanager
    async def connection(self):
        if self.idle:
            connection = self.idle.pop()
        else:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(_Connection, self._url.hostname, self._url.port)
        yield connection
        self.idle.append(connection)


@asynccontextmanager
async def async_client(url):
    pool = _Pool(url)
    yield pool
    for connection in pool.idle:
        connection.transport.close()


async def async_chat(pool):
    async with pool.connection() as connection:
        connection.transport.write(_chat_request())
        return json.loads(await connection.read_body())["choices"][0]["message"]["content"]


async def async_stream(pool, model):
    async with pool.connection() as connection:
        connection.transport.write(_stream_request(model))
        rest = b""
        while not rest.endswith(_LAST_CHUNK):
            texts, rest = _split_events(rest + await connection.read())
            for text in texts:
                yield text


async def async_speech(pool, text):
    async with pool.connection() as connection:
        connection.transport.write(_speech_request(text))
        return await connection.read_body()


async def async_upload(pool, path):
    async with pool.connection() as connection:
        connection.transport.write(_upload_request(path))
        with path.open("rb") as file:
            await asyncio.get_running_loop().sendfile(connection.transport, file)
        connection.transport.write(_FORM_END)
        return json.loads(await connection.read_body())["text"]
