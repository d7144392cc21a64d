"""What the document declares in its extensions, and what breaks it."""

from __future__ import annotations

import json

import pytest

from polargrid_contract.declared.agreement import disagreements, wrong_media_type
from polargrid_contract.declared.events import broken_rules
from polargrid_contract.declared.expressions import response_for, value
from polargrid_contract.declared.refusals import Sent, wrong_requests
from polargrid_contract.exchange import Arrival, Exchange
from polargrid_contract.server import specification
from polargrid_contract.streamed import Stream

DOCUMENT = specification()
CHAT = DOCUMENT["paths"]["/v1/chat/completions"]["post"]
SPEECH = DOCUMENT["paths"]["/v1/audio/speech"]["post"]
ANSWER = {
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}


def _content(operation):
    return response_for(DOCUMENT, operation, 200)["content"]


# Expressions


def test_an_expression_reads_a_body():
    """A pointer leads to a value, or to nothing."""
    assert value("$request.body#/stream_options/include_usage", request={"stream_options": {"include_usage": True}})
    assert value("$request.body#/stream_options/include_usage", request={"stream_options": None}) is None
    assert value("$response.body#/n", request={}, response=None) is None


# x-answers


@pytest.mark.parametrize(
    ("operation", "request_body", "media_type"),
    [
        (CHAT, {"stream": True}, "text/event-stream"),
        (CHAT, {"stream": None}, "application/json"),
        (SPEECH, {}, "audio/mpeg"),
        (SPEECH, {"response_format": "wav"}, "audio/wav"),
        (SPEECH, {"response_format": "another"}, "audio/flac"),
    ],
)
def test_the_media_type_that_was_asked_for(operation, request_body, media_type):
    """It comes; where the request says what no media type answers, any may come."""
    assert not wrong_media_type(_content(operation), request_body, media_type)


@pytest.mark.parametrize(
    ("operation", "request_body", "media_type"),
    [(CHAT, {"stream": True}, "application/json"), (SPEECH, {"response_format": "wav"}, "audio/mpeg")],
)
def test_another_media_type(operation, request_body, media_type):
    """It is told with the one that should have come."""
    assert "expected" in wrong_media_type(_content(operation), request_body, media_type)


# x-agreement


def _told(request_body, answer):
    return list(disagreements(_content(CHAT)["application/json"]["x-agreement"], request_body, answer))


def _with(**fields):
    choice = {**ANSWER["choices"][0], **fields.pop("choice", {})}
    return {**ANSWER, "choices": [choice], **fields}


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        (ASKED, ANSWER),
        ({**ASKED, "n": None}, {**ANSWER, "tomorrow": 1}),
        ({**ASKED, "max_tokens": 1}, ANSWER),
        ({**ASKED, "tools": [{}], "tool_choice": "required"}, _with(choice={"finish_reason": "length"})),
        (ASKED, None),
    ],
)
def test_request_and_answer_agree(request_body, answer):
    """No rule is broken; what is no object is the schema's to tell."""
    assert not _told(request_body, answer)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, _with(model="another")),
        ({"n": 2}, ANSWER),
        ({}, _with(usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 5})),
        ({"max_tokens": 1}, _with(usage={"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12})),
        ({"logprobs": True}, ANSWER),
        ({"tools": [{}], "tool_choice": "required"}, ANSWER),
        ({"response_format": {"type": "json_object"}}, ANSWER),
    ],
)
def test_request_and_answer_disagree(fields, answer):
    """Each rule is told by itself."""
    assert len(_told(ASKED | fields, answer)) == 1


def test_rounded_figures_add_up():
    """A sum may be off by as much as the rule says."""
    rule = {"sum": ["$response.body#/a", "$response.body#/b"], "is": "$response.body#/c", "within": 0.1}
    assert not list(disagreements([rule], {}, {"a": 1.0, "b": 2.04, "c": 3.0}))
    assert list(disagreements([rule], {}, {"a": 1.0, "b": 2.2, "c": 3.0}))


# x-event-stream


def _chunk(text="", **fields):
    choice = {"index": fields.pop("index", 0), "delta": {"content": text, **fields.pop("delta", {})}}
    choice["finish_reason"] = fields.pop("finish_reason", None)
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **fields}


