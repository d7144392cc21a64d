"""Bytes to bodies, without a server."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Message

from polargrid_edge.errors import EdgeError
from polargrid_edge.requests import Upload, check_media_type, check_query, has_body, parse_json, pieces, read_form
from polargrid_generated.models import CompletionRequest, TranscriptionRequest

VALID = b'{"model": "m", "prompt": "Hi"}'


def refused(work: Any, *arguments: Any) -> EdgeError:
    with pytest.raises(EdgeError) as raised:
        work(*arguments)
    return raised.value


def body(*parts: bytes) -> list[Message]:
    last = len(parts) - 1
    return [{"type": "http.request", "body": part, "more_body": at < last} for at, part in enumerate(parts)]


def read(messages: list[Message], most: int, headers: dict[str, str] | None = None) -> tuple[bytes, list[Message]]:
    """What was read, and what was left unread."""
    left = list(messages)

    async def receive() -> Message:
        return left.pop(0)

    async def whole() -> bytes:
        return b"".join([piece async for piece in pieces(receive, Headers(headers or {}), most)])

    return anyio.run(whole), left


def form(content: bytes, content_type: str = "multipart/form-data; boundary=b") -> Upload:
    async def receive() -> Message:
        return body(content)[0]

    async def parsed() -> Upload:
        headers = Headers({"content-type": content_type})
        async with AsyncExitStack() as closing:
            return await read_form(pieces(receive, headers, 10_000), headers, TranscriptionRequest, "file", closing)

    return anyio.run(parsed)


def part(disposition: str, content: bytes) -> bytes:
    return b"--b\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


MODEL = part('name="model"', b"whisper-1")
FILE = part('name="file"; filename="a.wav"', b"RIFF")


def test_valid_json_is_a_model() -> None:
    """The body comes out as its type."""
    assert parse_json(VALID, CompletionRequest).model_dump(include={"prompt"}) == {"prompt": "Hi"}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + VALID,
        VALID.decode().encode("utf-16"),
        b'{"model": "m", "prompt": "\\ud800"}',
        b'{"model": "m", "prompt": "Hi", "unknown": NaN}',
        b'{"model": "m", "prompt": "Hi", "temperature": Infinity}',
        b'{"model": "m", "prompt": "Hi", "unknown": 1e999}',
        b'{"model": "m", "prompt": "Hi", "prompt": "Ho"}',
        b'{"model": "m", "prompt": "Hi", "seed": ' + b"9" * 5000 + b"}",
        b'{"model": "m", "prompt": "Hi", "unknown": ' + b"[" * 300 + b"]" * 300 + b"}",
        b"[" * 100_000,
        b"null",
    ],
)
def test_what_is_no_json_of_an_object_is_refused(sent: bytes) -> None:
    """Bad encodings, half surrogates, numbers that are none, names that come twice, deep nesting: all 400."""
    assert refused(parse_json, sent, CompletionRequest).status == 400


def test_an_integer_may_have_a_point() -> None:
    """JSON Schema takes 5.0 for an integer, and so does the edge."""
    sent = b'{"model": "m", "prompt": "Hi", "max_tokens": 5.0}'
    assert parse_json(sent, CompletionRequest).model_dump()["max_tokens"] == 5


@pytest.mark.parametrize("value", [b'"0.7"', b"true", b"3", b"[0.7]"])
def test_types_are_not_guessed(value: bytes) -> None:
    """A number in quotes is no number, and the field is named."""
    sent = b'{"model": "m", "prompt": "Hi", "temperature": ' + value + b"}"
    assert refused(parse_json, sent, CompletionRequest).param == "temperature"


def test_the_media_type_is_read_without_its_parameters() -> None:
    """Case and charset do not matter."""
    headers = Headers({"content-type": "Application/JSON; charset=utf-8"})
    assert check_media_type(headers, ["application/json"]) == "application/json"


@pytest.mark.parametrize("sent", ["", "text/plain", "application/jsonp", "multipart/form-data; boundary=b"])
def test_another_media_type_is_refused(sent: str) -> None:
    """415, and the sentence says which is taken."""
    error = refused(check_media_type, Headers({"content-type": sent}), ["application/json"])
    assert (error.status, error.message) == (415, "Content-Type must be application/json")


@pytest.mark.parametrize(
    ("headers", "brings"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "2"}, True),
        ({"transfer-encoding": "chunked"}, True),
    ],
)
def test_headers_say_whether_there_is_a_body(headers: dict[str, str], brings: bool) -> None:
    """By its length or by its chunks."""
    assert has_body(Headers(headers)) is brings


@pytest.mark.parametrize("value", ["false", "", "1", "yes"])
def test_a_constant_of_the_query_has_one_value(value: str) -> None:
    """What the specification fixes cannot be otherwise."""
    parameter = {"name": "sync", "in": "query", "schema": {"type": "boolean", "const": True}}
    assert refused(check_query, [parameter], [("sync", "true"), ("sync", value)]).param == "sync"


def test_unknown_names_in_the_query_are_left_alone() -> None:
    """Only what the specification names is looked at."""
    check_query([{"name": "sync", "in": "query", "schema": {"const": True}}], [("other", "x"), ("sync", "True")])


def test_a_body_comes_in_pieces() -> None:
    """All of it, in order."""
    assert read(body(b"ab", b"", b"c"), most=3)[0] == b"abc"


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    """413 before the first piece."""
    assert refused(read, body(b"x"), 3, {"content-length": "4"}).status == 413


def test_a_body_that_does_not_say_so_is_read_up_to_the_bound() -> None:
    """413 at the piece that is too much; the rest is not asked for."""
    messages: Iterable[Message] = body(b"ab", b"cd", b"ef")
    left = list(messages)

    async def receive() -> Message:
        return left.pop(0)

    async def whole() -> None:
        async for _ in pieces(receive, Headers({}), 3):
            pass

    assert refused(anyio.run, whole).status == 413
    assert len(left) == 1


def test_a_client_that_goes_while_it_sends_is_no_error() -> None:
    """It gets no answer."""
    with pytest.raises(ClientDisconnect):
        read([{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}], most=9)


def test_a_form_is_a_model_and_a_file() -> None:
    """Texts are read as the types of their fields; unknown fields are let be."""
    sent = MODEL + part('name="temperature"', b"0.5") + part('name="other"', b"x") + FILE + b"--b--\r\n"
    upload = form(sent)
    assert upload.body.model_dump(include={"model", "temperature"}) == {"model": "whisper-1", "temperature": 0.5}
    assert upload.file.filename == "a.wav"


def test_the_file_of_a_form_is_closed() -> None:
    """Once the request is over."""
    assert form(MODEL + FILE + b"--b--\r\n").file.file.closed


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        (MODEL + b"--b--\r\n", "file"),
        (MODEL + part('name="file"', b"RIFF") + b"--b--\r\n", "file"),
        (MODEL + FILE + FILE + b"--b--\r\n", "file"),
        (FILE + b"--b--\r\n", "model"),
        (MODEL + part('name="temperature"', b"warm") + FILE + b"--b--\r\n", "temperature"),
        (MODEL + part('name="response_format"', b"pdf") + FILE + b"--b--\r\n", "response_format"),
        (MODEL + FILE, None),
        (FILE + MODEL.removesuffix(b"\r\n"), None),
        (MODEL + part('filename="a.wav"', b"RIFF") + b"--b--\r\n", None),
        (b"no form", None),
    ],
)
def test_a_form_that_is_not_right_is_refused(sent: bytes, param: str | None) -> None:
    """400 naming the field, where there is one."""
    error = refused(form, sent)
    assert (error.status, error.param) == (400, param)


@pytest.mark.parametrize("charset", ["base64", "utf-8-nothing"])
def test_a_charset_that_is_none_is_left_alone(charset: str) -> None:
    """The text is read as Latin-1, which every text is."""
    sent = MODEL + part('name="prompt"', b"\xff") + FILE + b"--b--\r\n"
    assert form(sent, f"multipart/form-data; boundary=b; charset={charset}").fields["prompt"] == "\xff"


@pytest.mark.parametrize("charset", ["utf-7", "undefined"])
def test_text_that_is_not_unicode_is_refused(charset: str) -> None:
    """Half a surrogate, or a charset that reads nothing, does no harm later."""
    sent = MODEL + part('name="prompt"', b"+2AA-") + FILE + b"--b--\r\n"
    assert refused(form, sent, f"multipart/form-data; boundary=b; charset={charset}").status == 400


def test_a_form_without_a_boundary_is_refused() -> None:
    """It cannot be read."""
    assert refused(form, FILE, "multipart/form-data").status == 400
