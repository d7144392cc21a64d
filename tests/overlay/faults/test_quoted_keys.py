"""Servers that send the API key back, in any notation and place."""

import json
import traceback
from urllib.parse import quote

import pytest

from polargrid import NetworkError, PolarGridError, ServerError, StreamInterruptedError
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    COMPLETION,
    EVENT_STREAM,
    HEALTH,
    chunk,
    close,
    response,
    response_head,
    wait_for_disconnect,
)

KEY = "pg_te/st+0123456789abcdef"  # with characters that JSON and URLs escape
NOTATIONS = {
    "plain": str,
    "slash": lambda key: key.replace("/", "\\/"),
    "lower hex": lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
    "upper hex": lambda key: "".join(f"\\u{ord(character):04X}" for character in key),
    "URL": lambda key: quote(key, safe=""),
    "HTML": lambda key: "".join(f"&#{ord(character)};" for character in key),
    "upper case": str.upper,
}
JSON_PLACES = {
    "message": '{"error": {"message": "no %s"}}',
    "text": '{"error": "no %s"}',
    "fields": '{"error": {"message": "no", "code": "%s", "type": "%s", "param": "%s", "request_id": "%s"}}',
    "details": '{"error": {"message": "no", "details": [{"%s": ["%s"]}]}}',
    "no message": '{"you": "%s"}',
    "not JSON": "<p>%s</p>",
}


def send_key(notation, body, *headers, status="400 No", media_type="application/json"):
    """Build a script that sends the key in a body and in headers, in a notation."""

    def script():
        text = NOTATIONS[notation]((yield ReceiveRequest()).headers["authorization"].removeprefix("Bearer "))
        lines = [header.replace("%s", text) for header in headers]
        yield Send(response(body.replace("%s", text).encode(), *lines, status=status, media_type=media_type))
        yield from wait_for_disconnect()

    return script


def assert_hidden(error):
    """Check that an exception shows no notation of the key."""
    shown = f"{error} {error!r} {vars(error)} {error.meta} {error.__cause__} {json.dumps(error.details)}".lower()
    for notate in NOTATIONS.values():
        assert notate(KEY).lower() not in shown
        assert json.dumps(notate(KEY))[1:-1].lower() not in shown
    assert "****" in shown


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("place", JSON_PLACES)
@fault(
    "error",
    "An error quotes your key, plain or escaped as in JSON, URLs or HTML, in any field",
    result="its error, `****` instead of the key",
    line='fake.fault("key-quoted", part="details", notation="json")',
)
def test_notations(connect_to, notation, place):
    client = connect_to(send_key(notation, JSON_PLACES[place]), api_key=KEY)
    with pytest.raises(PolarGridError) as caught:
        client.health()
    assert_hidden(caught.value)


@pytest.mark.parametrize("notation", NOTATIONS)
@fault(
    "error",
    "Its headers quote your key: the request id, or the location of a redirect",
    result="its error, `****` instead of the key, also in `meta`",
    line='fake.fault("key-quoted", part="location")',
)
def test_headers(connect_to, notation):
    script = send_key(notation, "", "x-request-id: %s", "location: https://%s/", status="307 Moved")
    with pytest.raises(ServerError, match=r"request \*\*\*\*") as caught:
        connect_to(script, api_key=KEY).health()
    assert_hidden(caught.value)
    assert caught.value.meta.headers["location"] == "https://****/"


@fault(
    "error",
    "The request id of a response quotes your key",
    result="the response, `****` instead of the key",
    line='fake.fault("key-quoted", part="request-id")',
)
def test_request_id(connect_to):
    script = send_key("plain", json.dumps(COMPLETION), "x-request-id: %s", status="200 OK")
    raw = connect_to(script, api_key=KEY).chat.completions.with_raw_response.create(**CHAT)
    assert (repr(raw), raw.request_id, raw.parse().meta.headers["x-request-id"]) == (
        "<RawResponse 200 ****>",
        "****",
        "****",
    )


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(
    "body",
    ['{"status": ["%s"]}', '{"status": "%s", "backend": "%s"}', '{"status": "%s"', '{"%s": 1}', "%s"],
    ids=["type", "value", "truncated", "name", "text"],
)
@fault(
    "error",
    "A response that does not match quotes your key",
    result="`ServerError`, `****` instead of the key",
    line='fake.fault("key-quoted", part="json", notation="url")',
)
def test_invalid_response(connect_to, notation, body):
    with pytest.raises(ServerError, match="response does not match") as caught:
        connect_to(send_key(notation, body, status="200 OK"), api_key=KEY).health()
    assert_hidden(caught.value)


