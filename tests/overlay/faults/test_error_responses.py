"""Error responses: the status selects the class, and the message is what the server says, in any shape."""

import json

import pytest

from polargrid import (
    AuthenticationError,
    BillingError,
    NotFoundError,
    PolarGridError,
    RateLimitError,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
    ValidationError,
)
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    HEALTHY,
    chunk,
    close,
    response,
    response_head,
    send,
    send_in_turn,
    stream,
    wait_for_disconnect,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ValidationError),
        (401, AuthenticationError),
        (402, BillingError),
        (403, AuthenticationError),
        (404, NotFoundError),
        (408, TimeoutError),
        (409, PolarGridError),
        (413, ValidationError),
        (415, ValidationError),
        (418, PolarGridError),
        (422, ValidationError),
        (429, RateLimitError),
        (500, ServerError),
        (503, ServerError),
        (599, ServerError),
        (999, ServerError),
    ],
)
@fault(
    "error",
    "The status is an error",
    result="the exception of the status, with message, code, type, request id",
    line='fake.fault("error", status=404)',
)
def test_status(connect_to, expect_error, status, kind):
    body = {"error": {"message": "a message", "type": "a_type", "code": "a_code", "param": "model"}}
    data = response(body, "x-request-id: req_1", status=f"{status} No")
    attributes = {"status_code": status, "request_id": "req_1", "code": "a_code", "type": "a_type", "param": "model"}
    with expect_error(kind, "a message", message="a message", **attributes):
        connect_to(send(data)).health()


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "no model", "code": "model_not_found"}},
        {"message": "no model", "code": "model_not_found"},
        {"error": "no model", "code": "model_not_found"},
        {"detail": "no model", "code": "model_not_found"},
    ],
    ids=json.dumps,
)
@fault(
    "error",
    "The error has OpenAI's shape, is flat, a string, or has FastAPI's shape",
    result="its message and code",
    line='fake.fault("error", status=404, shape="fastapi")',
)
def test_shapes(connect_to, expect_error, body):
    with expect_error(NotFoundError, "no model", message="no model", code="model_not_found"):
        connect_to(send(response(body, status="404 Not Found"))).health()


@pytest.mark.parametrize(
    "body",
    [{"error": {"message": {"a": 1}}}, {"error": None}, {"error": []}, [], None, 7, {"error": {"code": 5}}],
    ids=json.dumps,
)
@fault(
    "error",
    "The JSON of an error has no message",
    result="the error of its status that quotes the body",
    line='fake.fault("error", status=404, shape="no-message")',
)
def test_unknown_shapes(connect_to, expect_error, body):
    with expect_error(NotFoundError, "HTTP 404: ", status_code=404):
        connect_to(send(response(body, status="404 Not Found"))).health()


@pytest.mark.parametrize("body", [b"[" * 50_000, b'{"error": ' * 20_000])
@fault(
    "error",
    "The JSON of an error is nested 10,000 levels deep",
    result="the error of its status",
    line='fake.fault("json-invalid", problem="deep", status=404)',
)
def test_deep_nesting(connect_to, expect_error, body):
    with expect_error(NotFoundError, "HTTP 404: "):
        connect_to(send(response(body, status="404 Not Found"))).health()


@fault(
    "error",
    "A gateway responds 502 in HTML",
    result="`ServerError` that quotes its beginning, retried",
    line='fake.fault("html", status=502, times=None)',
)
def test_html(connect_to, expect_error):
    page = b"<html>\n<h1>502 Bad Gateway</h1>" + b"<p>nginx</p>" * 1000
    client = connect_to(
        send_in_turn(*[response(page, status="502 Bad Gateway", media_type="text/html")] * 2), max_retries=1
    )
    with expect_error(ServerError, "HTTP 502: <html> <h1>502 Bad Gateway</h1>", status_code=502) as caught:
        client.health()
    assert len(caught.value.message) < 300
    assert len(client.server.requests) == 2


@fault(
    "error",
    "An error has no body",
    result="the error of its status",
    line='fake.fault("error", status=500, shape="empty")',
)
def test_empty(connect_to, expect_error):
    with expect_error(ServerError, "HTTP 500 with an empty body", status_code=500):
        connect_to(send(response(b"", status="500 Internal Server Error"))).health()


@fault(
    "error",
    "The body of an error is not UTF-8",
    result="the error of its status",
    line='fake.fault("json-invalid", problem="binary", status=404)',
)
def test_not_utf_8(connect_to, expect_error):
    with expect_error(NotFoundError, "HTTP 404: �"):
        connect_to(send(response(b"\xff\xfe", status="404 Not Found"))).health()


@fault(
    "error",
    "The body of an error is truncated",
    result="the error of its status that quotes what was received",
    line='fake.fault("cut", status=404)',
)
def test_truncated(connect_to, expect_error):
    data = response_head("x-request-id: req_1", length=100, status="404 Not Found") + b'{"error": {"mess'
    with expect_error(NotFoundError, 'HTTP 404: {"error": {"mess', status_code=404, request_id="req_1"):
        connect_to(send(data, then=close)).health()


