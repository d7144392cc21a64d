"""A server like OpenAI's in memory: it has operations beyond the document, deletes what it is told to, and records.

`tests.contract.serve` serves it over HTTP. Its texts are words in an order that the prompt, and when it samples the
seed, decide. Speech and transcripts are those of `made_speech`.
"""

from __future__ import annotations

import base64
import itertools
import json
import random
import re
import secrets
import struct
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx

from polargrid_contract.document import load_document
from polargrid_contract.operations import read_operations
from polargrid_contract.schemas import find_error
from tests.contract import made_speech
from tests.contract.recorded_edge import KEY

_OPERATIONS = {(it.method, it.key): it for it in read_operations(load_document()).values() if it.is_in("openai")}
_WORDS = ("the", "sea", "was", "calm", "and", "an", "old", "sailor", "went", "home", "with", "his", "lamp", "while")
_UNSUPPORTED = ("tools", "response_format", "logprobs", "top_logprobs", "functions")


class RecordedRequest(NamedTuple):
    """A request as the server received it."""

    method: str
    target: str


class OpenAIServer:
    """Responds like OpenAI's API. `honours_seed` is whether equal requests get equal texts."""

    def __init__(self, *, honours_seed: bool = True) -> None:
        kinds = {"gpt-mini": None, "tts-1": None, "whisper-1": None, "text-embedding-3": None, "load": None}
        self.models = list(kinds)
        self.requests: list[RecordedRequest] = []
        self._honours_seed = honours_seed
        self._count = itertools.count()

    def send(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request."""
        request.read()
        self.requests.append(RecordedRequest(request.method, request.url.raw_path.decode("ascii")))
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if (scheme.lower(), key) != ("bearer", KEY):
            return _reject(401, "Incorrect API key provided.", www_authenticate="Bearer")
        path = _decode_letters(request.url.raw_path.decode("ascii").partition("?")[0])
        if path.startswith("/v1/models"):
            method = "GET" if request.method == "HEAD" else request.method
            return self._respond_about_models(method, unquote(path.removeprefix("/v1/models").lstrip("/")))
        if path.startswith("/v1/chat/completions") and (request.method, path) != ("POST", "/v1/chat/completions"):
            return self._respond_about_stored_chats(request.method, path)
        if (request.method, path) not in _OPERATIONS:
            return _reject(404, f"Invalid URL ({request.method} {path})")
        if path in ("/v1/audio/transcriptions", "/v1/audio/translations"):
            return self._transcribe(request, path)
        return self._generate(request, path)

    def _respond_about_models(self, method: str, name: str) -> httpx.Response:
        if not name:
            data = [_describe(model) for model in self.models]
            return (
                httpx.Response(200, json={"object": "list", "data": data})
                if method == "GET"
                else _reject(405, "", allow="GET")
            )
        if name not in self.models or method not in ("GET", "DELETE"):
            return _reject(404, f"The model {name!r} does not exist")
        if method == "DELETE":
            self.models.remove(name)
            return httpx.Response(200, json={"id": name, "object": "model", "deleted": True})
        return httpx.Response(200, json=_describe(name))

    def _respond_about_stored_chats(self, method: str, path: str) -> httpx.Response:
        if path == "/v1/chat/completions" and method == "GET":
            return httpx.Response(200, json={"object": "list", "data": []})
        name = path.rpartition("/")[2]
        if method in ("POST", "DELETE"):
            return httpx.Response(200, json={"id": name, "object": "chat.completion.deleted", "deleted": True})
        return _reject(404, "Not found")

    def _transcribe(self, request: httpx.Request, path: str) -> httpx.Response:
        if b'name="model"' not in request.content or b'name="file"' not in request.content:
            return _reject(400, "model, file: missing")
        made = made_speech.send(httpx.Request("POST", f"http://made{path}", content=request.content))
        return made if made.status_code == 200 else _reject(400, "Audio file might be corrupted or unsupported")

    def _generate(self, request: httpx.Request, path: str) -> httpx.Response:
        operation = _OPERATIONS["POST", path]
        try:
            body = json.loads(request.content)
        except (ValueError, RecursionError):
            return _reject(400, "We could not parse the JSON body of your request.")
        if error := find_error(operation.document, operation.json_schema, body):
            return _reject(400, error)
        if body["model"] not in self.models:
            return _reject(404, f"The model {body['model']!r} does not exist")
        return self._respond_to(body, path)

    def _respond_to(self, body: dict[str, Any], path: str) -> httpx.Response:
        if path == "/v1/audio/speech":
            body = {"response_format": "mp3", **body}
            return made_speech.send(httpx.Request("POST", f"http://made{path}", content=json.dumps(body).encode()))
        if path == "/v1/embeddings":
            return _embed(body)
        if unsupported := [name for name in _UNSUPPORTED if body.get(name)]:
            return _reject(400, f"Unsupported parameter: {unsupported[0]}")
        return self._complete(body, is_chat=path == "/v1/chat/completions")

    def _complete(self, body: dict[str, Any], *, is_chat: bool) -> httpx.Response:
        limit = body.get("max_completion_tokens") or body.get("max_tokens") or 16
        prompts = [body["messages"]] if is_chat else body["prompt"]
        prompts = [prompts] if isinstance(prompts, str) else prompts
        texts = [
            self._write(body, json.dumps(prompt), number, limit)
            for prompt in prompts
            for number in range(body.get("n") or 1)
        ]
        stops = body.get("stop") or []
        stops = [stops] if isinstance(stops, str) else stops
        choices = [_cut(text, stops) for text in texts]
        usage = {"prompt_tokens": len(json.dumps(prompts).split()), "completion_tokens": 0}
        usage["completion_tokens"] = sum(len(words) for words, _ in choices)
        usage["total_tokens"] = sum(usage.values())
        kind = "chat.completion" if is_chat else "text_completion"
        head = {
            "id": f"{'chatcmpl' if is_chat else 'cmpl'}-{secrets.token_hex(8)}",
            "object": kind,
            "created": int(time.time()),
            "model": body["model"],
        }
        if body.get("stream"):
            wants_usage = (body.get("stream_options") or {}).get("include_usage")
            head["object"] = f"{kind}.chunk" if is_chat else kind
            return _stream(head, choices, usage if wants_usage else None, is_chat=is_chat)
        parts = [{"message": {"role": "assistant", "content": ""}} if is_chat else {"text": ""} for _ in choices]
        for part, (words, _) in zip(parts, choices, strict=True):
            text = " ".join(words)
            part.update({"message": {"role": "assistant", "content": text}} if is_chat else {"text": text})
        listed = [
            {"index": index, **part, "finish_reason": reason, "logprobs": None}
            for index, (part, (_, reason)) in enumerate(zip(parts, choices, strict=True))
        ]
        return httpx.Response(200, json={**head, "choices": listed, "usage": usage})

    def _write(self, body: dict[str, Any], prompt: str, number: int, limit: int) -> list[str]:
        """As many words as the limit allows, for a prompt."""
        sampling = [body.get("seed"), number] if body.get("temperature", 1) else []
        noise = [] if self._honours_seed and body.get("seed") is not None else [next(self._count)]
        source = random.Random(json.dumps([prompt, sampling, noise]))  # noqa: S311 - of a test
        return [source.choice(_WORDS) for _ in range(limit)]


def _cut(words: list[str], stops: list[str]) -> tuple[list[str], str]:
    """The words before the first stop sequence, and the finish_reason."""
    text = " ".join(words)
    ends = [text.index(stop) for stop in stops if stop in text]
    return (text[: min(ends)].split(), "stop") if ends else (words, "length")


def _stream(
    head: dict[str, Any], choices: list[tuple[list[str], str]], usage: dict[str, int] | None, *, is_chat: bool
) -> httpx.Response:
    def iter_chunks() -> Iterator[dict[str, Any]]:
        for index, (words, reason) in enumerate(choices):
            if is_chat:
                yield {"choices": [{"index": index, "delta": {"role": "assistant", "content": ""}}]}
            for position, word in enumerate(words):
                text = f" {word}" if position else word
                part = {"delta": {"content": text}} if is_chat else {"text": text}
                yield {"choices": [{"index": index, **part, "finish_reason": None}]}
            end = {"delta": {}} if is_chat else {"text": ""}
            yield {"choices": [{"index": index, **end, "finish_reason": reason}]}
        if usage is not None:
            yield {"choices": [], "usage": usage}

    extra = {"usage": None} if usage is not None else {}
    events = [json.dumps({**head, **extra, **chunk}) for chunk in iter_chunks()]
    content = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"])
    return httpx.Response(200, content=content.encode(), headers={"content-type": "text/event-stream"})


def _embed(body: dict[str, Any]) -> httpx.Response:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    sources = [random.Random(json.dumps(text)) for text in texts]  # noqa: S311 - of a test
    vectors = [[source.uniform(-1, 1) for _ in range(body.get("dimensions") or 8)] for source in sources]
    encoded: list[Any] = list(vectors)
    if body.get("encoding_format") == "base64":
        encoded = [base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() for vector in vectors]
    data = [{"object": "embedding", "index": index, "embedding": it} for index, it in enumerate(encoded)]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return httpx.Response(200, json={"object": "list", "data": data, "model": body["model"], "usage": usage})


def _describe(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "openai"}


def _decode_letters(path: str) -> str:
    """Decode what needs no escape; an encoded slash stays one."""
    return re.sub(r"%(4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])", lambda match: chr(int(match[1], 16)), path, flags=re.I)


def _reject(status: int, message: str, **headers: str) -> httpx.Response:
    error = {"message": message or "Not allowed", "type": "invalid_request_error", "param": None, "code": None}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, json={"error": error})
