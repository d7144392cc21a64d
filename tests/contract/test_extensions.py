"""The rules that openapi.yaml declares in extensions, and what violates them."""

from __future__ import annotations

import json

import pytest

from polargrid_contract.document import load_document
from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.extensions.consistency import find_inconsistencies, find_media_type_error
from polargrid_contract.extensions.event_streams import find_stream_errors
from polargrid_contract.extensions.rejections import SentRequest, derive_invalid_requests
from polargrid_contract.extensions.runtime_expressions import evaluate, is_equal, response_for
from polargrid_contract.readers.event_stream import Stream

DOCUMENT = load_document()
CHAT = DOCUMENT["paths"]["/v1/chat/completions"]["post"]
COMPLETION = DOCUMENT["paths"]["/v1/completions"]["post"]
SPEECH = DOCUMENT["paths"]["/v1/audio/speech"]["post"]
RESPONSE = {
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}


def content_of(operation):
    return response_for(DOCUMENT, operation, 200)["content"]


# Expressions


def test_an_expression_reads_a_body():
    """A pointer leads to a value, or to None."""
    request = {"stream_options": {"include_usage": True}}
    assert evaluate("$request.body#/stream_options/include_usage", request=request)
    assert evaluate("$request.body#/stream_options/include_usage", request={"stream_options": None}) is None
    assert evaluate("$response.body#/n", request={}, response=None) is None


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
def test_the_requested_media_type_is_valid(operation, request_body, media_type):
    """If no media type is declared for the request, any is valid."""
    assert not find_media_type_error(content_of(operation), request_body, media_type)


@pytest.mark.parametrize(
    ("operation", "request_body", "media_type"),
    [(CHAT, {"stream": True}, "application/json"), (SPEECH, {"response_format": "wav"}, "audio/mpeg")],
)
def test_another_media_type_is_an_error(operation, request_body, media_type):
    """The error names the expected media type."""
    assert "expected" in find_media_type_error(content_of(operation), request_body, media_type)


# Values


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        ([0, {"a": 1}], [0, {"a": 1.0}], True),
        ([0, {"a": 1}], [False, {"a": 1}], False),
        ({"a": [True]}, {"a": [1]}, False),
        ([1], [1, 1], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ("1", 1, False),
        (None, None, True),
    ],
)
def test_values_are_equal_as_in_json(first, second, expected):
    """A boolean is no number, at any depth."""
    assert is_equal(first, second) is expected


# x-agreement


def inconsistencies(request_body, response):
    rules = content_of(CHAT)["application/json"]["x-agreement"]
    return list(find_inconsistencies(rules, request_body, response))


def response_with(**fields):
    choice = {**RESPONSE["choices"][0], **fields.pop("choice", {})}
    return {**RESPONSE, "choices": [choice], **fields}


@pytest.mark.parametrize(
    ("request_body", "response"),
    [
        (REQUEST, RESPONSE),
        ({**REQUEST, "n": None}, {**RESPONSE, "x_new": 1}),
        ({**REQUEST, "max_tokens": 1}, RESPONSE),
        (
            {**REQUEST, "tools": [{}], "tool_choice": "required"},
            response_with(choice={"finish_reason": "length"}),
        ),
        (REQUEST, None),
    ],
)
def test_a_consistent_response(request_body, response):
    """It breaks no rule; the schema decides about a response that is not an object."""
    assert not inconsistencies(request_body, response)


