"""Answers that refuse: in any shape the class is that of the status, and the message says what the edge said."""

import json
import traceback

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
from tests.overlay.faults.edges import CHAT, FINE, answer, chunk, closes, head, heard, says, streams
from tests.overlay.faults.registry import fault


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
@fault("refusal", "The status is an error", then="the exception of the status, with message, code, type and request id")
def test_status(against, fails, status, kind):
    body = {"error": {"message": "it says", "type": "a_type", "code": "a_code", "param": "model"}}
    said = answer(body, "x-request-id: req_1", status=f"{status} No")
    facts = {"status_code": status, "request_id": "req_1", "code": "a_code", "type": "a_type", "param": "model"}
    with fails(kind, "it says", message="it says", **facts):
        against(says(said)).health()


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
@fault("refusal", "The error comes in OpenAI's shape, flat, as a text, or in FastAPI's", then="its message and code")
def test_envelopes(against, fails, body):
    with fails(NotFoundError, "no model", message="no model", code="model_not_found"):
        against(says(answer(body, status="404 Not Found"))).health()


@pytest.mark.parametrize(
    "body",
    [{"error": {"message": {"a": 1}}}, {"error": None}, {"error": []}, [], None, 7, {"error": {"code": 5}}],
    ids=json.dumps,
)
@fault("refusal", "The error's JSON says nothing that can be read", then="the error of its status, the body quoted")
def test_strange_envelopes(against, fails, body):
    with fails(NotFoundError, "The edge answered 404: ", status_code=404):
        against(says(answer(body, status="404 Not Found"))).health()


@pytest.mark.parametrize("body", [b"[" * 50_000, b'{"error": ' * 20_000])
@fault("refusal", "The error's JSON is nested 10,000 deep", then="the error of its status")
def test_deep_nesting(against, fails, body):
    with fails(NotFoundError, "The edge answered 404: "):
        against(says(answer(body, status="404 Not Found"))).health()


@fault("refusal", "A gateway answers 502 in HTML", then="`ServerError` that quotes its beginning, tried again")
def test_html(against, fails):
    page = b"<html>\n<h1>502 Bad Gateway</h1>" + b"<p>nginx</p>" * 1000
    with fails(ServerError, "The edge answered 502: <html> <h1>502 Bad Gateway</h1>", status_code=502) as caught:
        against(says(answer(page, status="502 Bad Gateway", media_type="text/html"))).health()
    assert len(caught.value.message) < 300


@fault("refusal", "An error has no body", then="the error of its status")
def test_empty(against, fails):
    with fails(ServerError, "The edge answered 500 with nothing in it", status_code=500):
        against(says(answer(b"", status="500 Internal Server Error"))).health()


@fault("refusal", "The body of an error is not UTF-8", then="the error of its status")
def test_not_utf_8(against, fails):
    with fails(NotFoundError, "The edge answered 404: �"):
        against(says(answer(b"\xff\xfe", status="404 Not Found"))).health()


@fault("refusal", "The body of an error is cut", then="the error of its status, what came quoted")
def test_cut(against, fails):
    said = head("x-request-id: req_1", length=100, status="404 Not Found") + b'{"error": {"mess'
    with fails(NotFoundError, r"The edge answered 404", status_code=404, request_id="req_1"):
        against(says(said, then=closes)).health()


@fault("refusal", "The body of an error never ends", then="the error of its status, in bounded time and memory")
def test_endless(against, fails, memory, within):
    def endless(connection):
        connection.request()
        connection.send(head(status="404 Not Found"))
        while True:
            connection.send(b"x" * 65536)

    with within(4), memory(4_000_000), fails(NotFoundError, "The edge answered 404", status_code=404):
        against(endless).health()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@fault("refusal", "A redirect leads to another host", then="`ServerError`; nobody is asked, and the key stays")
def test_redirect(against, serve, fails, status):
    other = serve(says(FINE))
    said = answer(b"", f"location: {other.url}/health", status=status)
    with fails(ServerError, status[:3], status_code=int(status[:3])):
        against(says(said), max_retries=2).chat_completion(CHAT)
    assert other.connections == 0


@fault("refusal", "It redirects, and your own `http_client` follows redirects", then="`ServerError`; nobody is asked")
def test_redirect_of_an_own_client(against, serve, connect, fails):
    other = serve(says(FINE))
    http = connect._http_kind(follow_redirects=True)
    connect._open.append(http)
    with fails(ServerError, "307"):
        against(says(answer(b"", f"location: {other.url}", status="307 No")), http_client=http).health()
    assert other.connections == 0


@pytest.mark.parametrize("status", ["300 Choices", "304 Not Modified", "307 Temporary"])
@fault("refusal", "It redirects to nowhere", then="`ServerError`")
def test_redirect_to_nowhere(against, fails, status):
    with fails(ServerError, status[:3]):
        against(says(head(status=status, length=0))).health()


def echoes(*, status, media_type="application/json", shape='{"error": {"message": "Invalid key %s", "code": "%s"}}'):
    """An edge that says the key back."""

    def script(connection):
        key = connection.request().headers["authorization"]
        body = shape.replace("%s", key).encode()
        connection.send(answer(body, status=status, media_type=media_type))
        connection.left()

    return script


@fault("refusal", "An error says your key back", then="the error of its status, `****` in the key's place")
def test_echoed_key(against, fails):
    with fails(AuthenticationError, r"Invalid key Bearer \*\*\*\*", code="Bearer ****"):
        against(echoes(status="401 Unauthorized")).health()


@fault("refusal", "A page of HTML shows your request", then="the error of its status, `****` in the key's place")
def test_echoed_request(against, fails):
    with fails(ServerError, r"<p>Authorization: Bearer \*\*\*\*</p>"):
        shape = "<p>Authorization: %s</p>"
        against(echoes(status="500 Oh", media_type="text/html", shape=shape)).health()


@fault("refusal", "An answer that is none says your key back", then="`ServerError`, `****` in the key's place")
def test_echoed_key_in_an_answer(against, fails):
    with fails(ServerError, r"the answer is not.*Bearer \*\*\*\*"):
        against(echoes(status="200 OK", shape='{"you": "%s"}')).health()


@pytest.mark.parametrize(
    ("event", "kind", "match"),
    [
        ('{"error": {"message": "no %s", "type": "authentication_error"}}', AuthenticationError, r"no \*\*\*\*"),
        ('{"you": "%s"}', ServerError, r"an event is not.*\*\*\*\*"),
    ],
    ids=["error", "junk"],
)
@fault("refusal", "A stream says your key back", then="the error, `****` in the key's place; local variables hold it")
def test_echoed_key_in_a_stream(against, key, event, kind, match):
    client = against(streams(chunk("a"), f"data: {event}\n\n".replace("%s", key).encode()))
    with pytest.raises(kind, match=match) as caught:
        list(client.chat_completion_stream(CHAT))
    assert caught.value.partial == "a"
    assert key not in "".join(traceback.format_exception(caught.value))


@fault("refusal", "An answer is refused, another call follows", then="the connection serves it, too")
def test_connection_is_kept(against, fails):
    def twice(connection):
        connection.request()
        connection.send(answer({"error": "no"}, status="404 Not Found"))
        connection.request()
        connection.send(FINE)
        connection.left()

    client = against(twice)
    with fails(NotFoundError, "no"):
        client.health()
    assert client.health().status == "healthy"
    assert (client.edge.connections, len(heard(client.edge))) == (1, 2)
