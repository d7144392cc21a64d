"""A key is recorded nowhere: not as a name, a header, a part of a URL, or in what a server or a function says."""

from __future__ import annotations

import json

import httpx
import pytest

from polargrid import errors
from tests.otel.conftest import ASK, CHAT, MESSAGE, respond, respond_with_error, stream_events
from tests.overlay.conftest import KEY

CHOICE = {"index": 0, "message": MESSAGE, "finish_reason": KEY}


@pytest.fixture(params=[False, True], ids=["without contents", "with contents"])
def everything(request, providers):
    """All that is recorded, which a test checks at its end."""
    providers.instrument(capture_content=request.param)
    yield providers
    assert KEY not in providers.text
    assert "****" in providers.text


def test_a_request_may_quote_it(everything, connect):
    """In its model, stop sequences, messages, headers, query, path, and base URL."""
    request = {"model": f"m-{KEY}", "stop": [KEY, "x"], "messages": [{"role": "user", "content": f"key {KEY}"}]}
    options = {"extra_headers": {"x-key": KEY}, "extra_query": {"key": KEY}}
    client = connect(respond(), base_url=f"http://edge.example/{KEY}")
    client.chat_completion(request, **options)
    client.post(f"/keys/{KEY}", cast_to=dict, body={"key": KEY})
    chat, custom = everything.spans
    assert (chat.name, custom.name) == ("chat m-****", "POST")


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_response_may_quote_it(everything, connect, is_stream):
    """In its id, model, finish reason, and headers."""
    response = {**CHAT, "id": KEY, "model": KEY, "choices": [CHOICE]}
    client = connect(respond(response, **{"x-request-id": KEY}))
    if is_stream:
        events = stream_events("a").text.replace("chatcmpl-2", KEY).replace("llama-3.1-8b-instruct", f"m {KEY}")
        client = connect(httpx.Response(200, text=events, headers={"content-type": "text/event-stream"}))
        list(client.chat_completion_stream(ASK))
    else:
        client.post("/chat/completions", cast_to=dict, body=ASK)


def test_an_error_may_quote_it(everything, connect):
    """Of a server that is asked again, and of one that refuses."""
    client = connect(respond_with_error(429, f"key {KEY}"), respond_with_error(400, f"key {KEY}"), max_retries=1)
    with pytest.raises(errors.BadRequestError):
        client.chat_completion(ASK)


def test_a_key_that_was_replaced_may_be_quoted(everything, connect):
    """A function that returns keys gave the call another one for its second attempt."""
    keys = iter([KEY, "pg_other_0123456789"])
    client = connect(
        respond_with_error(503, KEY), respond({**CHAT, "model": KEY}), api_key=keys.__next__, max_retries=1
    )
    client.chat_completion({**ASK, "messages": [{"role": "user", "content": KEY}]})
    assert "pg_other" not in everything.text


def test_a_function_may_quote_it(everything, connect):
    """In its description, its id and arguments, its result, and its exception; a model may name one so."""

    def find(text: str) -> str:
        if len(results) == 1:
            raise LookupError(f"no {text}")
        return results.pop()

    results = [KEY, KEY]
    find.__doc__ = f"Find {KEY}."
    call = {"id": KEY, "type": "function", "function": {"name": "find", "arguments": json.dumps({"text": KEY})}}
    unknown = {**call, "function": {"name": KEY, "arguments": "{}"}}
    message = {**MESSAGE, "content": None, "tool_calls": [call, call, unknown]}
    client = connect(respond({**CHAT, "choices": [{**CHOICE, "message": message, "finish_reason": "stop"}]}), respond())
    question = {"model": f"m-{KEY}", "messages": ASK["messages"]}
    client.chat.completions.run_tools(**question, tools=[find])
    names = [span.name for span in everything.spans]
    assert names[1:] == ["execute_tool find"] * 2 + ["execute_tool ****", "chat m-****", "run_tools m-****"]
