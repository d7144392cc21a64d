"""The least that a client can do: a socket, or a protocol of asyncio's, and json; no check of anything."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from qa.benchmarks import work

NAME = "floor"
REQUIRES: list[str] = []

_HEAD = b"POST %b HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
_CHAT = b"/v1/chat/completions"
_END = b"\r\n\r\n"
_SIZE = 1 << 18
_FORM = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
_FORM_END = b"\r\n--b--\r\n"


def _request(path, body, media=b"application/json", more=0):
    return _HEAD % (path, work.KEY.encode(), media, len(body) + more) + body


def _length(head):
    return int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])


def _events(data):
    """The chunks of whole events, and what is left over: HTTP's framing stands before `data: ` and is not looked at."""
    *whole, rest = data.split(b"\n\n")
    found = (event[event.index(b"data: ") + 6 :] for event in whole)
    return [json.loads(event)["choices"][0]["delta"]["content"] for event in found if event[0] == ord("{")], rest


def _asked(model):
    return _request(_CHAT, json.dumps({**work.chat(model), "stream": True}).encode())


def _spoken(text):
    return _request(b"/v1/audio/speech", json.dumps(work.spoken(text)).encode())


def _form(path):
    size = path.stat().st_size
    return _request(b"/v1/audio/transcriptions", _FORM, b"multipart/form-data; boundary=b", size + len(_FORM_END))


def client(url):
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port))


def _whole(sock):
    head, _, body = sock.recv(_SIZE).partition(_END)
    left = _length(head) - len(body)
    if left == 0:
        return body
    whole = bytearray(left + len(body))
    whole[: len(body)] = body
    view = memoryview(whole)[len(body) :]
    while view:
        view = view[sock.recv_into(view) :]
    return whole


def chat(sock):
    sock.sendall(_request(_CHAT, json.dumps(work.chat()).encode()))
    return json.loads(_whole(sock))["choices"][0]["message"]["content"]


def stream(sock, model):
    sock.sendall(_asked(model))
    rest = b""
    while not rest.endswith(b"\r\n0\r\n\r\n"):
        texts, rest = _events(rest + sock.recv(_SIZE))
        yield from texts


def speech(sock, text):
    sock.sendall(_spoken(text))
    return _whole(sock)


def upload(sock, path):
    sock.sendall(_form(path))
    with path.open("rb") as file:
        sock.sendfile(file)
    sock.sendall(_FORM_END)
    return json.loads(_whole(sock))["text"]


class _Connection(asyncio.Protocol):
    """A connection that one task reads."""

    def connection_made(self, transport):
        self.transport, self._data, self._reader = transport, b"", None

    def data_received(self, data):
        self._data += data
        if self._reader is not None:
            self._reader.set_result(None)
            self._reader = None

    async def read(self):
        if not self._data:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        data, self._data = self._data, b""
        return data

    async def whole(self):
        head, _, body = (await self.read()).partition(_END)
        length, done = _length(head), len(body)
        if done == length:
            return body
        whole = bytearray(length)
        whole[:done] = body
        while done < length:
            data = await self.read()
            whole[done : done + len(data)] = data
            done += len(data)
        return whole


class _Pool:
    """A stack of connections: each call takes one, and puts it back."""

    def __init__(self, url):
        self._url, self.idle = urlsplit(url), []

    @asynccontextmanager
    async def connection(self):
        if self.idle:
            used = self.idle.pop()
        else:
            loop = asyncio.get_running_loop()
            _, used = await loop.create_connection(_Connection, self._url.hostname, self._url.port)
        yield used
        self.idle.append(used)


@asynccontextmanager
async def async_client(url):
    pool = _Pool(url)
    yield pool
    for connection in pool.idle:
        connection.transport.close()


async def async_chat(pool):
    async with pool.connection() as connection:
        connection.transport.write(_request(_CHAT, json.dumps(work.chat()).encode()))
        return json.loads(await connection.whole())["choices"][0]["message"]["content"]


async def async_stream(pool, model):
    async with pool.connection() as connection:
        connection.transport.write(_asked(model))
        rest = b""
        while not rest.endswith(b"\r\n0\r\n\r\n"):
            texts, rest = _events(rest + await connection.read())
            for text in texts:
                yield text


async def async_speech(pool, text):
    async with pool.connection() as connection:
        connection.transport.write(_spoken(text))
        return await connection.whole()


async def async_upload(pool, path):
    async with pool.connection() as connection:
        connection.transport.write(_form(path))
        with path.open("rb") as file:
            await asyncio.get_running_loop().sendfile(connection.transport, file)
        connection.transport.write(_FORM_END)
        return json.loads(await connection.whole())["text"]
