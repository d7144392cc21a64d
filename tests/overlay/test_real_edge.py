"""Both clients with a local edge and a real model; what the model says does not matter."""

from __future__ import annotations

from typing import Any

import pytest

from polargrid.types import ChatCompletionChunk, ChatCompletionResponse

CHAT: dict[str, Any] = {
    "model": "llama-3.1-8b",
    "messages": [{"role": "user", "content": "Hi"}],
    "max_tokens": 4,
    "seed": 1,
}


@pytest.fixture
def client(connect, edge):
    return connect(base_url=edge.url, api_key="pg_local")


def test_response(client):
    """It matches the model of openapi.yaml, and its usage adds up."""
    response = client.chat.completions.create(**CHAT)
    assert isinstance(response, ChatCompletionResponse)
    assert response.choices[0].finish_reason in ("stop", "length")
    usage = response.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert response.meta.status_code == 200


def test_stream(client):
    """It is complete, and the chunks match the model of openapi.yaml."""
    chunks = list(client.chat.completions.create(**CHAT, stream=True))
    assert {type(chunk) for chunk in chunks} == {ChatCompletionChunk}
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    assert len(reasons) == 1
