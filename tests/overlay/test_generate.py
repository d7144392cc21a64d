"""`generate`, the legacy method for a single prompt."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from polargrid import ServerError, ValidationError
from polargrid.types import GenerateRequest

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
PROMPT = {"model": "llama-3.1-8b", "prompt": "Hi"}


@pytest.fixture
def chat(spec):
    return httpx.Response(200, json=spec["chat_completion"].response)


@pytest.mark.parametrize("convert", [dict, lambda fields: GenerateRequest(**fields)])
def test_prompt_is_sent_as_a_chat(connect, chat, convert):
    """Only fields that are set are sent, of a mapping and of a model."""
    client = connect(chat)
    client.generate(convert({**PROMPT, "temperature": 0}))
    (request,) = client.requests
    assert request.url.path == "/v1/chat/completions"
    assert json.loads(request.content) == {**CHAT, "temperature": 0}


def test_response(connect, chat):
    """It has the text and the usage of the chat."""
    response = connect(chat).generate(PROMPT)
    assert (response.id, response.model) == ("chatcmpl-abc123", "llama-3.1-8b")
    assert response.content == "Hello! How can I help you?"
    assert response.usage.total_tokens == 30
    assert response.created_at == "2009-02-13T23:31:30+00:00"
    assert response.processing_time_ms >= 0


def test_request_id(connect, chat):
    """It becomes the id of the response, and is not sent."""
    client = connect(chat)
    assert client.generate({**PROMPT, "request_id": "mine"}).id == "mine"
    assert json.loads(client.requests[0].content) == CHAT


@pytest.mark.parametrize("message", [{"role": "assistant", "content": None}, {"role": "assistant"}])
def test_message_without_text(connect, spec, message):
    """The content is an empty string."""
    example = spec["chat_completion"].response
    chat = {**example, "choices": [{**example["choices"][0], "message": message}]}
    assert connect(httpx.Response(200, json=chat)).generate(PROMPT).content == ""


@pytest.mark.parametrize("created", [1_234_567_890_123_456, -(10**15)])
def test_invalid_creation_time(connect, spec, created):
    """A time that does not exist is a ServerError."""
    client = connect(httpx.Response(200, json={**spec["chat_completion"].response, "created": created}))
    with pytest.raises(ServerError, match="generate: `created`"):
        client.generate(PROMPT)


def test_missing_metadata(connect, spec):
    """Some servers do not send it; the response is then created now."""
    before = datetime.now(UTC)
    chat = {"choices": [{"message": {"content": "Hi"}}]}
    response = connect(httpx.Response(200, json=chat)).generate(PROMPT)
    assert (response.id, response.model, response.content, response.usage) == (None, None, "Hi", None)
    assert before <= datetime.fromisoformat(response.created_at) <= datetime.now(UTC)


def test_creation_time_with_a_fraction(connect, spec):
    """Some servers send a float."""
    chat = {**spec["chat_completion"].response, "created": 1_234_567_890.75}
    assert connect(httpx.Response(200, json=chat)).generate(PROMPT).created_at == "2009-02-13T23:31:30+00:00"


def test_response_without_choices(connect, spec):
    """It is no empty text, but an invalid response."""
    chat = {**spec["chat_completion"].response, "choices": []}
    with pytest.raises(ServerError, match="choices: List should have at least 1 item"):
        connect(httpx.Response(200, json=chat)).generate(PROMPT)


def test_invalid_request(connect, chat):
    """The message names the field, and nothing is sent."""
    client = connect(chat)
    with pytest.raises(ValidationError, match="prompt"):
        client.generate({"model": "llama-3.1-8b"})
    assert client.requests == []
