"""Answers that are not whole, or not what was promised."""

import json

import pytest

from polargrid import NetworkError, ServerError
from tests.overlay.faults.edges import CHAT, FINE, HEALTH, SPEECH, answer, closes, drips, head, heard, says
from tests.overlay.faults.registry import fault

CHUNKED = head("transfer-encoding: chunked")
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
STRANGE = "health: the answer is not the HealthResponse it should be"


def without(data, name):
    return {key: value for key, value in data.items() if key != name}


@fault("answer", "The body is shorter than its length", then="`NetworkError`, tried again; never half a value")
def test_short_body(against, fails):
    with fails(NetworkError, "The connection broke"):
        against(says(head(length=1000) + b'{"status"', then=closes)).health()


@fault("answer", "Audio is shorter than its length", then="`NetworkError`, though its first half looks like audio")
def test_short_audio(against, fails):
    with fails(NetworkError, "The connection broke"):
        against(says(head(length=1000, media_type="audio/mpeg") + b"ID3", then=closes)).text_to_speech(SPEECH)


@fault("answer", "A chunk is cut", then="`NetworkError`")
def test_cut_chunk(against, fails):
    with fails(NetworkError, "The connection broke"):
        against(says(CHUNKED + b"1000\r\n{", then=closes)).health()


@fault("answer", "The last chunk is missing", then="`NetworkError`, though the JSON is whole")
def test_no_last_chunk(against, fails):
    body = json.dumps(HEALTH).encode()
    with fails(NetworkError, "The connection broke"):
        against(says(CHUNKED + b"%x\r\n%s\r\n" % (len(body), body), then=closes)).health()


@pytest.mark.parametrize("size", [b"zz\r\n", b"-1\r\n", b"f" * 40 + b"\r\n", b"1" * 1_000_000], ids=len)
@fault("answer", "The size of a chunk is none", then="`NetworkError`")
def test_bad_chunk_size(against, fails, size):
    with fails(NetworkError, "The connection broke"):
        against(says(CHUNKED + size + b"{")).health()


@pytest.mark.parametrize("lengths", [["-1"], ["x"], ["5", "6"], ["9" * 30]], ids=str)
@fault("answer", "The length is none, or two", then="`NetworkError`")
def test_bad_length(against, fails, lengths):
    said = head(*[f"content-length: {length}" for length in lengths])
    with fails(NetworkError, "The connection broke"):
        against(says(said + b"{}", then=closes)).health()


@fault("answer", "It comes in a transfer coding that there is not", then="`NetworkError`")
def test_transfer_coding(against, fails):
    with fails(NetworkError, "The connection broke"):
        against(says(head("transfer-encoding: of-tomorrow") + b"{}")).health()


@pytest.mark.parametrize("length", [None, 10**12])
@fault("answer", "The body never ends", then="`ServerError` after `max_body_bytes`, 64 MiB if none is set")
def test_endless_body(against, fails, memory, length):
    script = drips(iter(lambda: b" " * 65536, b""), before=head(length=length), pause=0)
    with memory(8_000_000), fails(ServerError, "longer than max_body_bytes, 1000000 bytes"):
        against(script, max_body_bytes=1_000_000).health()


@pytest.mark.parametrize(
    "body",
    [b'{"status": "heal', b"", b"\xff\xfe\xfa", b'{"status": "\xff"}', json.dumps(HEALTH).encode("utf-16")],
    ids=["cut", "empty", "binary", "not UTF-8", "UTF-16"],
)
@fault("answer", "It is cut or empty JSON, or not UTF-8", then="`ServerError` that quotes it, not tried again")
def test_no_json(against, fails, body):
    client = against(says(answer(body)), max_retries=2)
    with fails(ServerError, STRANGE, status_code=200):
        client.health()
    assert len(heard(client.edge)) == 1


@pytest.mark.parametrize("body", [[], None, 7, "healthy", {}, {"error": {"message": "no"}}], ids=json.dumps)
@fault("answer", "It is JSON of another type, or an error with status 200", then="`ServerError` that quotes it")
def test_wrong_type(against, fails, body):
    with fails(ServerError, STRANGE) as caught:
        against(says(answer(body))).health()
    assert json.dumps(body) in caught.value.message


@fault("answer", "A field has another type", then="`ServerError` that names the type that was promised")
def test_wrong_field(against, fails):
    with fails(ServerError, "chat_completion: the answer is not the ChatCompletionResponse"):
        against(says(answer({**COMPLETION, "choices": "none"}))).chat_completion(CHAT)


