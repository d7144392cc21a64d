"""A status and an envelope -> an exception."""

import builtins
import copy
import json
import pickle
import time
from email.utils import formatdate

import pytest

from polargrid import errors
from polargrid.errors import from_answer, from_event

CLASSES = [
    errors.PolarGridError,
    errors.ValidationError,
    errors.AuthenticationError,
    errors.BillingError,
    errors.NotFoundError,
    errors.RateLimitError,
    errors.ServerError,
    errors.TimeoutError,
    errors.NetworkError,
    errors.StreamInterruptedError,
]
FACTS = {
    "status_code": 429,
    "code": "rate_limit_exceeded",
    "type": "rate_limit_error",
    "param": "model",
    "details": {"limit": 10},
    "request_id": "req_1",
    "retry_after": 1.5,
}


@pytest.mark.parametrize("kind", CLASSES)
def test_one_tree(kind):
    """Whoever catches PolarGridError catches everything."""
    assert issubclass(kind, errors.PolarGridError)


def test_timeout_is_the_builtin_too():
    """`except TimeoutError` catches ours without an import."""
    assert issubclass(errors.TimeoutError, builtins.TimeoutError)


def test_interrupted_stream_is_a_network_error():
    """A stream that broke is a NetworkError, and knows no text before it is told one."""
    assert issubclass(errors.StreamInterruptedError, errors.NetworkError)
    assert errors.StreamInterruptedError("it broke").partial == ""


@pytest.mark.parametrize("kind", CLASSES)
def test_attributes(kind):
    """Every class keeps every fact it is given."""
    error = kind("slow down", **FACTS)
    assert {name: getattr(error, name) for name in FACTS} == FACTS
    assert error.message == "slow down"


@pytest.mark.parametrize("kind", CLASSES)
def test_attributes_left_out(kind):
    """What is not known is None."""
    error = kind("no")
    assert {getattr(error, name) for name in FACTS} == {None}


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301
@pytest.mark.parametrize("kind", CLASSES)
def test_copies_and_pickles(kind, clone):
    """An exception survives being copied and being sent to another process."""
    error = kind("slow down", **FACTS)
    error.partial = "Once upon"
    cloned = clone(error)
    assert type(cloned) is kind
    assert (str(cloned), vars(cloned)) == (str(error), vars(error))


def test_text_names_status_and_request():
    """The text of an exception says what a report needs: the message, the status and the request id."""
    assert str(errors.ServerError("The edge failed", status_code=500, request_id="req_1")) == (
        "The edge failed (500, request req_1)"
    )
    assert str(errors.ServerError("The edge failed")) == "The edge failed"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, errors.ServerError),
        (400, errors.ValidationError),
        (401, errors.AuthenticationError),
        (402, errors.BillingError),
        (403, errors.AuthenticationError),
        (404, errors.NotFoundError),
        (408, errors.TimeoutError),
        (409, errors.PolarGridError),
        (413, errors.ValidationError),
        (415, errors.ValidationError),
        (418, errors.PolarGridError),
        (422, errors.ValidationError),
        (429, errors.RateLimitError),
        (500, errors.ServerError),
        (502, errors.ServerError),
        (503, errors.ServerError),
        (504, errors.ServerError),
        (599, errors.ServerError),
    ],
)
def test_class_by_status(status, kind):
    """The status decides the class."""
    error = from_answer(status, {}, b"{}")
    assert (type(error), error.status_code) == (kind, status)


NESTED = b"""{"error": {"message": "No such model", "type": "not_found_error", "code": "model_not_found",
              "param": "model", "details": {"near": ["llama-3.1-8b"]}}}"""
FLAT = b"""{"message": "No such model", "type": "not_found_error", "code": "model_not_found",
            "param": "model", "details": {"near": ["llama-3.1-8b"]}}"""


