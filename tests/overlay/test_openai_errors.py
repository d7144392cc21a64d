"""What programs for OpenAI's SDK read of an exception: its class, `response`, `request` and `body`."""

import builtins
import io
import json
import pickle
import traceback

import httpx
import pytest

from polargrid import PolarGridSync, errors
from polargrid_codec.error_responses import from_event, from_response
from tests.overlay.test_secrets import SECRET, build_key, render

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
ERROR = {"message": "No such model", "type": "not_found_error", "code": "model_not_found", "param": "model"}


def catch(call, kind=errors.PolarGridError):
    """Return the exception that a call raises."""
    with pytest.raises(kind) as caught:
        call()
    return caught.value


# Classes


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, errors.APIStatusError),
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (402, errors.APIStatusError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (405, errors.APIStatusError),
        (408, errors.APIStatusError),
        (409, errors.ConflictError),
        (413, errors.APIStatusError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (500, errors.InternalServerError),
        (503, errors.InternalServerError),
    ],
)
def test_class_by_status(status, kind):
    """Every response with an error is an APIStatusError, of OpenAI's class for its status."""
    error = from_response(status, {}, b"{}")
    assert isinstance(error, kind)
    assert isinstance(error, errors.APIStatusError)


def test_no_class_for_another_status():
    """A handler for one status does not see the others."""
    assert not isinstance(from_response(422, {}, b""), errors.BadRequestError)
    assert not isinstance(from_response(413, {}, b""), errors.BadRequestError)
    assert not isinstance(from_response(401, {}, b""), errors.PermissionDeniedError)
    assert not isinstance(from_response(500, {}, b""), errors.APIConnectionError)


def test_a_timeout_is_no_network_error():
    """Both are connection errors; a handler of NetworkError that stands first does not catch a timeout."""
    assert not issubclass(errors.TimeoutError, errors.NetworkError)
    assert issubclass(errors.TimeoutError, errors.APIConnectionError)
    assert issubclass(errors.TimeoutError, builtins.TimeoutError)
    assert issubclass(errors.NetworkError, errors.APIConnectionError)


def test_a_connection_error_has_no_status():
    """A handler of APIStatusError does not catch it."""
    for kind in (errors.TimeoutError, errors.NetworkError, errors.StreamInterruptedError):
        assert not issubclass(kind, errors.APIStatusError)


def test_invalid_request(connect):
    """A request that is refused before it is sent is what a server would refuse with 400."""
    client = connect(httpx.Response(500))
    error = catch(lambda: client.chat_completion({**CHAT, "temperature": 3}), errors.BadRequestError)
    assert (error.status_code, error.response, error.body, error.sent) == (None, None, None, False)
    assert (error.param, error.type, client.requests) == ("temperature", "invalid_request_error", [])
    assert catch(lambda: client.health(timeout="soon"), errors.BadRequestError).param == "timeout"


INVALID_CALLS = {
    "field": lambda client: client.chat_completion({**CHAT, "temperature": 3}),
    "stream": lambda client: list(client.chat_completion_stream({**CHAT, "temperature": 3})),
    "named": lambda client: client.chat.completions.create(model="m", messages=[{"role": "usr"}]),
    "path": lambda client: client.models.retrieve(""),
    "file": lambda client: client.transcribe("/no/such/file", {"model": "whisper-1"}),
    "timeout": lambda client: client.health(timeout="soon"),
    "extra_headers": lambda client: client.health(extra_headers={"authorization": "x"}),
    "extra_body": lambda client: client.health(extra_body={"a": 1}),
}


@pytest.mark.parametrize("use", INVALID_CALLS)
def test_refused_request(connect, use):
    """Whatever is wrong with a request, it is a BadRequestError, and nothing is sent."""
    client = connect(httpx.Response(500))
    error = catch(lambda: INVALID_CALLS[use](client))
    assert (type(error), error.status_code, error.sent) == (errors.BadRequestError, None, False)
    assert client.requests == []


def test_file_that_cannot_be_read(connect):
    """It is one, if that shows while the request is sent."""

    class File(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, _buffer):
            raise OSError("no")

    error = catch(lambda: connect(httpx.Response(500)).transcribe(("a.wav", File()), {"model": "whisper-1"}))
    assert type(error) is errors.BadRequestError


def test_invalid_option_of_a_client():
    """It is no request."""
    assert type(catch(lambda: PolarGridSync(region="mars"))) is errors.ValidationError


def test_no_connection(connect):
    """It is an APIConnectionError with the request, and without a response."""
    error = catch(connect(httpx.ConnectError("refused")).health, errors.APIConnectionError)
    assert (error.response, error.body, error.request.method) == (None, None, "GET")
    assert error.request.url.path == "/health"


def test_timeout(connect):
    """It is an APIConnectionError, as in OpenAI's SDK."""
    error = catch(connect(httpx.ReadTimeout("slow")).health, errors.APIConnectionError)
    assert isinstance(error, errors.TimeoutError)


def test_closed_client(connect):
    """A call of a closed client is an APIConnectionError."""
    client = connect(httpx.Response(200))
    client.close()
    assert not catch(client.health, errors.APIConnectionError).sent


# The response