@pytest.mark.parametrize(
    ("fields", "response"),
    [
        ({}, response_with(model="another")),
        ({"n": 2}, RESPONSE),
        ({}, response_with(usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 5})),
        ({"max_tokens": 1}, response_with(usage={"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12})),
        ({}, response_with(usage={**RESPONSE["usage"], "prompt_tokens_details": {"cached_tokens": 4}})),
        ({}, response_with(usage={**RESPONSE["usage"], "completion_tokens_details": {"reasoning_tokens": 2}})),
        ({"logprobs": True}, RESPONSE),
        ({"tools": [{}], "tool_choice": "required"}, RESPONSE),
        ({"response_format": {"type": "json_object"}}, RESPONSE),
    ],
)
def test_an_inconsistent_response(fields, response):
    """It breaks exactly the rule that it is about."""
    assert len(inconsistencies(REQUEST | fields, response)) == 1


def test_rounded_figures_add_up():
    """A sum has the tolerance of its rule."""
    rule = {"sum": ["$response.body#/a", "$response.body#/b"], "is": "$response.body#/c", "within": 0.1}
    assert not list(find_inconsistencies([rule], {}, {"a": 1.0, "b": 2.04, "c": 3.0}))
    assert list(find_inconsistencies([rule], {}, {"a": 1.0, "b": 2.2, "c": 3.0}))


BODY = "$response.body#"


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ({"numbered": f"{BODY}/a", "by": "n"}, {"a": [{"n": 0}, {"n": 1}]}, {"a": [{"n": 1}, {"n": 0}]}),
        ({"numbered": f"{BODY}/a", "by": "n"}, {"a": None}, {"a": [{}]}),
        ({"equally-long": f"{BODY}/a", "in": "v"}, {"a": [{"v": [1]}, {"v": [2]}]}, {"a": [{"v": [1]}, {"v": []}]}),
        ({"equally-long": f"{BODY}/a", "in": "v"}, {"a": [{"v": "ab"}, {}]}, {"a": [{"v": "ab"}, {"v": "a"}]}),
        (
            {"total": f"{BODY}/a", "of": "n", "is": f"{BODY}/sum"},
            {"a": [{"n": 1}, {"n": 2}], "sum": 3},
            {"a": [{"n": 1}, {"n": 2}], "sum": 4},
        ),
        ({"total": f"{BODY}/a", "of": "n", "is": f"{BODY}/sum"}, {"a": [], "sum": 4}, {"a": [{"n": 1}], "sum": 0}),
        ({"part": f"{BODY}/a", "of-total": f"{BODY}/b"}, {"a": 2, "b": 2}, {"a": 3, "b": 2}),
        ({"part": f"{BODY}/a", "of-total": f"{BODY}/b"}, {"a": None, "b": 2}, {"a": 0.5, "b": 0}),
    ],
)
def test_the_items_of_a_list_agree(rule, right, wrong):
    """The items of a list that is absent or empty agree."""
    assert not list(find_inconsistencies([rule], {}, right))
    assert len(list(find_inconsistencies([rule], {}, wrong))) == 1


# x-event-stream


def chunk(text="", **fields):
    choice = {"index": fields.pop("index", 0), "delta": {"content": text, **fields.pop("delta", {})}}
    choice["finish_reason"] = fields.pop("finish_reason", None)
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **fields}


USAGE = chunk(choices=[], usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
CHUNKS = [chunk("a", delta={"role": "assistant"}), chunk("b"), chunk(finish_reason="stop")]
DONE = b"data: [DONE]\n\n"
WITH_USAGE = {"stream_options": {"include_usage": True}}
TWO_CHOICES = [*CHUNKS, *({**item, "choices": [{**item["choices"][0], "index": 1}]} for item in CHUNKS)]


def encode(chunks):
    return b"".join(b"data: " + json.dumps(item).encode() + b"\n\n" for item in chunks)


def stream_errors(data, **fields):
    stream = Stream(Exchange("", "", "", {}, None, None, status=200, chunks=(TimedBytes(0.0, data),)))
    rules = content_of(CHAT)["text/event-stream"]["x-event-stream"]
    return list(find_stream_errors(rules, REQUEST | {"stream": True} | fields, stream))


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (encode(CHUNKS) + DONE, {}),
        ((encode(CHUNKS) + DONE).replace(b"\n", b"\r\n"), {}),
        ((encode(CHUNKS) + DONE).replace(b"data: ", b": alive\nid: 1\nevent: message\ndata:"), {}),
        (encode([*CHUNKS, USAGE]) + DONE, WITH_USAGE),
        (encode(TWO_CHOICES) + DONE, {"n": 2}),
        (encode([{**item, "x_new": {"n": 1}, "usage": None} for item in CHUNKS]) + DONE, {}),
    ],
)
def test_a_valid_stream(data, fields):
    """It may have other line ends, comments, names, ids and fields."""
    assert not stream_errors(data, **fields)