@pytest.mark.parametrize("body", [NESTED, FLAT], ids=["nested", "flat"])
def test_both_envelopes(body):
    """The facts are found below `error` and at the top level alike."""
    error = from_answer(404, {"x-request-id": "req_1"}, body)
    assert vars(error) == {
        "message": "No such model",
        "status_code": 404,
        "code": "model_not_found",
        "type": "not_found_error",
        "param": "model",
        "details": {"near": ["llama-3.1-8b"]},
        "request_id": "req_1",
        "retry_after": None,
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
def test_other_shapes_of_a_message(body, message):
    """Other frameworks' ways to put a message are understood."""
    assert from_answer(400, {}, body).message == message


def test_list_of_details():
    """A list under `detail`, as FastAPI has it, becomes the details."""
    error = from_answer(422, {}, b'{"detail": [{"loc": ["body", "model"], "msg": "Field required"}]}')
    assert error.details == [{"loc": ["body", "model"], "msg": "Field required"}]
    assert "Field required" in error.message


def test_request_id_of_the_body():
    """Without a header the request id of the body is taken."""
    assert from_answer(500, {}, b'{"error": {"message": "no", "request_id": "req_2"}}').request_id == "req_2"


def test_html_is_quoted():
    """A proxy's page is quoted on one line, so that one sees who answered."""
    error = from_answer(502, {}, b"<html>\n  <h1>502 Bad Gateway</h1>\n</html>")
    assert error.message == "The edge answered 502: <html> <h1>502 Bad Gateway</h1> </html>"


def test_long_answers_are_cut():
    """Of a long strange answer only the beginning is quoted."""
    message = from_answer(500, {}, b"x" * 100_000).message
    assert message.endswith("…")
    assert len(message) < 300


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
def test_junk_bodies(body):
    """Whatever the body is, the exception is that of the status, with a message."""
    error = from_answer(503, {}, body)
    assert type(error) is errors.ServerError
    assert error.message.startswith("The edge answered 503")


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
    """`Retry-After` is seconds, whatever form it came in; the milliseconds go first."""
    assert from_answer(429, headers, b"").retry_after == seconds


def test_retry_after_as_a_date():
    """A date becomes the seconds until then."""
    wait = from_answer(429, {"retry-after": formatdate(time.time() + 100, usegmt=True)}, b"").retry_after
    assert wait is not None
    assert 90 < wait <= 100


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
def test_junk_retry_after(value):
    """A Retry-After that means nothing is as good as none."""
    wait = from_answer(429, {"retry-after": value}, b"").retry_after
    assert wait is None or wait > 1e9  # a date beyond all waiting is one, too


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"error": {"message": "no", "type": "rate_limit_error"}}, errors.RateLimitError),
        ({"error": {"message": "no", "type": "invalid_request_error"}}, errors.ValidationError),
        ({"error": {"message": "no", "type": "authentication_error"}}, errors.AuthenticationError),
        ({"error": {"message": "no", "type": "billing_error"}}, errors.BillingError),
        ({"error": {"message": "no", "type": "not_found_error"}}, errors.NotFoundError),
        ({"error": {"message": "no", "type": "timeout_error"}}, errors.TimeoutError),
        ({"error": {"message": "no", "type": "server_error"}}, errors.ServerError),
        ({"error": {"message": "no", "code": "insufficient_quota"}}, errors.BillingError),
        ({"error": {"message": "no", "code": 429}}, errors.RateLimitError),
        ({"error": {"message": "no", "code": "404"}}, errors.NotFoundError),
        ({"error": {"message": "no", "type": "of_tomorrow"}}, errors.ServerError),
        ({"error": "no"}, errors.ServerError),
        ({"message": "no", "type": "rate_limit_error"}, errors.RateLimitError),
    ],
)
def test_class_by_event(data, kind):
    """An error inside a stream has no status: its type or code decides the class."""
    error = from_event(data, "req_1")
    assert (type(error), error.message, error.request_id) == (kind, "no", "req_1")


@pytest.mark.parametrize("code", ["²", "1" * 5000, "-1", "4.0e2", ""])
def test_event_with_a_junk_code(code):
    """A code that is no number decides nothing."""
    assert type(from_event({"error": {"message": "no", "code": code}}, None)) is errors.ServerError


@pytest.mark.parametrize(("status", "kind"), [(429, errors.RateLimitError), ("402", errors.BillingError)])
def test_event_with_a_status(status, kind):
    """An error inside a stream may name its status."""
    assert type(from_event({"error": {"message": "no", "code": "of_tomorrow", "status": status}}, None)) is kind


@pytest.mark.parametrize("data", [json.loads(NESTED), json.loads(FLAT)], ids=["nested", "flat"])
def test_facts_of_an_event(data):
    """The facts of an error inside a stream are kept like those of an answer."""
    told = vars(from_event(data, "req_1"))
    assert told == {**vars(from_answer(404, {"x-request-id": "req_1"}, NESTED)), "status_code": None}


def test_event_without_a_message():
    """An error that says nothing says that."""
    assert from_event({"error": {"code": 500}}, None).message == "The edge reported an error in the stream"


@pytest.mark.parametrize(("length", "quoted"), [(200, "x" * 200), (201, "x" * 200 + "…")])
def test_the_end_of_a_quotation(length, quoted):
    """An answer that is cut says so, and one that is not does not."""
    assert from_answer(500, {}, b"x" * length).message == f"The edge answered 500: {quoted}"


def test_argument():
    """The message is the exception's argument, as others read it."""
    assert errors.ServerError("no").args == ("no",)


@pytest.mark.parametrize(("given", "kept"), [("a", "a"), (429, "429"), (4.5, None), ({"a": 1}, None), (["a"], None)])
@pytest.mark.parametrize("field", ["code", "type", "param", "request_id"])
def test_facts_are_text(field, given, kept):
    """A fact that should be text is text, or left out: whoever compares it need not ask what it is."""
    assert getattr(from_answer(500, {}, json.dumps({"error": {field: given}}).encode()), field) == kept


def test_nesting_as_a_code():
    """A code that nests as deep as JSON may is no reason to fail."""
    code = json.loads("[" * 900 + "]" * 900)
    assert type(from_event({"error": {"message": "no", "code": code, "type": code, "status": code}}, None)) is (
        errors.ServerError
    )