@fault("answer", "A field that must be there is missing", then="`ServerError`")
def test_missing_field(against, fails):
    with fails(ServerError, STRANGE):
        against(says(answer(without(HEALTH, "status")))).health()


@fault("answer", "A field that may be missing is missing", then="the answer; the field is `None`")
def test_missing_optional(against):
    assert against(says(answer(HEALTH))).health().node is None


@fault("answer", "An enumerated value is unknown", then="the answer, the value as it came")
def test_unknown_value(against):
    choice = {**COMPLETION["choices"][0], "finish_reason": "of_tomorrow"}
    answered = against(says(answer({**COMPLETION, "choices": [choice]}))).chat_completion(CHAT)
    assert answered.choices[0].finish_reason == "of_tomorrow"


@fault("answer", "A field is unknown", then="the answer; the field is in `model_extra`")
def test_unknown_field(against):
    assert against(says(answer({**HEALTH, "of_tomorrow": [1]}))).health().model_extra == {"of_tomorrow": [1]}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
@fault("answer", "A whole number is `NaN` or infinite", then="`ServerError`")
def test_nan(against, fails, text):
    body = json.dumps(COMPLETION).replace('"created": 1', f'"created": {text}').encode()
    with fails(ServerError, "chat_completion: the answer is not"):
        against(says(answer(body))).chat_completion(CHAT)


@pytest.mark.parametrize("text", ["NaN", "Infinity"])
@fault("answer", "An unknown field is `NaN` or infinite, which JSON has not", then="the answer")
def test_nan_in_an_unknown_field(against, text):
    body = json.dumps(COMPLETION).replace('"created": 1', f'"created": 1, "of_tomorrow": {text}').encode()
    assert against(says(answer(body))).chat_completion(CHAT).created == 1


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"status": ' + b"[" * 10_000 + b"]" * 10_000])
@fault("answer", "The JSON is nested 10,000 deep", then="`ServerError`")
def test_deep_nesting(against, fails, body):
    with fails(ServerError, STRANGE):
        against(says(answer(body))).health()


@fault("answer", "A text holds half a character, `\\ud800`", then="`ServerError`: no text can hold it")
def test_lone_surrogate(against, fails):
    body = json.dumps(HEALTH).replace("llama.cpp", "\\ud800").encode()
    with fails(ServerError, STRANGE):
        against(says(answer(body))).health()


@pytest.mark.parametrize("media_type", ["text/html", "text/plain", "image/png", None])
@fault("answer", "HTML or anything else comes with status 200", then="`ServerError` that quotes it")
def test_html(against, fails, media_type):
    with fails(ServerError, "which it should not be: <p>Log in</p>", status_code=200):
        against(says(answer(b"<p>Log in</p>", media_type=media_type))).health()


@fault("answer", "204, and nothing", then="`ServerError`")
def test_no_content(against, fails):
    with fails(ServerError, "an answer of no type.*nothing in it", status_code=204):
        against(says(head(status="204 No Content", media_type=None))).health()


@fault("answer", "JSON comes where audio was asked for", then="`ServerError` that quotes it")
def test_json_for_audio(against, fails):
    with fails(ServerError, "text_to_speech.*application/json.*no voice"):
        against(says(answer({"error": "no voice"}))).text_to_speech(SPEECH)


@fault("answer", "Audio is empty", then="`ServerError`")
def test_empty_audio(against, fails):
    with fails(ServerError, "text_to_speech.*nothing in it"):
        against(says(answer(b"", media_type="audio/mpeg"))).text_to_speech(SPEECH)


@fault("answer", "A transcript in plain text is not UTF-8", then="`ServerError`")
def test_undecodable_text(against, fails):
    with fails(ServerError, "transcribe: the answer is not the"):
        against(says(answer(b"\xff\xfe", media_type="text/plain"))).transcribe(b"RIFF", {"model": "whisper-1"})


@fault("answer", "The JSON's media type has parameters, capitals, or is a `+json`", then="the answer")
def test_media_types(against):
    for media_type in ("Application/JSON; charset=utf-8", "application/problem+json"):
        assert against(says(answer(HEALTH, media_type=media_type))).health().status == "healthy"


@fault("answer", "The request id, or another header, is no ASCII", then="the answer")
def test_latin_header(against):
    assert against(says(FINE.replace(b"content-type", b"x-request-id: \xe9\r\ncontent-type"))).health().meta.request_id
