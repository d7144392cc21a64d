"""How a response is read, by its status, then its media type; the operations are made for each case."""

from __future__ import annotations

import pytest

from polargrid import ServerError
from polargrid_codec.decoding import parse_response, select_reader
from polargrid_runtime.operation import EventStream, Operation, ResponseType
from polargrid_runtime.response import ResponseMeta
from polargrid_transport._sync.response import join_headers


def operation(*responses, events=None):
    kinds = tuple(ResponseType(*item) for item in responses)
    return Operation("things", "GET", "/v1/things", "polargrid_generated.models", responses=kinds, events=events)


JOB = (("200", "application/json", "Result"), ("202", "application/json", "State"))
NO_CONTENT = (("200", "application/json", "Result"), ("204", "", None))
MEDIA = (
    ("200", "application/json", "Result"),
    ("200", "text/csv", "str"),
    ("200", "audio/mpeg", "bytes"),
    ("200", "image/*", "bytes"),
)


@pytest.mark.parametrize(
    ("responses", "status", "content_type", "expected"),
    [
        (JOB, 200, "application/json", ("json", "Result")),
        (JOB, 202, "application/json", ("json", "State")),
        (JOB, 201, "application/json", ("json", "Result")),
        (NO_CONTENT, 204, "", ("none", "")),
        (NO_CONTENT, 200, "application/json", ("json", "Result")),
        (NO_CONTENT, 201, "application/json", ("json", "Result")),
        ((("2XX", "application/json", "Any"), ("201", "text/plain", "str")), 203, "application/json", ("json", "Any")),
        ((("2xx", "application/json", "Any"), ("201", "text/plain", "str")), 201, "text/plain", ("str", "")),
        ((("default", "application/json", "Result"),), 200, "application/json", ("json", "Result")),
        (MEDIA, 200, "Application/JSON; charset=utf-8", ("json", "Result")),
        (MEDIA, 200, "application/problem+json", ("json", "Result")),
        (MEDIA, 200, "text/csv", ("str", "")),
        (MEDIA, 200, "text/plain", ("str", "")),
        (MEDIA, 200, "audio/mpeg", ("bytes", "")),
        (MEDIA, 200, "audio/wav", ("bytes", "")),
        (MEDIA, 200, "image/png", ("bytes", "")),
        (MEDIA, 200, "application/octet-stream", ("bytes", "")),
        ((("200", "*/*", "bytes"),), 200, "application/zip", ("bytes", "")),
        ((("200", "application/zip", "bytes"),), 200, "application/zip", ("bytes", "")),
        ((("200", "application/xml", "str"),), 200, "application/xml", ("str", "")),
    ],
)
def test_reader(responses, status, content_type, expected):
    """The status selects the responses, and the media type one of them."""
    assert select_reader(operation(*responses), status, content_type)[:2] == expected


@pytest.mark.parametrize(
    ("responses", "content_type"),
    [
        (MEDIA, ""),
        (MEDIA, "text/html"),
        (MEDIA, "text/event-stream"),
        (MEDIA, "application/zip"),
        (JOB, "text/plain"),
        (JOB, "audio/mpeg"),
        ((("200", "application/zip", "bytes"),), "application/pdf"),
        ((("200", "text/csv", "str"),), "application/json"),
    ],
)
def test_no_reader(responses, content_type):
    """A media type that is read in another way than those of the operation is not expected."""
    assert select_reader(operation(*responses), 200, content_type) is None
    with pytest.raises(ServerError, match=r"things: (unexpected Content-Type|no Content-Type in the response)"):
        parse_response(operation(*responses), {"content-type": content_type}, b"...", ResponseMeta(status_code=200))


def test_operation_that_only_streams_has_no_other_response():
    """What is no event stream is not expected."""
    only = operation(events=EventStream("str"))
    assert select_reader(only, 200, "application/json") is None


@pytest.mark.parametrize(
    ("parameters", "charset", "text"),
    [
        ("", "utf-8", "é"),
        ("; charset=utf-8", "utf-8", "é"),
        ('; format=flowed; Charset="ISO-8859-1"', "iso8859-1", "é"),
        ("; charset=us-ascii", "ascii", "e"),
        ("; charset=windows-1252", "cp1252", "€"),
        ("; other=latin-1", "utf-8", "é"),
    ],
)
def test_charset(parameters, charset, text):
    """A text is decoded by the charset of its media type."""
    table = operation(("200", "text/csv", "str"))
    content_type = f"text/csv{parameters}"
    assert select_reader(table, 200, content_type) == ("str", "", charset)
    meta = ResponseMeta(status_code=200)
    assert parse_response(table, {"content-type": content_type}, text.encode(charset), meta) == text


def test_invalid_text_names_the_charset():
    """A body that its charset cannot be is an error of the server."""
    table = operation(("200", "text/csv", "str"))
    with pytest.raises(ServerError, match="things: response does not match ASCII text"):
        parse_response(table, {"content-type": "text/csv; charset=us-ascii"}, b"\xff", ResponseMeta(status_code=200))


def test_repeated_headers_are_joined():
    """A header that comes twice is one, as RFC 9110 has it."""

    class Headers:
        def multi_items(self):
            return [("vary", "a"), ("x-a", "1"), ("vary", "b")]

    assert join_headers(Headers()) == {"vary": "a, b", "x-a": "1"}
