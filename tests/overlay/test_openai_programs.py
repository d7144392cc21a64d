"""Programs for OpenAI's SDK run on this one: only their imports and the line that creates the client change.

They are in openai_programs/, one file each. The server responds with fixed data; what the programs assert is that the
SDK returns it in the attributes of OpenAI's SDK.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from polargrid import PolarGridSync

PROGRAMS = sorted(Path(__file__).with_name("openai_programs").glob("*.py"))
TEXT = ["One", " two"]
OBJECTS = {"colour": {"colour": "red"}, "Mood": {"mood": "good", "loud": False}}
SRT = "1\n00:00:00,000 --> 00:00:01,000\nGood morning.\n"


def convert(source: str, url: str) -> str:
    """Change the imports and the line that creates the client."""
    source = re.sub(r"from openai import OpenAI\b", "from polargrid import PolarGridSync as OpenAI", source)
    source = re.sub(r"from openai import AsyncOpenAI\b", "from polargrid import PolarGrid as AsyncOpenAI", source)
    source = re.sub(r"^import openai$", "import polargrid as openai", source, flags=re.MULTILINE)
    return re.sub(r"\b(Async)?OpenAI\(", rf'\g<0>base_url="{url}", ', source)


# The server


def respond(connection) -> None:
    """Respond to one request."""
    request = connection.read_request()
    path = request.line.split()[1].partition("?")[0]
    is_json = request.headers.get("content-type") == "application/json"
    body = json.loads(request.body) if is_json else {}
    status, media_type, content = "200 OK", "application/json", None
    if request.headers["authorization"] != "Bearer pg_local":
        status, content = "401 Unauthorized", {"error": {"message": "invalid API key"}}
    elif body.get("model") == "gpt-9":
        error = {"message": "model 'gpt-9' does not exist", "code": "model_not_found"}
        status, content = "404 Not Found", {"error": error}
    elif path == "/v1/audio/speech":
        media_type, content = "audio/wav", b"RIFF" + bytes(1000)
    elif b'name="response_format"\r\n\r\nsrt' in request.body:
        media_type, content = "text/plain", SRT
    elif body.get("stream"):
        media_type, content = "text/event-stream", stream(body)
    else:
        content = RESPONSES[path](body, request.body)
    data = json.dumps(content).encode() if isinstance(content, dict) else content
    data = data.encode() if isinstance(data, str) else data
    connection.respond(data, "x-request-id: req_1", "connection: close", status=status, media_type=media_type)


def usage() -> dict[str, int]:
    return {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def chat(body: dict[str, Any], _content: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(TEXT)}
    if "tools" in body:
        function = {"name": body["tools"][0]["function"]["name"], "arguments": '{"time": "day"}'}
        message |= {"content": None, "tool_calls": [{"id": "call_0", "type": "function", "function": function}]}
    elif "response_format" in body:
        message["content"] = json.dumps(OBJECTS[body["response_format"]["json_schema"]["name"]])
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {**fields("chat.completion"), "choices": [choice], "usage": usage()}


def stream(body: dict[str, Any]) -> str:
    chunk = fields("chat.completion.chunk")
    chunks = [{**chunk, "choices": [{"index": 0, "delta": {"content": text}}]} for text in TEXT]
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append({**chunk, "choices": [], "usage": usage()})
    return "".join(f"data: {json.dumps(item)}\n\n" for item in chunks) + "data: [DONE]\n\n"


def complete(body: dict[str, Any], _content: bytes) -> dict[str, Any]:
    choices = [{"index": index, "text": " Paris", "finish_reason": "stop"} for index in range(body["n"])]
    return {**fields("text_completion"), "choices": choices, "usage": usage()}


def transcribe(_body: dict[str, Any], content: bytes) -> dict[str, Any]:
    if b"verbose_json" not in content:
        return {"text": f"{content.count(b'OggS')} pages"}
    segment = {"id": 0, "seek": 0, "start": 0.0, "end": 1.0, "text": "Hi", "tokens": [1], "temperature": 0.0}
    segment |= {"avg_logprob": -0.2, "compression_ratio": 0.8, "no_speech_prob": 0.01}
    return {"task": "transcribe", "language": "es", "duration": 1.0, "text": "Hi", "segments": [segment]}


def list_models(_body: dict[str, Any], _content: bytes) -> dict[str, Any]:
    model = {"id": "llama-3.1-8b", "object": "model", "created": 1, "owned_by": "meta"}
    return {"object": "list", "data": [model]}


def fields(kind: str) -> dict[str, Any]:
    return {"id": "id-1", "object": kind, "created": 1, "model": "llama-3.1-8b"}


RESPONSES = {
    "/v1/chat/completions": chat,
    "/v1/completions": complete,
    "/v1/audio/transcriptions": transcribe,
    "/v1/models": list_models,
}


# The tests


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(serve, tmp_path, monkeypatch, path):
    """Its assertions hold."""
    (tmp_path / "recording.ogg").write_bytes(b"OggS" + bytes(1000))
    monkeypatch.chdir(tmp_path)
    source = convert(path.read_text(encoding="utf-8"), serve(respond).url)
    module: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, path.name, "exec", dont_inherit=True), module)  # noqa: S102 - a file of this repository
    if isinstance(module.get("client"), PolarGridSync):
        module["client"].close()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_changed_lines(path):
    """They import the SDK or create the client."""
    source = path.read_text(encoding="utf-8")
    lines = zip(source.splitlines(), convert(source, "http://127.0.0.1").splitlines(), strict=True)
    changed = [line for line, other in lines if line != other]
    assert changed
    assert [line for line in changed if not re.search(r"^(from|import) |OpenAI\(", line.strip())] == []
