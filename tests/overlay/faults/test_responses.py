"""Responses that are incomplete, or not what the operation promises."""

import json

import pytest

from polargrid import NetworkError, ServerError
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    COMPLETION,
    HEALTH,
    HEALTHY,
    SPEECH,
    close,
    drip,
    response,
    response_head,
    send,
    send_in_turn,
)

CHUNKED = response_head("transfer-encoding: chunked")
MISMATCH = "health: response does not match HealthResponse"


@fault(
    "response",
    "The body is shorter than Content-Length",
    result="`NetworkError`, retried; never half a value",
    line='fake.fault("content-length", problem="too-long", times=None)',
)
def test_short_body(connect_to, expect_error):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(response_head(length=1000) + b'{"status"', then=close)).health()


@fault(
    "response",
    "Audio is shorter than Content-Length",
    result="`NetworkError`, though the first half is valid audio",
    line='fake.fault("cut")',
)
def test_short_audio(connect_to, expect_error):
    data = response_head(length=1000, media_type="audio/mpeg") + b"ID3"
    with expect_error(NetworkError, "connection error"):
        connect_to(send(data, then=close)).text_to_speech(SPEECH)


@fault(
    "response",
    "The connection closes inside a chunk",
    result="`NetworkError`",
    line='fake.fault("chunked", problem="cut")',
)
def test_truncated_chunk(connect_to, expect_error):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(CHUNKED + b"1000\r\n{", then=close)).health()


@fault(
    "response",
    "The last chunk is missing",
    result="`NetworkError`, though the JSON is complete",
    line='fake.fault("chunked", problem="no-end")',
)
def test_no_last_chunk(connect_to, expect_error):
    body = json.dumps(HEALTH).encode()
    with expect_error(NetworkError, "connection error"):
        connect_to(send(CHUNKED + b"%x\r\n%s\r\n" % (len(body), body), then=close)).health()


@pytest.mark.parametrize("size", [b"zz\r\n", b"-1\r\n", b"f" * 40 + b"\r\n", b"1" * 1_000_000], ids=len)
@fault(
    "response", "The size of a chunk is invalid", result="`NetworkError`", line='fake.fault("chunked", problem="size")'
)
def test_invalid_chunk_size(connect_to, expect_error, size):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(CHUNKED + size + b"{")).health()


@pytest.mark.parametrize("lengths", [["-1"], ["x"], ["5", "6"], ["9" * 30]], ids=str)
@fault(
    "response",
    "Content-Length is invalid, or there are two that differ",
    result="`NetworkError`",
    line='fake.fault("content-length", problem="different")',
)
def test_invalid_length(connect_to, expect_error, lengths):
    head = response_head(*[f"content-length: {length}" for length in lengths])
    with expect_error(NetworkError, "connection error"):
        connect_to(send(head + b"{}", then=close)).health()


@pytest.mark.parametrize("lengths", ["{0}\r\ncontent-length: {0}", "{0}, {0}"], ids=["two headers", "a list"])
@fault(
    "response",
    "Content-Length is there twice, with the same value",
    result="the response; its connection is used again",
    line='fake.fault("content-length", problem="repeated")',
)
def test_equal_lengths(connect_to, lengths):
    body = json.dumps(HEALTH).encode()
    data = response_head(f"content-length: {lengths.format(len(body))}") + body
    client = connect_to(send_in_turn(data, data))
    assert [client.health().status for _ in range(2)] == ["healthy"] * 2


@fault(
    "response",
    "Transfer-Encoding is unknown",
    result="`NetworkError`",
    line='fake.fault("transfer-encoding", value="unknown")',
)
def test_unknown_transfer_encoding(connect_to, expect_error):
    with expect_error(NetworkError, "connection error"):
        connect_to(send(response_head("transfer-encoding: unknown") + b"{}")).health()


@pytest.mark.parametrize("length", [None, 10**12])
@fault(
    "response",
    "The body never ends",
    result="`ServerError` after `max_body_bytes`, 64 MiB by default",
    line='fake.fault("endless", data=b" " * 65_536, delay=0.0)',
)
def test_endless_body(connect_to, expect_error, limit_memory, length):
    script = drip(iter(lambda: b" " * 65536, b""), before=response_head(length=length), pause=0)
    with limit_memory(32_000_000), expect_error(ServerError, "exceeds max_body_bytes, 1000000 bytes"):
        connect_to(script, max_body_bytes=1_000_000).health()


