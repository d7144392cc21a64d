"""A server that shows a client its own key in every place and notation, and what a client sends to it."""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from polargrid.errors import PolarGridError
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer, Piece, Step, render_event

Notation = Callable[[str], str]
NOTATIONS: dict[str, Notation] = {
    "plain": str,
    "upper case": str.upper,
    "JSON escapes": lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
    "JSON in JSON": lambda key: json.dumps(json.dumps({"key": "".join(f"\\u{ord(item):04X}" for item in key)})),
    "URL": lambda key: quote(key, safe=""),
    "whole URL": lambda key: "".join(f"%{ord(character):02X}" for character in key),
    "URL in URL": lambda key: quote("".join(f"%{ord(character):02x}" for character in key), safe=""),
    "HTML": html.escape,
    "HTML numbers": lambda key: "".join(f"&#{ord(character)};" for character in key),
    "HTML hexadecimal": lambda key: "".join(f"&#x{ord(character):x};" for character in key),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 behind a byte": lambda key: base64.b64encode(b":" + key.encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(f"Authorization: Bearer {key}\r\n".encode()).decode(),
    "base64 in lines": lambda key: base64.encodebytes(f"{'=' * 40}{key}{'=' * 40}".encode()).decode(),
    "base64 for URLs": lambda key: base64.urlsafe_b64encode(f"??{key}".encode()).decode().rstrip("="),
    "basic authentication": lambda key: f"Basic {base64.b64encode(f'user:{key}'.encode()).decode()}",
    "hexadecimal": lambda key: key.encode().hex(),
    "curl": lambda key: f"curl -H 'Authorization: Bearer {key}' https://user:{key}@example.com/?api_key={quote(key)}",
}
#: Letters of keys; the last one has what every notation escapes.
ALPHABETS = (
    string.ascii_letters + string.digits,
    string.ascii_lowercase + string.digits + "_-",
    string.hexdigits.lower()[:16],
    string.ascii_letters + string.digits + "+/=.~-_:",
    string.ascii_letters + string.digits + "<>&\"'%+/\\?#",
)


def make_key(source: random.Random) -> str:
    """Return a key."""
    prefix = source.choice(["pg_", "pg_live_", "sk-", "", "key-"])
    return prefix + "".join(source.choices(source.choice(ALPHABETS), k=source.choice([16, 24, 40, 64])))