@pytest.mark.parametrize(
    ("data", "fields", "error"),
    [
        (encode(CHUNKS), {}, "expected [DONE]"),
        (encode(CHUNKS) + DONE + encode(CHUNKS[1:2]), {}, "after [DONE]"),
        (encode(CHUNKS[:2]) + b"Internal error\n\n" + encode(CHUNKS[2:]) + DONE, {}, "not a field of an event"),
        (encode([*CHUNKS[:2], CHUNKS[2] | {"id": "d"}]) + DONE, {}, "the same id"),
        (encode([item | {"model": "x"} for item in CHUNKS]) + DONE, {}, "expected model 'm'"),
        (encode(CHUNKS) + DONE, {"n": 2}, "expected 2 choices, got 1"),
        (encode(CHUNKS[1:]) + DONE, {}, "delta.role"),
        (encode(CHUNKS[:2]) + DONE, {}, "one finish_reason"),
        (encode([*CHUNKS, CHUNKS[2]]) + DONE, {}, "one finish_reason"),
        (encode([*CHUNKS, USAGE]) + DONE, {}, "not requested"),
        (encode(CHUNKS) + DONE, WITH_USAGE, "expected usage once"),
        (encode([USAGE, *CHUNKS]) + DONE, WITH_USAGE, "expected usage once"),
    ],
)
def test_an_invalid_stream(data, fields, error):
    """The error names the rule."""
    assert any(error in sentence for sentence in stream_errors(data, **fields))


# Rejections


def test_invalid_requests_are_derived_from_the_document():
    """A valid request with a key and JSON gives other keys, truncated JSON, another media type and another path."""
    schemes = DOCUMENT["components"]["securitySchemes"]
    valid = SentRequest("http://edge.test/v1/chat/completions", {"Authorization": "Bearer pg_a"}, b"{}")
    invalid = list(derive_invalid_requests(CHAT, schemes, valid))
    assert [request.status for request in invalid] == [401, 401, 401, 401, 400, 415, 404]
    assert all(request.request != valid for request in invalid)


def test_a_request_without_a_body_has_other_keys_and_another_path():
    """There is no JSON to truncate."""
    schemes = DOCUMENT["components"]["securitySchemes"]
    valid = SentRequest("http://edge.test/health", {"Authorization": "Bearer pg_a"}, None)
    invalid = derive_invalid_requests(DOCUMENT["paths"]["/health"]["get"], schemes, valid)
    assert [request.status for request in invalid] == [401, 401, 401, 404]


def test_a_document_without_declarations_rejects_unknown_paths_only():
    """Neither keys nor bodies are declared."""
    valid = SentRequest("http://edge.test/x", {"Authorization": "Bearer pg_a"}, b"{}")
    assert [request.status for request in derive_invalid_requests({"responses": {}}, {}, valid)] == [404]


@pytest.mark.parametrize(
    ("prompt", "count", "is_consistent"),
    [
        ("Hi", 1, True),
        ("Hi", 2, False),
        (["Hi", "Ho"], 2, True),
        (["Hi", "Ho"], 1, False),
        ([[1, 2], [3]], 2, True),
        ([[1, 2], [3]], 1, False),
        ([1, 2], 1, True),
        ([1, 2], 2, False),
    ],
)
def test_a_completion_has_a_choice_for_each_prompt(prompt, count, is_consistent):
    """A list of token ids is one prompt."""
    rules = content_of(COMPLETION)["application/json"]["x-agreement"]
    choices = [{"text": "", "index": number} for number in range(count)]
    errors = list(find_inconsistencies(rules, {"model": "m", "prompt": prompt}, {"model": "m", "choices": choices}))
    assert (errors == []) is is_consistent