@pytest.mark.parametrize(
    "body",
    [b'{"status": "heal', b"", b"\xff\xfe\xfa", b'{"status": "\xff"}', json.dumps(HEALTH).encode("utf-16")],
    ids=["truncated", "empty", "binary", "not UTF-8", "UTF-16"],
)
@fault(
    "response",
    "The JSON is truncated, empty, or not UTF-8",
    result="`ServerError` that quotes it, not retried",
    line='fake.fault("json-invalid", problem="truncated")',
)
def test_invalid_json(connect_to, expect_error, body):
    client = connect_to(send(response(body)), max_retries=2)
    with expect_error(ServerError, MISMATCH, status_code=200):
        client.health()
    assert len(client.server.requests) == 1


@pytest.mark.parametrize("body", [[], None, 7, "healthy", {}, {"error": {"message": "no"}}], ids=json.dumps)
@fault(
    "response",
    "The JSON has another type, or is an error with status 200",
    result="`ServerError` that quotes it",
    line='fake.fault("json", value=[])',
)
def test_wrong_type(connect_to, expect_error, body):
    with expect_error(ServerError, MISMATCH) as caught:
        connect_to(send(response(body))).health()
    assert json.dumps(body) in caught.value.message


@fault(
    "response",
    "A field has another type",
    result="`ServerError` that names the expected model",
    line='fake.fault("field", path="choices", value="none")',
)
def test_wrong_field(connect_to, expect_error):
    with expect_error(ServerError, "chat_completion: response does not match ChatCompletionResponse"):
        connect_to(send(response({**COMPLETION, "choices": "none"}))).chat_completion(CHAT)


@fault(
    "response",
    "A required field is missing",
    result="`ServerError`",
    line='fake.fault("field", path="choices", missing=True)',
)
def test_missing_field(connect_to, expect_error):
    with expect_error(ServerError, MISMATCH):
        connect_to(send(response({name: HEALTH[name] for name in HEALTH if name != "status"}))).health()


@fault(
    "response",
    "An optional field is missing",
    result="the response; the field is `None`",
    line='fake.fault("field", path="node", missing=True)',
)
def test_missing_optional_field(connect_to):
    assert connect_to(send(HEALTHY)).health().node is None


@fault(
    "response",
    "An enumerated value is unknown",
    result="the response, with the value as it was sent",
    line='fake.fault("field", path="choices.0.finish_reason", value="new_reason")',
)
def test_unknown_value(connect_to):
    choice = {**COMPLETION["choices"][0], "finish_reason": "new_reason"}
    completion = connect_to(send(response({**COMPLETION, "choices": [choice]}))).chat_completion(CHAT)
    assert completion.choices[0].finish_reason == "new_reason"


@fault(
    "response",
    "A field is unknown",
    result="the response; the field is in `model_extra`",
    line='fake.fault("field", path="new_field", value=[1])',
)
def test_unknown_field(connect_to):
    assert connect_to(send(response({**HEALTH, "new_field": [1]}))).health().model_extra == {"new_field": [1]}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
@fault(
    "response",
    "An integer is `NaN` or infinite",
    result="`ServerError`",
    line='fake.fault("number-invalid", path="created", value="NaN")',
)
def test_nan(connect_to, expect_error, text):
    body = json.dumps(COMPLETION).replace('"created": 1', f'"created": {text}').encode()
    with expect_error(ServerError, "chat_completion: response does not match"):
        connect_to(send(response(body))).chat_completion(CHAT)


