"""Parse request bodies, without a server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Message

from polargrid_edge import long_work
from polargrid_edge.errors import EdgeError
from polargrid_edge.http.forms import Upload, read_form
from polargrid_edge.http.requests import (
    _reject_duplicates,
    check_media_type,
    check_query,
    has_body,
    iter_body,
    parse_json,
)
from polargrid_generated.models import ChatCompletionRequest, CompletionRequest, TranscriptionRequest
from polargrid_runtime.operation import Parameter
from tests.edge.scripted import TIMEOUT

VALID = b'{"model": "m", "prompt": "Hi"}'

SYNC = Parameter("sync", "query", "sync", constant=True)


def catch_error(function: Any, *arguments: Any) -> EdgeError:
    with pytest.raises(EdgeError) as caught:
        function(*arguments)
    return caught.value


def build_messages(*parts: bytes) -> list[Message]:
    last = len(parts) - 1
    return [{"type": "http.request", "body": part, "more_body": at < last} for at, part in enumerate(parts)]


def read_body(messages: list[Message], limit: int, headers: dict[str, str] | None = None) -> bytes:
    pending = list(messages)

    async def receive() -> Message:
        return pending.pop(0)

    async def join() -> bytes:
        return b"".join([chunk async for chunk in iter_body(receive, Headers(headers or {}), limit)])

    return anyio.run(join)


def parse_form(content: bytes, content_type: str = "multipart/form-data; boundary=b") -> Upload:
    async def receive() -> Message:
        return build_messages(content)[0]

    async def parse() -> Upload:
        headers = Headers({"content-type": content_type})
        async with AsyncExitStack() as closing:
            return await read_form(iter_body(receive, headers, 10_000), headers, TranscriptionRequest, "file", closing)

    return anyio.run(parse)


def form_part(disposition: str, content: bytes) -> bytes:
    return b"--b\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


MODEL = form_part('name="model"', b"whisper-1")
FILE = form_part('name="file"; filename="a.wav"', b"RIFF")


def test_valid_json_is_parsed_as_its_type() -> None:
    """With the fields of the body."""
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
def test_invalid_json_is_400(sent: bytes) -> None:
    """Encodings, lone surrogates, invalid numbers, duplicate names, deep nesting, other types than objects."""
    assert catch_error(parse_json, sent, CompletionRequest).status == 400


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"{" + b'"a":1,"b":1,' * 20_000 + b'"z":1}', "duplicate name 'a'"),
        (b"{" + b",".join(b'"%d":1' % number for number in range(20_000)) + b',"z":1,"z":1}', "duplicate name 'z'"),
        (b"[" * 101 + b"]" * 101, "nested more than 100 levels deep"),
        (b"[" + b"[]," * 50_000 + b"[]]", "more than 50,000 values"),
        (b'{"a": [' + b"1e308," * 50_000 + b"0]}", "more than 50,000 values"),
    ],
)
def test_a_hostile_body_is_rejected_by_its_form(sent: bytes, reason: str) -> None:
    """Before it is validated: duplicate names, deep nesting, and more values than any request needs."""
    error = catch_error(parse_json, sent, ChatCompletionRequest)
    assert (error.status, error.code) == (400, "invalid_json")
    assert reason in error.message


def test_names_are_compared_a_linear_number_of_times() -> None:
    """A duplicate name at the end of many."""

    class Name(str):
        __slots__ = ()
        compared = 0

        def __eq__(self, other: object) -> bool:
            Name.compared += 1
            return super().__eq__(other)

        __hash__ = str.__hash__

    names = [*map(str, range(1000)), "999"]
    with pytest.raises(ValueError, match="duplicate name '999'"):
        _reject_duplicates([(Name(name), None) for name in names])
    assert Name.compared < 2 * len(names)


@pytest.mark.parametrize("item", [b"{}", b"1", b'{"role": "robot"}', b'{"role": "user", "content": [1, {}]}'])
def test_the_errors_of_a_body_are_limited(item: bytes) -> None:
    """Twenty fields have details; the message has the number of errors."""
    sent = b'{"model": "m", "messages": [' + item + (b"," + item) * 9_000 + b"]}"
    error = catch_error(parse_json, sent, ChatCompletionRequest)
    assert (error.param or "").startswith("messages[0]")
    assert re.search(r" \(one of \d+,\d{3} errors\)$", error.message)
    assert len(error.details or {}) == 20


def test_a_large_number_stays_as_short_as_it_is_sent() -> None:
    """As an integer, 1e308 has 309 digits."""
    assert parse_json(VALID[:-1] + b', "x": 1e308}', CompletionRequest).model_dump()["x"] == 1e308
    assert parse_json(VALID[:-1] + b', "seed": 1e18}', CompletionRequest).model_dump()["seed"] == 10**18


def test_two_large_bodies_are_parsed_at_a_time() -> None:
    """The others wait, because each needs a multiple of its size in memory; a small body does not wait."""
    released = threading.Event()

    async def read(size: int) -> None:
        await long_work.choose_run(size)(lambda: size < 1000 or released.wait(TIMEOUT))

    async def read_all() -> int:
        with anyio.fail_after(TIMEOUT):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(read, 100_000)
                limiter = long_work._get_large_body_limiter()
                while limiter.statistics().tasks_waiting < 3:
                    await anyio.lowlevel.checkpoint()
                await read(100)
                borrowed = limiter.borrowed_tokens
                released.set()
        return borrowed

    assert anyio.run(read_all) == 2


def test_a_float_without_fraction_is_an_integer() -> None:
    """As JSON Schema defines it."""
    sent = b'{"model": "m", "prompt": "Hi", "max_tokens": 5.0}'
    assert parse_json(sent, CompletionRequest).model_dump()["max_tokens"] == 5


@pytest.mark.parametrize("value", [b'"0.7"', b"true", b"3", b"[0.7]"])
def test_types_are_strict(value: bytes) -> None:
    """A string is not a number; the error names the field."""
    sent = b'{"model": "m", "prompt": "Hi", "temperature": ' + value + b"}"
    assert catch_error(parse_json, sent, CompletionRequest).param == "temperature"


def test_the_media_type_ignores_case_and_parameters() -> None:
    """Such as the charset."""
    headers = Headers({"content-type": "Application/JSON; charset=utf-8"})
    assert check_media_type(headers, ["application/json"]) == "application/json"


@pytest.mark.parametrize("sent", ["", "text/plain", "application/jsonp", "multipart/form-data; boundary=b"])
def test_another_media_type_is_415(sent: str) -> None:
    """The message has the accepted media type."""
    error = catch_error(check_media_type, Headers({"content-type": sent}), ["application/json"])
    assert error.status == 415
    assert error.message.endswith("expected application/json")


@pytest.mark.parametrize("encoding", ["gzip", "identity, gzip", "br", "x"])
def test_a_compressed_body_is_415(encoding: str) -> None:
    """No encoding is decoded; the response says so."""
    headers = Headers({"content-type": "application/json", "content-encoding": encoding})
    error = catch_error(check_media_type, headers, ["application/json"])
    assert (error.status, error.headers) == (415, {"Accept-Encoding": "identity"})
    assert error.message == f"unsupported Content-Encoding {encoding!r}; send the body uncompressed"


@pytest.mark.parametrize("encoding", ["", "Identity"])
def test_a_body_without_an_encoding_is_accepted(encoding: str) -> None:
    """Although the header is there."""
    headers = Headers({"content-type": "application/json", "content-encoding": encoding})
    assert check_media_type(headers, ["application/json"]) == "application/json"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "2"}, True),
        ({"transfer-encoding": "chunked"}, True),
    ],
)
def test_headers_announce_a_body(headers: dict[str, str], expected: bool) -> None:
    """By a length or by chunks."""
    assert has_body(Headers(headers)) is expected


@pytest.mark.parametrize("value", ["false", "", "0", "yes"])
def test_a_constant_of_the_query_has_only_its_value(value: str) -> None:
    """The specification defines it."""
    assert catch_error(check_query, [SYNC], [("sync", "true"), ("sync", value)]).param == "sync"


@pytest.mark.parametrize(
    ("constant", "text"), [(True, "true"), (True, "True"), (True, "1"), ("v2", "v2"), ("A", "A"), (2, "2")]
)
def test_a_constant_of_the_query_has_its_text(constant: Any, text: str) -> None:
    """A flag in any form that selects an operation; a text as it is, without quotes."""
    check_query([Parameter("mode", "query", "mode", constant=constant)], [("mode", text)])


def test_unknown_names_in_the_query_are_ignored() -> None:
    """The check is for the parameters of the specification."""
    check_query([SYNC], [("other", "x"), ("sync", "True")])


def test_the_chunks_of_a_body_are_in_order() -> None:
    """Empty chunks are allowed."""
    assert read_body(build_messages(b"ab", b"", b"c"), limit=3) == b"abc"


def test_an_announced_large_body_is_413() -> None:
    """Before the first chunk is read."""
    assert catch_error(read_body, build_messages(b"x"), 3, {"content-length": "4"}).status == 413


def test_a_large_body_in_chunks_is_read_up_to_the_limit() -> None:
    """413 at the chunk beyond the limit; the next chunk is not read."""
    messages: Iterable[Message] = build_messages(b"ab", b"cd", b"ef")
    pending = list(messages)

    async def receive() -> Message:
        return pending.pop(0)

    async def read_all() -> None:
        async for _ in iter_body(receive, Headers({}), 3):
            pass

    assert catch_error(anyio.run, read_all).status == 413
    assert len(pending) == 1


def test_a_disconnect_within_the_body_is_not_an_api_error() -> None:
    """No response can be sent."""
    with pytest.raises(ClientDisconnect):
        read_body([{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}], limit=9)


def test_a_form_has_typed_fields_and_a_file() -> None:
    """Unknown fields are ignored."""
    sent = MODEL + form_part('name="temperature"', b"0.5") + form_part('name="other"', b"x") + FILE + b"--b--\r\n"
    upload = parse_form(sent)
    assert upload.body.model_dump(include={"model", "temperature"}) == {"model": "whisper-1", "temperature": 0.5}
    assert upload.file.filename == "a.wav"


def test_the_file_of_a_form_is_closed() -> None:
    """At the end of the request."""
    assert parse_form(MODEL + FILE + b"--b--\r\n").file.file.closed


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        (MODEL + b"--b--\r\n", "file"),
        (MODEL + form_part('name="file"', b"RIFF") + b"--b--\r\n", "file"),
        (MODEL + FILE + FILE + b"--b--\r\n", "file"),
        (FILE + b"--b--\r\n", "model"),
        (MODEL + form_part('name="temperature"', b"warm") + FILE + b"--b--\r\n", "temperature"),
        (MODEL + form_part('name="response_format"', b"pdf") + FILE + b"--b--\r\n", "response_format"),
        (MODEL + FILE, None),
        (FILE + MODEL.removesuffix(b"\r\n"), None),
        (MODEL + form_part('filename="a.wav"', b"RIFF") + b"--b--\r\n", None),
        (b"no form", None),
    ],
)
def test_an_invalid_form_is_400(sent: bytes, param: str | None) -> None:
    """The param is the invalid field, where there is one."""
    error = catch_error(parse_form, sent)
    assert (error.status, error.param) == (400, param)


@pytest.mark.parametrize(
    ("charset", "text"), [("UTF8", "\xe9"), ("iso-8859-1", "\xc3\xa9"), ('"us-ascii"', "\xc3\xa9")]
)
def test_a_form_has_a_charset(charset: str, text: str) -> None:
    """Text that is not in the charset is read as Latin-1, in which every byte is valid."""
    sent = MODEL + form_part('name="prompt"', "\xe9".encode()) + FILE + b"--b--\r\n"
    assert parse_form(sent, f"multipart/form-data; boundary=b; charset={charset}").fields["prompt"] == text


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "utf-7", "utf-16", "undefined", "base64", "utf-8-nothing", "\0"]
)
def test_another_charset_is_415(charset: str) -> None:
    """Punycode costs quadratic time in Python: a field of a megabyte, a minute. The body is not read."""
    error = catch_error(parse_form, b"", f"multipart/form-data; boundary=b; charset={charset}")
    assert (error.status, error.code) == (415, "unsupported_media_type")
    assert error.message == f"unsupported charset {charset!r} of the form; expected 'utf-8'"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"x" + MODEL + FILE, "boundary"),
        (form_part("x" * 9_000, b""), "header size"),
        (b"--b\r\n" + b"X: y\r\n" * 1_000, "header count"),
        (form_part('name="a"', b"") * 101, "fields"),
        (form_part('name="a"; filename="b"', b"") * 5, "files"),
    ],
)
def test_the_message_has_the_reason_for_an_invalid_form(sent: bytes, reason: str) -> None:
    """What is wrong, or the limit that is exceeded."""
    error = catch_error(parse_form, sent)
    assert (error.status, error.code, reason in error.message) == (400, "invalid_form", True)


def test_a_form_without_a_boundary_is_400() -> None:
    """It cannot be parsed."""
    assert catch_error(parse_form, FILE, "multipart/form-data").status == 400
