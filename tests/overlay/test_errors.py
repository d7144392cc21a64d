"""Exceptions, and how they are built from responses and error events."""

import builtins
import copy
import json
import pickle
import time
from email.utils import formatdate

import pytest

from polargrid import errors
from polargrid_codec.error_responses import from_event, from_response

CLASSES = [getattr(errors, name) for name in errors.__all__]
FIELDS = {
    "status_code": 429,
    "code": "rate_limit_exceeded",
    "type": "rate_limit_error",
    "param": "model",
    "details": {"limit": 10},
    "request_id": "req_1",
    "retry_after": 1.5,
}


@pytest.mark.parametrize("kind", CLASSES)
def test_base_class(kind):
    """`except PolarGridError` catches every exception of the SDK."""
    assert issubclass(kind, errors.PolarGridError)


def test_timeout_error_is_a_builtin_timeout_error():
    """`except TimeoutError` catches it without an import."""
    assert issubclass(errors.TimeoutError, builtins.TimeoutError)


def test_stream_interrupted_error_is_a_network_error():
    """Its partial text is empty by default."""
    assert issubclass(errors.StreamInterruptedError, errors.NetworkError)
    assert errors.StreamInterruptedError("connection reset").partial == ""


@pytest.mark.parametrize("kind", CLASSES)
def test_attributes(kind):
    """Every class has every attribute; an omitted one is None."""
    error = kind("slow down", **FIELDS)
    assert {name: getattr(error, name) for name in FIELDS} == FIELDS
    assert (error.message, error.args) == ("slow down", ("slow down",))
    assert {getattr(kind("no"), name) for name in (*FIELDS, "request", "response", "body")} == {None}


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301
@pytest.mark.parametrize("kind", CLASSES)
def test_copy_and_pickle(kind, clone):
    """An exception can be sent to another process."""
    error = kind("slow down", **FIELDS)
    error.partial = "Once upon"
    cloned = clone(error)
    assert type(cloned) is type(error)
    assert (str(cloned), vars(cloned)) == (str(error), vars(error))


def test_str_has_the_status_and_the_request_id():
    """They are what a report needs."""
    error = errors.ServerError("out of memory", status_code=500, request_id="req_1")
    assert str(error) == "out of memory (HTTP 500, request req_1)"
    assert str(errors.ServerError("out of memory")) == "out of memory"


# Error responses


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, errors.InternalServerError),
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (402, errors.BillingError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (408, errors.RequestTimeoutError),
        (409, errors.ConflictError),
        (413, errors.ValidationError),
        (415, errors.ValidationError),
        (418, errors.APIStatusError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (500, errors.InternalServerError),
        (503, errors.InternalServerError),
        (599, errors.InternalServerError),
    ],
)
def test_class_by_status(status, kind):
    """The status selects the class."""
    error = from_response(status, {}, b"{}")
    assert (type(error), error.status_code) == (kind, status)


NESTED = b"""{"error": {"message": "No such model", "type": "not_found_error", "code": "model_not_found",
              "param": "model", "details": {"near": ["llama-3.1-8b"]}}}"""
FLAT = b"""{"message": "No such model", "type": "not_found_error", "code": "model_not_found",
            "param": "model", "details": {"near": ["llama-3.1-8b"]}}"""


@pytest.mark.parametrize("body", [NESTED, FLAT], ids=["nested", "flat"])
def test_fields_of_a_response(body):
    """They are read below `error` or at the top level."""
    error = from_response(404, {"x-request-id": "req_1"}, body)
    fields = {name: value for name, value in vars(error).items() if name != "body" and not name.startswith("_")}
    assert fields == {
        "message": "No such model",
        "status_code": 404,
        "code": "model_not_found",
        "type": "not_found_error",
        "param": "model",
        "details": {"near": ["llama-3.1-8b"]},
        "request_id": "req_1",
        "retry_after": None,
        "sent": True,
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"detail": "Not Found"}', "Not Found"),
        (b'{"error": "model not found"}', "model not found"),
        (b'{"error": {"detail": "no"}}', "no"),
        (b'{"message": "first", "detail": "second"}', "first"),
    ],
)
def test_message_of_other_frameworks(body, message):
    """`detail` and a string below `error` are messages."""
    assert from_response(400, {}, body).message == message