@pytest.mark.parametrize("text", ["NaN", "Infinity"])
@fault(
    "response",
    "An unknown field is `NaN` or infinite, which is not JSON",
    result="the response",
    line='fake.fault("number-invalid", path="new_field", value="Infinity")',
)
def test_nan_in_unknown_field(connect_to, text):
    body = json.dumps(COMPLETION).replace('"created": 1', f'"created": 1, "new_field": {text}').encode()
    assert connect_to(send(response(body))).chat_completion(CHAT).created == 1


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"status": ' + b"[" * 10_000 + b"]" * 10_000])
@fault(
    "response",
    "The JSON is nested 10,000 levels deep",
    result="`ServerError`",
    line='fake.fault("json-invalid", problem="deep")',
)
def test_deep_nesting(connect_to, expect_error, body):
    with expect_error(ServerError, MISMATCH):
        connect_to(send(response(body))).health()


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (lambda client: client.list_models(), b'{"object":"list","data":[' + b"1," * 300_000 + b"1]}"),
        (lambda client: client.chat_completion(CHAT), b'{"choices":[' + b"{}," * 300_000 + b"{}]}"),
        (
            lambda client: client.get_model_status(),
            b'{"loaded":[],"loading_status":{' + b",".join(b'"%d":[]' % item for item in range(100_000)) + b"}}",
        ),
    ],
    ids=["list", "objects", "dict"],
)
@fault(
    "response",
    "The JSON holds 100,000 invalid items",
    result="`ServerError` with the first of them, in bounded memory",
    line='fake.fault("json-invalid", problem="many-items")',
)
def test_many_invalid_items(connect_to, expect_error, call, body):
    with expect_error(ServerError, "response does not match") as caught:
        call(connect_to(send(response(body))))
    assert len(str(caught.value)) < 1000


@fault(
    "response",
    "A string holds a lone surrogate, `\\ud800`",
    result="`ServerError`: UTF-8 cannot encode it",
    line='fake.fault("json-invalid", problem="surrogate")',
)
def test_lone_surrogate(connect_to, expect_error):
    body = json.dumps(HEALTH).replace("llama.cpp", "\\ud800").encode()
    with expect_error(ServerError, MISMATCH):
        connect_to(send(response(body))).health()


@pytest.mark.parametrize("media_type", ["text/html", "text/plain", "image/png", None])
@fault(
    "response",
    "HTML or another media type with status 200",
    result="`ServerError` that quotes it",
    line='fake.fault("html", status=200)',
)
def test_html(connect_to, expect_error, media_type):
    with expect_error(ServerError, "Content-Type .*in the response: <p>Log in</p>", status_code=200):
        connect_to(send(response(b"<p>Log in</p>", media_type=media_type))).health()


@fault("response", "204 without a body", result="`ServerError`", line='fake.fault("no-content")')
def test_no_content(connect_to, expect_error):
    with expect_error(ServerError, "no Content-Type in the response with an empty body", status_code=204):
        connect_to(send(response_head(status="204 No Content", media_type=None))).health()


@fault(
    "response",
    "JSON instead of audio",
    result="`ServerError` that quotes it",
    line='fake.fault("json", value={"error": "no voice"})',
)
def test_json_instead_of_audio(connect_to, expect_error):
    with expect_error(ServerError, "text_to_speech.*application/json.*no voice"):
        connect_to(send(response({"error": "no voice"}))).text_to_speech(SPEECH)


@fault("response", "Audio is empty", result="`ServerError`", line='fake.fault("body", data=b"")')
def test_empty_audio(connect_to, expect_error):
    with expect_error(ServerError, "text_to_speech.*empty body"):
        connect_to(send(response(b"", media_type="audio/mpeg"))).text_to_speech(SPEECH)


@fault(
    "response",
    "A transcript in plain text is not UTF-8",
    result="`ServerError`",
    line=r'fake.fault("body", data=b"\xff\xfe", content_type="text/plain")',
)
def test_undecodable_text(connect_to, expect_error):
    with expect_error(ServerError, "transcribe: response does not match"):
        connect_to(send(response(b"\xff\xfe", media_type="text/plain"))).transcribe(b"RIFF", {"model": "whisper-1"})


@fault(
    "response",
    "The media type of JSON has parameters, capitals, or a `+json` suffix",
    result="the response",
    line='fake.fault("content-type", value="Application/JSON; charset=utf-8")',
)
def test_media_types(connect_to):
    for media_type in ("Application/JSON; charset=utf-8", "application/problem+json"):
        assert connect_to(send(response(HEALTH, media_type=media_type))).health().status == "healthy"


@fault(
    "response",
    "The request id, or another header, is not ASCII",
    result="the response",
    line='fake.fault("header", name="x-request-id", value="é")',
)
def test_latin_1_header(connect_to):
    data = HEALTHY.replace(b"content-type", b"x-request-id: \xe9\r\ncontent-type")
    assert connect_to(send(data)).health().meta.request_id == "é"