def test_response(connect):
    """It has status, headers, URL and body, as a response of httpx."""
    response = httpx.Response(404, headers={"x-request-id": "req_1", "x-trace": "a"}, json={"error": ERROR})
    error = catch(lambda: connect(response, base_url="http://test").chat_completion(CHAT), errors.NotFoundError)
    assert isinstance(error.response, httpx.Response)
    assert (error.response.status_code, error.response.headers["X-Trace"]) == (404, "a")
    assert error.response.json() == {"error": ERROR}
    assert json.loads(error.response.text) == {"error": ERROR}
    assert str(error.response.url) == "http://test/v1/chat/completions"
    assert (error.response.request.method, error.request.method) == ("POST", "POST")
    assert (error.body, error.request_id) == (ERROR, "req_1")
    assert (error.code, error.param, error.type) == ("model_not_found", "model", "not_found_error")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'{"error": {"message": "no"}}', {"message": "no"}),
        (b'{"error": "no"}', "no"),
        (b'{"message": "no"}', {"message": "no"}),
        (b'{"error": null}', None),
        (b"[1]", [1]),
        (b"<p>Bad Gateway", "<p>Bad Gateway"),
        (b"", ""),
        (b"\xff", "\ufffd"),
    ],
)
def test_body(content, body):
    """It is the object below `error`, any other JSON, or text."""
    error = from_response(502, {}, content)
    assert error.body == body
    assert error.response.content == content.decode("utf-8", "replace").encode()


def test_charset(connect):
    """The text is what the server sent, whatever the media type says."""
    response = httpx.Response(502, headers={"content-type": "text/plain; charset=latin-1"}, content="é".encode())
    assert catch(connect(response).health).response.text == "é"


def test_body_of_an_event():
    """An error event has the error as its body, and no response of its own."""
    error = from_event({"error": ERROR}, "req_1")
    assert (error.body, error.response) == (ERROR, None)


def test_timeout_of_a_request():
    """It is created with the request alone, as OpenAI's is."""
    request = httpx.Request("GET", "http://127.0.0.1/v1/models")
    for error in (errors.TimeoutError(request), errors.TimeoutError(request=request)):
        assert (str(error), error.request) == ("request timed out", request)
    assert str(errors.TimeoutError("too late")) == "too late"


def test_response_that_does_not_match(connect):
    """Its exception has the body as it is."""
    headers = {"content-type": "application/json", "content-encoding": "identity"}
    error = catch(connect(httpx.Response(200, headers=headers, content=b'{"a": 1}')).health)
    assert isinstance(error, errors.APIResponseValidationError | errors.ServerError)
    assert (error.response.status_code, error.response.json()) == (200, {"a": 1})


def test_long_response():
    """The exception keeps the beginning."""
    error = from_response(500, {}, b"x" * 10_000_000)
    assert len(pickle.dumps(error)) < 100_000


def test_redirect(connect):
    """Its response has the location."""
    error = catch(connect(httpx.Response(302, headers={"location": "/elsewhere"})).health, errors.APIStatusError)
    assert error.response.headers["location"] == "/elsewhere"


def test_pickle(connect):
    """The copy has the response, too."""
    error = catch(connect(httpx.Response(404, json={"error": ERROR})).health)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(copy), copy.body, copy.message) == (errors.NotFoundError, ERROR, error.message)
    assert copy.response.json() == {"error": ERROR}
    assert copy.request.url == error.request.url


def test_no_frame_is_kept(connect):
    """Neither `response` nor `request` refers to frames of the SDK or to a connection."""
    error = catch(connect(httpx.Response(404, json={"error": ERROR})).health)
    assert error.response.is_closed
    assert error.response is not error.response
    assert all(frame.f_locals.get("body") is None for frame, _ in traceback.walk_tb(error.__traceback__))


@pytest.mark.parametrize("shape", ["json", "html", "long", "names"])
def test_response_that_quotes_the_key(connect, shape):
    """The key is in no attribute: not in the response, its headers, the body, nor in the URL."""
    content = {
        "json": json.dumps({"error": {"message": "no", "key": build_key(), "list": [{"key": build_key()}]}}),
        "html": f"<p>{build_key()}",
        "long": "x" * (32 * 1024 - 10) + build_key() + "x" * 100_000,
        "names": json.dumps({"error": {build_key(): 1}}),
    }[shape].encode()
    response = httpx.Response(401, headers={"x-key": build_key()}, content=content)
    error = catch(connect(response, api_key=build_key()).health)
    facts = [vars(error), error.body, error.response.text, error.response.headers, error.response.request.headers]
    facts += [error.request.url, error.response.content, pickle.dumps(error)]
    assert SECRET[:10] not in f"{facts} {render(error)}"


def test_path_that_has_the_key(connect):
    """It is replaced in the URL of the request."""
    client = connect(httpx.Response(401), api_key=build_key())
    error = catch(lambda: client.models.retrieve(build_key()))
    assert SECRET not in f"{vars(error)} {error.request.url} {error.response.url}"


# Exceptions that a program creates, as its tests do


def test_status_error_of_a_program():
    """It is created with a response and a body, as OpenAI's is."""
    request = httpx.Request("POST", "http://test/v1/chat/completions")
    response = httpx.Response(429, headers={"x-request-id": "req_1"}, request=request)
    error = errors.RateLimitError("slow down", response=response, body={"code": "rate_limit_exceeded", "type": "a"})
    assert (error.status_code, error.request_id, error.code, error.type) == (429, "req_1", "rate_limit_exceeded", "a")
    assert (error.response, error.request) == (response, request)


def test_connection_error_of_a_program():
    """It needs no message."""
    request = httpx.Request("POST", "http://test")
    assert errors.APIConnectionError(request=request).request is request
    assert errors.TimeoutError(request=request).message
    assert errors.APIError("no", request, body={"param": "model"}).param == "model"