def test_list_below_detail_becomes_details():
    """FastAPI sends its validation errors so."""
    error = from_response(422, {}, b'{"detail": [{"loc": ["body", "model"], "msg": "Field required"}]}')
    assert error.details == [{"loc": ["body", "model"], "msg": "Field required"}]
    assert "Field required" in error.message


def test_request_id_of_the_body():
    """It is used if there is no header."""
    body = b'{"error": {"message": "no", "request_id": "req_2"}}'
    assert from_response(500, {}, body).request_id == "req_2"
    assert from_response(500, {"x-request-id": "req_1"}, body).request_id == "req_1"


def test_html_is_quoted_on_one_line():
    """The message shows which proxy responded."""
    error = from_response(502, {}, b"<html>\n  <h1>502 Bad Gateway</h1>\n</html>")
    assert error.message == "HTTP 502: <html> <h1>502 Bad Gateway</h1> </html>"


@pytest.mark.parametrize(("length", "text"), [(200, "x" * 200), (201, "x" * 200 + "…"), (100_000, "x" * 200 + "…")])
def test_long_body_is_truncated(length, text):
    """An ellipsis marks the end of the excerpt."""
    assert from_response(500, {}, b"x" * length).message == f"HTTP 500: {text}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{",
        b"\xff\xfe\x00",
        b'{"error": null}',
        b'{"error": []}',
        b'{"error": {"message": 7}}',
        b'{"message": ["a"]}',
        b"[" * 100_000,
    ],
)
def test_body_without_a_message(body):
    """The class is that of the status, and the message quotes the body."""
    error = from_response(503, {}, body)
    assert type(error) is errors.InternalServerError
    assert error.message.startswith("HTTP 503")


def test_empty_body():
    """The message says so."""
    assert from_response(500, {}, b"").message == "HTTP 500 with an empty body"


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (429, "429"), (4.5, None), ({"a": 1}, None), (["a"], None)]
)
@pytest.mark.parametrize("field", ["code", "type", "param", "request_id"])
def test_fields_are_strings(field, value, expected):
    """An integer is converted; any other type is dropped."""
    assert getattr(from_response(500, {}, json.dumps({"error": {field: value}}).encode()), field) == expected


# Retry-After


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": formatdate(0, usegmt=True)}, 0.0),
        ({}, None),
    ],
)
def test_retry_after(headers, seconds):
    """It is in seconds; `retry-after-ms` has precedence."""
    assert from_response(429, headers, b"").retry_after == seconds


def test_retry_after_as_a_date():
    """It is converted to seconds from now."""
    seconds = from_response(429, {"retry-after": formatdate(time.time() + 3600, usegmt=True)}, b"").retry_after
    assert seconds is not None
    assert 3000 < seconds <= 3600


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 90.0),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", 90.0),
        ("Wed Oct 21 07:28:00 2015", 90.0),
        ("Wed, 21 Oct 2015 09:28:00 +0200", 90.0),
        ("Wed, 21 Oct 2015 07:29:30 GMT", 0.0),
        ("Wed, 21 Oct 2015 08:00:00 GMT", 0.0),
    ],
)
def test_retry_after_counts_from_the_date_of_the_response(date, seconds):
    """The clock of the server may be wrong: its two dates are compared, in any form that RFC 9110 knows."""
    headers = {"retry-after": "Wed, 21 Oct 2015 07:29:30 GMT", "date": date}
    assert from_response(429, headers, b"").retry_after == seconds