@pytest.mark.parametrize("position", range(150, 215, 8))
@fault(
    "error",
    "The part of a body that an error quotes ends inside your key",
    result="no part of the key",
    line='fake.fault("key-quoted", part="cut-off")',
)
def test_excerpt(connect_to, key, position):
    body = json.dumps({"you": "x" * position + key})
    with pytest.raises(ServerError, match="HTTP 500: ") as caught:
        connect_to(send_key("plain", body, status="500 No")).health()
    assert key[:6] not in str(caught.value)


@fault(
    "error",
    "A line that is not HTTP quotes your key",
    result="`NetworkError`, `****` instead of the key",
    line='fake.fault("key-quoted", part="header-line")',
)
def test_invalid_header(connect_to):
    def script():
        key = (yield ReceiveRequest()).headers["authorization"].removeprefix("Bearer ")
        yield Send(f"HTTP/1.1 200 OK\r\n{key} {key}\r\n\r\n".encode())
        yield from wait_for_disconnect()

    with pytest.raises(NetworkError, match="connection error") as caught:
        connect_to(script, api_key=KEY).health()
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(
    "event",
    ['data: {"error": {"message": "no %s"}}', "event: error\ndata: no %s", 'data: {"id": ["%s"]}', "data: %s"],
    ids=["error", "name", "value", "text"],
)
@fault(
    "error",
    "An event of a stream quotes your key, plain or escaped",
    result="the error, `****` instead of the key, also in local variables",
    line='fake.fault("key-quoted", part="error-event")',
)
def test_event(connect_to, notation, event):
    body = chunk("a").decode() + event + "\n\n"
    script = send_key(notation, body, status="200 OK", media_type=EVENT_STREAM)
    with pytest.raises(PolarGridError) as caught:
        list(connect_to(script, api_key=KEY).chat_completion_stream(CHAT))
    assert_hidden(caught.value)


@fault(
    "error",
    "The text of a stream that fails quotes your key, in two events",
    result="`****` in `partial`",
    line='fake.fault("key-quoted", part="partial")',
)
def test_partial(connect_to, expect_error, key):
    def script():
        yield ReceiveRequest()
        yield Send(response_head(media_type=EVENT_STREAM) + chunk(key[:9]) + chunk(key[9:]))
        yield from close()

    with expect_error(StreamInterruptedError, partial="****"):
        list(connect_to(script).chat_completion_stream(CHAT))


@fault(
    "error",
    "A model's text that does not match its type quotes your key",
    result="`ServerError`, `****` instead",
    line='fake.fault("key-quoted", part="field", field="choices.0.message.content")',
)
def test_structured_output(connect_to, key):
    choice = {"message": {"role": "assistant", "content": f'{{"key": "{key}"}}'}, "finish_reason": "stop", "index": 0}
    script = send_key("plain", json.dumps({**COMPLETION, "choices": [choice]}), status="200 OK")
    with pytest.raises(ServerError, match=r"\*\*\*\*") as caught:
        connect_to(script).chat.completions.parse(**CHAT, response_format=list[int])
    assert key not in f"{caught.value} {caught.value.partial}"


@fault(
    "error",
    "A response that matches quotes your key",
    result="the response as it was sent: it is yours",
    line='fake.fault("key-quoted", part="field", field="model")',
)
def test_valid_response(connect_to, key):
    script = send_key("plain", json.dumps({**HEALTH, "runtime": "%s"}), status="200 OK")
    assert connect_to(script).health().runtime == key
