"""Bodies that are not JSON: forms, text, files."""

from __future__ import annotations

import io
from typing import Any

import pytest

from polargrid import ValidationError
from polargrid_codec import encoding
from polargrid_codec.bodies import encode_form, encode_urlencoded
from polargrid_runtime.operation import Body, FileField, FormField, Operation

FORM = Body(
    "multipart/form-data", "Form", fields=(FormField("note", "text/markdown"), FormField("ids", "application/json"))
)
URLENCODED = "application/x-www-form-urlencoded"


def build(body: Body, request: Any = None, **files: Any) -> Any:
    operation: Operation[Any, Any] = Operation("things", "POST", "/v1/things", "models", body=body)
    extra: dict[str, Any] = {"extra_headers": {}, "extra_query": {}, "extra_body": {}}
    return encoding.build_request(operation, request, files, stream=False, **extra)


def test_parts_of_a_form():
    """A list is a part for each item, an object is JSON and says so; `encoding` decides otherwise."""
    fields = {"a": 1, "b": ["x", True], "c": {"d": 1}, "e": [{"f": 1}], "g": None, "note": "*n*", "ids": [1, 2]}
    assert encode_form(None, fields, FORM) == (
        ("a", "1", None),
        ("b", "x", None),
        ("b", "true", None),
        ("c", '{"d": 1}', "application/json"),
        ("e", '{"f": 1}', "application/json"),
        ("note", "*n*", "text/markdown"),
        ("ids", "[1, 2]", "application/json"),
    )


def test_urlencoded_form():
    """Lists are repeated names, objects are JSON; a field with a style is written as in a query."""
    styles = [
        FormField("deep", style="deepObject"),
        FormField("ids", explode=False),
        FormField("json", "application/json"),
    ]
    body = Body(URLENCODED, "Form", fields=tuple(styles))
    fields = {"a b": "x&y", "b": [1, True], "c": {"d": 1}, "e": None, "deep": {"k": 1}, "ids": [1, 2], "json": ["z"]}
    expected = b"a+b=x%26y&b=1&b=true&c=%7B%22d%22%3A+1%7D&deep%5Bk%5D=1&ids=1,2&json=%5B%22z%22%5D"
    assert encode_urlencoded(None, fields, body) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [(b"bytes", "text: expected a string, not bytes"), (None, "text: expected a string"), ("\ud800", "lone surrogate")],
)
def test_invalid_text(value, message):
    """The body of an operation that takes a text is a string that UTF-8 can express."""
    with pytest.raises(ValidationError, match=message) as caught:
        build(Body("text/plain; charset=utf-8", "str", required=True), value)
    assert caught.value.param == "text"


def test_text():
    """It is sent in UTF-8, with the media type of the document."""
    request = build(Body("text/csv; charset=utf-8", "str", required=True), "ü;1")
    assert (request.content, request.headers["Content-Type"]) == ("ü;1".encode(), "text/csv; charset=utf-8")
    assert build(Body("text/csv; charset=utf-8", "str")).content is None


@pytest.mark.parametrize(
    ("accepted", "file", "media_type"),
    [
        ("application/pdf", b"%PDF", "application/pdf"),
        ("application/pdf", ("a", b"%PDF", "application/x-pdf"), "application/x-pdf"),
        ("audio/*", b"RIFF", "audio/wav"),
        ("image/*", ("a.png", b"x"), "image/png"),
        ("image/*", ("a", b"x", "image/webp"), "image/webp"),
        ("image/png, image/jpeg", ("a.jpg", b"x"), "image/jpeg"),
        ("*/*", b"x", "application/octet-stream"),
    ],
)
def test_media_type_of_a_binary_body(accepted, file, media_type):
    """It is that of the document, or the caller's; of a range, what the first bytes or the extension say."""
    body = Body(accepted, None, True, (FileField("", "file", media_type=accepted),))
    request = build(body, file=file)
    assert (request.headers["Content-Type"], len(request.uploads), request.form) == (media_type, 1, None)


@pytest.mark.parametrize("file", [b"x", ("a.txt", b"x"), ("a.png", b"x", "text/plain")])
def test_media_type_out_of_range(file):
    """The error says what to pass."""
    body = Body("image/*", None, True, (FileField("", "picture", media_type="image/*"),))
    with pytest.raises(ValidationError, match=r"picture: expected image/\*, not .*; pass a tuple") as caught:
        build(body, picture=file)
    assert caught.value.param == "picture"


def test_optional_files():
    """A file that is not given is not sent."""
    files = (
        FileField("a", "a"),
        FileField("b", "b", required=False),
        FileField("c", "c", required=False, is_list=True),
    )
    request = build(Body("multipart/form-data", None, files=files), a=b"x", b=None)
    assert [field for field, _ in request.uploads] == ["a"]
    assert build(Body("image/png", None, files=(FileField("", "file", required=False),))).uploads == ()


def test_list_of_files():
    """Each is an upload of the same field; errors name its position."""
    body = Body("multipart/form-data", None, files=(FileField("c", "c", is_list=True),))
    assert [field for field, _ in build(body, c=[b"x", ("n", b"y")]).uploads] == ["c", "c"]
    with pytest.raises(ValidationError, match=r"^c\.1: "):
        build(body, c=[b"x", 7])
    with pytest.raises(ValidationError, match="c: expected at least one file"):
        build(body, c=[])


@pytest.mark.parametrize("value", [b"x", "path", ("name", b"x"), io.BytesIO(b"x"), 7, None])
def test_one_file_is_no_list(value):
    """A tuple of two could be one file: a list is required."""
    body = Body("multipart/form-data", None, files=(FileField("c", "c", is_list=True),))
    with pytest.raises(ValidationError, match="c: expected a list of files"):
        build(body, c=value)


@pytest.mark.parametrize("argument", ["file", "picture"])
def test_error_names_the_argument(argument, tmp_path):
    """Of a file that cannot be read, the argument that it was passed as."""
    body = Body("multipart/form-data", None, files=(FileField("f", argument),))
    for value in (b"", tmp_path / "none", io.StringIO("x"), 7):
        with pytest.raises(ValidationError, match=f"^{argument}: ") as caught:
            build(body, **{argument: value})
        assert caught.value.param == argument