USAGE = _chunk(choices=[], usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
CHUNKS = [_chunk("a", delta={"role": "assistant"}), _chunk("b"), _chunk(finish_reason="stop")]
DONE = b"data: [DONE]\n\n"


def _bytes(chunks):
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)


def _broken(data, **asked):
    stream = Stream(Exchange("", "", "", {}, None, None, None, status=200, arrivals=(Arrival(0.0, data),)))
    rules = _content(CHAT)["text/event-stream"]["x-event-stream"]
    return list(broken_rules(rules, ASKED | {"stream": True} | asked, stream))


OPTIONS = {"stream_options": {"include_usage": True}}
TWO = [*CHUNKS, *({**chunk, "choices": [{**chunk["choices"][0], "index": 1}]} for chunk in CHUNKS)]


@pytest.mark.parametrize(
    ("data", "asked"),
    [
        (_bytes(CHUNKS) + DONE, {}),
        ((_bytes(CHUNKS) + DONE).replace(b"\n", b"\r\n"), {}),
        ((_bytes(CHUNKS) + DONE).replace(b"data: ", b": kept alive\nid: 1\nevent: message\ndata:"), {}),
        (_bytes([*CHUNKS, USAGE]) + DONE, OPTIONS),
        (_bytes(TWO) + DONE, {"n": 2}),
        (_bytes([{**chunk, "tomorrow": {"n": 1}, "usage": None} for chunk in CHUNKS]) + DONE, {}),
    ],
)
def test_a_right_stream(data, asked):
    """It may have other line ends, comments, names, ids and fields."""
    assert not _broken(data, **asked)


@pytest.mark.parametrize(
    ("data", "asked", "told"),
    [
        (_bytes(CHUNKS), {}, "[DONE] expected"),
        (_bytes(CHUNKS) + DONE + _bytes(CHUNKS[1:2]), {}, "after [DONE]"),
        (_bytes(CHUNKS[:2]) + b"Internal error\n\n" + _bytes(CHUNKS[2:]) + DONE, {}, "no field of an event"),
        (_bytes([*CHUNKS[:2], CHUNKS[2] | {"id": "d"}]) + DONE, {}, "one id"),
        (_bytes([chunk | {"model": "x"} for chunk in CHUNKS]) + DONE, {}, "model 'm' expected"),
        (_bytes(CHUNKS) + DONE, {"n": 2}, "2 choices expected, 1 came"),
        (_bytes(CHUNKS[1:]) + DONE, {}, "delta.role"),
        (_bytes(CHUNKS[:2]) + DONE, {}, "one finish_reason"),
        (_bytes([*CHUNKS, CHUNKS[2]]) + DONE, {}, "one finish_reason"),
        (_bytes([*CHUNKS, USAGE]) + DONE, {}, "unasked"),
        (_bytes(CHUNKS) + DONE, OPTIONS, "usage expected once"),
        (_bytes([USAGE, *CHUNKS]) + DONE, OPTIONS, "usage expected once"),
    ],
)
def test_a_wrong_stream(data, asked, told):
    """The rule that is broken is told."""
    assert any(told in sentence for sentence in _broken(data, **asked))


# Requests that are to be refused


def test_what_a_document_says_is_refused():
    """Of a right request with a key and JSON: other keys, broken JSON, another media type, another path."""
    schemes = DOCUMENT["components"]["securitySchemes"]
    sent = Sent("http://edge.test/v1/chat/completions", {"Authorization": "Bearer pg_a"}, b"{}")
    wrong = list(wrong_requests(CHAT, schemes, sent))
    assert [request.status for request in wrong] == [401, 401, 401, 401, 400, 415, 404]
    assert all(request.sent != sent for request in wrong)
    health = DOCUMENT["paths"]["/health"]["get"]
    assert [request.status for request in wrong_requests(health, schemes, sent._replace(body=None))] == [401] * 3 + [
        404
    ]
    assert not list(wrong_requests({"responses": {}}, {}, sent))[:-1]