@dataclass
class HostileServer:
    """The handler of a server whose every response shows the credentials of its request."""

    source: random.Random
    sent: list[bytes] = field(default_factory=list)
    """The bodies of its responses."""

    def on_connect(self) -> None:
        """Read requests."""

    def on_head(self, request: ReceivedRequest) -> None:
        """Read the body."""

    def respond(self, request: ReceivedRequest) -> Iterator[Step]:
        """Show the key, and the cookie, in some notation, in some place, of some kind of response."""
        key = request.headers["authorization"].removeprefix("Bearer ")
        shown = self.source.choice(list(NOTATIONS.values()))(key)
        text = f"You sent {shown}. Cookie {request.headers.get('cookie', '')}, {request.headers.get('x-tenant-secret')}"
        headers = {
            "set-cookie": f"session={key}; HttpOnly",
            "x-echo": key,
            "location": f"https://example.com/?api_key={quote(key)}",
            "x-request-id": f"req-{shown if shown.isprintable() and shown.isascii() else ''}",
            "link": f"<https://user:{quote(key, safe='')}@example.com>; rel=next",
        }
        answer = self._answer(request, key, text, {**headers, "content-type": "application/json"})
        self.sent.append(answer.content)
        return answer.steps()

    def _answer(self, request: ReceivedRequest, key: str, text: str, headers: dict[str, str]) -> Answer:
        status = self.source.choice([200, 200, 200, 401, 404, 500])
        if isinstance(request.json, Mapping) and request.json.get("stream") and status == 200:
            return self._stream(key, text, {**headers, "content-type": "text/event-stream"})
        if "speech" in request.target and status == 200:
            noise = self.source.randbytes(500)
            parts = [*self._cut(key.encode()), noise, key.encode("utf-16-le"), *self._cut(f"ID3{text}".encode())]
            return Answer(status, {**headers, "content-type": "audio/mpeg"}, tuple(map(Piece, parts)))
        body: Any = {"error": {"message": text, "code": key, "headers": {"Authorization": f"Bearer {key}"}}}
        if status == 200:
            tokens = [part.decode("latin-1") for part in self._cut(key.encode())]
            entries = [{"token": token, "bytes": list(token.encode()), "index": 0} for token in tokens]
            body = {"text": text, "logprobs": entries, "choices": [{"index": 0, "message": {"content": text}}]}
        data = json.dumps(body, ensure_ascii=self.source.random() < 0.5).encode()
        kind = self.source.choice(["plain", "gzip", "html", "pieces"])
        if kind == "gzip":
            return Answer(status, {**headers, "content-encoding": "gzip"}, gzip.compress(data))
        if kind == "html" and status != 200:
            return Answer(status, {**headers, "content-type": "text/html"}, f"<pre>{html.escape(text)}</pre>".encode())
        return Answer(status, headers, tuple(map(Piece, self._cut(data))) if kind == "pieces" else data)

    def _stream(self, key: str, text: str, headers: dict[str, str]) -> Answer:
        """A model that writes the key token by token, in two choices at the same time; the events are cut anywhere."""
        events = []
        for token in [*self._cut(text.encode()), *self._cut(key.encode())]:
            for index in range(2):
                delta = {"index": index, "delta": {"content": token.decode("latin-1")}}
                chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
                events.append(render_event(json.dumps({**chunk, "choices": [delta]})))
        events += [b": " + key.encode() + b"\n\n", render_event("[DONE]")]
        body = b"".join(events)
        cuts = self._cut(body) if self.source.random() < 0.5 else events
        return Answer(200, headers, tuple(map(Piece, cuts)))

    def _cut(self, data: bytes) -> list[bytes]:
        """Cut data into a few parts, anywhere."""
        count = min(len(data) - 1, self.source.randint(1, 12))
        cuts = sorted(self.source.sample(range(1, len(data)), count))
        return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def list_secrets(key: str, source: random.Random) -> dict[str, str]:
    """Return the credentials of a client: its key, a cookie, a header of its own."""
    letters = string.ascii_letters + string.digits
    cookie, header = ("".join(source.choices(letters, k=20)) for _ in range(2))
    return {"key": key, "cookie": cookie, "header": header}


def send_requests(client: Any, secrets: Mapping[str, str], source: random.Random) -> None:
    """Send requests of each kind that hold the key where a program could put it."""
    key, cookie = secrets["key"], secrets["cookie"]
    shown = source.choice(list(NOTATIONS.values()))(key)
    headers = {"Cookie": f"session={cookie}; a=b", "X-Tenant-Secret": secrets["header"]}
    options: dict[str, Any] = {"extra_headers": headers}
    messages = [{"role": "user", "content": f"My key is {shown}; {cookie}"}]
    upload = (f"{quote(shown)[:80]}.wav", key.encode(), "audio/wav")
    calls: list[Callable[[], Any]] = [
        lambda: list(client.chat.completions.create(model="m", messages=messages, stream=True, **options)),
        lambda: client.chat.completions.create(model="m", messages=messages, user=key, **options),
        lambda: client.models.retrieve(f"m-{quote(shown)}", extra_query={"api_key": key, "x": shown}, **options),
        lambda: client.audio.speech.create(model="m", input=shown, voice="v", **options),
        lambda: client.audio.transcriptions.create(model="m", file=upload, prompt=shown, **options),
        lambda: client.embeddings.create(model="m", input=[key[:9], key[9:], shown], **options),
    ]
    for call in calls:
        with suppress(PolarGridError):  # an error status, or a response that does not match
            call()