@fault(
    "error",
    "The body of an error never ends",
    result="the error of its status, in bounded time and memory",
    line='fake.fault("endless", data=b"x" * 65_536, delay=0.0, status=404)',
)
def test_endless(connect_to, expect_error, limit_memory):
    def send_forever():
        yield ReceiveRequest()
        yield Send(response_head(status="404 Not Found"))
        while True:
            yield Send(b"x" * 65536)

    with limit_memory(4_000_000), expect_error(NotFoundError, "HTTP 404", status_code=404):
        connect_to(send_forever).health()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@fault(
    "error",
    "A redirect to another host",
    result="`ServerError` that names the target and the base URL to set; it is not followed, the key is not sent to it",
    line='fake.fault("redirect", location="http://other.invalid/v1")',
)
def test_redirect(connect_to, serve, expect_error, status):
    other = serve(send(HEALTHY))
    data = response(b"", f"location: {other.url}/v1/chat/completions", status=status)
    message = f"redirect to '{other.url}/v1/chat/completions' is not followed; set base_url to '{other.url}'"
    with expect_error(ServerError, message, status_code=int(status[:3])):
        connect_to(send(data), max_retries=2).chat_completion(CHAT)
    assert other.connections == 0


@fault(
    "error",
    "A redirect, and your `http_client` follows redirects",
    result="`ServerError`; it is not followed",
    line='fake.fault("redirect", location="http://other.invalid/v1")',
)
def test_redirect_with_http_client(connect_to, serve, connect, expect_error):
    other = serve(send(HEALTHY))
    http_client = connect.http_client(follow_redirects=True)
    data = response(b"", f"location: {other.url}", status="307 No")
    with expect_error(ServerError, "307"):
        connect_to(send(data), http_client=http_client).health()
    assert other.connections == 0


@pytest.mark.parametrize("status", ["300 Choices", "304 Not Modified", "307 Temporary"])
@fault("error", "A redirect without a location", result="`ServerError`", line='fake.fault("redirect", location=None)')
def test_redirect_without_location(connect_to, expect_error, status):
    with expect_error(ServerError, status[:3]):
        connect_to(send(response_head(status=status, length=0))).health()


def quote_key(*, status, media_type="application/json", body='{"error": {"message": "Invalid key %s", "code": "%s"}}'):
    """Build a script whose response quotes the key."""

    def script():
        key = (yield ReceiveRequest()).headers["authorization"]
        yield Send(response(body.replace("%s", key).encode(), status=status, media_type=media_type))
        yield from wait_for_disconnect()

    return script


@fault(
    "error",
    "An error quotes your key",
    result="the error of its status, `****` instead of the key",
    line='fake.fault("key-quoted")',
)
def test_quoted_key(connect_to, expect_error):
    with expect_error(AuthenticationError, r"Invalid key Bearer \*\*\*\*", code="Bearer ****"):
        connect_to(quote_key(status="401 Unauthorized")).health()


@fault(
    "error",
    "A page of HTML quotes your request",
    result="the error of its status, `****` instead of the key",
    line='fake.fault("key-quoted", part="html")',
)
def test_quoted_request(connect_to, expect_error):
    script = quote_key(status="500 Oh", media_type="text/html", body="<p>Authorization: %s</p>")
    with expect_error(ServerError, r"<p>Authorization: Bearer \*\*\*\*</p>"):
        connect_to(script).health()


@fault(
    "error",
    "An invalid response quotes your key",
    result="`ServerError`, `****` instead of the key",
    line='fake.fault("key-quoted", part="json")',
)
def test_quoted_key_in_invalid_response(connect_to, expect_error):
    with expect_error(ServerError, r"response does not match.*Bearer \*\*\*\*"):
        connect_to(quote_key(status="200 OK", body='{"you": "%s"}')).health()


@pytest.mark.parametrize(
    ("event", "kind", "match"),
    [
        ('{"error": {"message": "no %s", "type": "authentication_error"}}', AuthenticationError, r"no \*\*\*\*"),
        ('{"you": "%s"}', ServerError, r"event does not match.*\*\*\*\*"),
    ],
    ids=["error", "junk"],
)
@fault(
    "error",
    "A stream quotes your key",
    result="the error, `****` instead of the key",
    line='fake.fault("key-quoted", part="event")',
)
def test_quoted_key_in_stream(connect_to, expect_error, key, event, kind, match):  # noqa: PLR0917 - fixtures
    client = connect_to(stream(chunk("a"), f"data: {event}\n\n".replace("%s", key).encode()))
    with expect_error(kind, match, partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "error",
    "A call follows an error response",
    result="it uses the same connection",
    line='fake.fault("error", status=404)',
)
def test_connection_is_reused(connect_to, expect_error):
    client = connect_to(send_in_turn(response({"error": "no"}, status="404 Not Found"), HEALTHY))
    with expect_error(NotFoundError, "no"):
        client.health()
    assert client.health().status == "healthy"
    assert (client.server.connections, len(client.server.requests)) == (1, 2)