@pytest.mark.parametrize("form", ["Wed, 21 Oct 2099 07:28:00 GMT", "Wed Oct 21 07:28:00 2099", "21 Oct 2099 07:28:00"])
@pytest.mark.parametrize("zone", ["UTC", "America/Vancouver"])
def test_retry_after_is_in_gmt(monkeypatch, form, zone):
    """A date without a time zone does not depend on that of the machine."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        seconds = from_response(429, {"retry-after": form, "date": "Wed, 21 Oct 2099 07:27:00 GMT"}, b"").retry_after
    finally:
        monkeypatch.undo()
        time.tzset()
    assert seconds == 60.0


@pytest.mark.parametrize("date", ["", "yesterday", "Wed, 99 Foo 2026 99:99:99 GMT"])
def test_retry_after_with_an_invalid_date(date):
    """Without a valid date of the response, the clock of this machine counts."""
    headers = {"retry-after": formatdate(time.time() + 3600, usegmt=True), "date": date}
    assert 3000 < (from_response(429, headers, b"").retry_after or 0) <= 3600


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "-5",
        "nan",
        "inf",
        "1e999",
        " ",
        ",",
        "7 seconds",
        "Wed, 99 Foo 2026 99:99:99 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "\x00",
    ],
)
def test_invalid_retry_after_is_ignored(value):
    """A date of the year 9999 is valid, and longer than any retry waits."""
    seconds = from_response(429, {"retry-after": value}, b"").retry_after
    assert seconds is None or seconds > 1e9


# Error events


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"error": {"message": "no", "type": "rate_limit_error"}}, errors.RateLimitError),
        ({"error": {"message": "no", "type": "invalid_request_error"}}, errors.BadRequestError),
        ({"error": {"message": "no", "type": "authentication_error"}}, errors.AuthenticationError),
        ({"error": {"message": "no", "type": "billing_error"}}, errors.BillingError),
        ({"error": {"message": "no", "type": "not_found_error"}}, errors.NotFoundError),
        ({"error": {"message": "no", "type": "timeout_error"}}, errors.TimeoutError),
        ({"error": {"message": "no", "type": "server_error"}}, errors.ServerError),
        ({"error": {"message": "no", "code": "insufficient_quota"}}, errors.BillingError),
        ({"error": {"message": "no", "code": 429}}, errors.RateLimitError),
        ({"error": {"message": "no", "code": "404"}}, errors.NotFoundError),
        ({"error": {"message": "no", "code": "unknown", "status": 429}}, errors.RateLimitError),
        ({"error": {"message": "no", "code": "unknown", "status": "402"}}, errors.BillingError),
        ({"error": {"message": "no", "type": "unknown"}}, errors.ServerError),
        ({"error": "no"}, errors.ServerError),
        ({"message": "no", "type": "rate_limit_error"}, errors.RateLimitError),
    ],
)
def test_class_of_an_event(data, kind):
    """Its type, code or status selects the class."""
    error = from_event(data, "req_1")
    assert (type(error), error.message, error.request_id) == (kind, "no", "req_1")


@pytest.mark.parametrize("code", ["²", "1" * 5000, "-1", "4.0e2", "", json.loads("[" * 900 + "]" * 900)])
def test_invalid_code_of_an_event_is_ignored(code):
    """The class is then ServerError."""
    data = {"error": {"message": "no", "code": code, "type": code, "status": code}}
    assert type(from_event(data, None)) is errors.ServerError


@pytest.mark.parametrize("data", [json.loads(NESTED), json.loads(FLAT)], ids=["nested", "flat"])
def test_fields_of_an_event(data):
    """They are those of a response, except for the status."""
    fields = vars(from_event(data, "req_1"))
    response = vars(from_response(404, {"x-request-id": "req_1"}, NESTED))
    assert fields == {**response, "status_code": None, "_text": None}


def test_event_without_a_message():
    """The message says so."""
    assert from_event({"error": {"code": 500}}, None).message == "error event without a message"
