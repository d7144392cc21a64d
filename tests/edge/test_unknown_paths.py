"""A path that PolarGrid does not have: its 404 says what to use instead."""

from __future__ import annotations

import httpx
import pytest

from polargrid_edge.errors import _MAX_MESSAGE
from polargrid_edge.http.unknown_paths import _INSTEAD, unknown_path_message
from polargrid_generated.operations import OPERATIONS
from tests.edge.test_app import read_error

PATHS = frozenset(operation.path for operation in OPERATIONS)
URL = "http://127.0.0.1:55111"


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (
            "/v1/responses",
            ["PolarGrid has no /v1/responses; use /v1/chat/completions", "set_default_openai_api('chat_completions')"],
        ),
        ("/v1/responses/resp_1/cancel", ["PolarGrid has no /v1/responses;", ".chat(model)", "use_responses_api=False"]),
        ("/v1/images/generations", ["PolarGrid has no /v1/images;"]),
        ("/v1/assistants", ["PolarGrid has no /v1/assistants;", "/v1/chat/completions"]),
        ("/v1/threads/t/runs", ["PolarGrid has no /v1/threads;"]),
        ("/v1/realtime", ["PolarGrid has no /v1/realtime;", "/v1/audio/transcriptions"]),
        ("/v1/chat/completions/chatcmpl-1", ["PolarGrid has no /v1/chat/completions/chatcmpl-1;"]),
        ("/api/chat", ["PolarGrid has no /api/chat;", f"{URL}/v1"]),
        ("/openai/deployments/gpt/chat/completions", ["AzureOpenAI", f"{URL}/v1"]),
        (
            "/chat/completions",
            ["unknown path /chat/completions; the base URL", f"OpenAI's API is {URL}/v1"],
        ),
        ("/v1/v1/chat/completions", [f"OpenAI's API is {URL}/v1"]),
        ("/v1/health", [f"OpenAI's API is {URL}/v1"]),
        ("/v1/models/openai/whisper-base", ["unknown path /v1/models/openai/whisper-base; a slash", "%2F"]),
        ("/v1/chat/completions/", ["unknown path /v1/chat/completions/; remove the slash"]),
    ],
)
def test_the_message_says_what_to_use(path: str, parts: list[str]) -> None:
    """The setting of the client, where it is known generally, or the operations that do the same."""
    message = unknown_path_message(path, URL, PATHS)
    assert all(part in message for part in parts), message
    assert len(message) < _MAX_MESSAGE


@pytest.mark.parametrize("path", ["/v1/responsesx", "/v2/responses", "/index.html", "/", "/v1"])
def test_another_path_is_unknown(path: str) -> None:
    """Nothing is guessed."""
    assert unknown_path_message(path, URL, PATHS) == f"unknown path {path}"


def test_no_family_has_a_path_of_the_document() -> None:
    """Otherwise the message would deny what there is."""
    assert [path for path in PATHS for family in _INSTEAD if path.startswith(f"{family}/")] == []


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_edge_says_it(fake_client: httpx.Client, method: str) -> None:
    """By any method, as an error of the API; a WebSocket begins with a GET."""
    for path in ("/v1/responses", "/v1/realtime?model=gpt-realtime"):
        error = read_error(fake_client.request(method, path), 404)
        assert error["code"] == "not_found"
        assert "/v1/chat/completions" in error["message"]
