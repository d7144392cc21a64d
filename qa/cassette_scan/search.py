"""Searches data for a credential in every notation: it undoes what notations do, and knows nothing of the redaction."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import yaml

_DEPTH = 4  # notations within notations
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{4}|[\n=]){4,}[A-Za-z0-9+/_-]*")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_JSON_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})|\\+([\"'/\\])")


def find_secret(data: bytes, secret: str) -> str | None:
    """Return where a credential is in data, if it is there: a few characters around it."""
    for text in _iter_texts(data.decode("latin-1"), _DEPTH):
        position = text.lower().find(secret.lower())
        if position >= 0:
            return text[max(0, position - 40) : position + len(secret) + 40]
    return None


def find_in_cassette(path: Any, secret: str) -> str | None:
    """Return where a credential is in the file of a cassette: in its text, its values, or bodies put together."""
    text = path.read_bytes()
    document = yaml.safe_load(text)
    found = find_secret(text, secret)
    for interaction in document["interactions"]:
        response = interaction["response"]
        bodies = [response["body"]] if "body" in response else response.get("stream", [])
        data = b"".join(map(_read_body, bodies))
        values = "\n".join(_iter_strings([interaction["request"], response.get("headers")])).encode()
        events = [line[6:] for line in data.decode("latin-1").splitlines() if line.startswith("data: ")]
        found = found or find_secret(data, secret) or find_secret(values, secret)
        found = found or _find_in_strings([*events, data.decode("latin-1")], secret)
    return found


def _find_in_strings(texts: list[str], secret: str) -> str | None:
    """Search the strings of JSON that follow each other, and those of each name and each choice."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        with suppress(ValueError):
            for name, item in _iter_named(json.loads(text), ""):
                groups.setdefault(name, []).append(item)
    joined = ["".join(items) for items in groups.values()]
    return next((found for item in joined if (found := find_secret(item.encode("utf-8", "replace"), secret))), None)


def _iter_named(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _iter_named(item, f"{name}/{value.get('index', '')}/{key}")
    elif isinstance(value, list):
        if value and all(isinstance(item, int) and 0 <= item < 256 for item in value):
            yield f"{name}/bytes", bytes(value).decode("latin-1")
        for item in value:
            yield from _iter_named(item, name)


def _iter_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _iter_strings([*value, *value.values()])
    elif isinstance(value, list):
        for item in value:
            yield from _iter_strings(item)


def _read_body(body: dict[str, Any]) -> bytes:
    if "json" in body:
        return json.dumps(body["json"]).encode()
    return body["text"].encode() if "text" in body else base64.b64decode(body["base64"])


def _iter_texts(text: str, depth: int) -> Iterator[str]:
    yield text
    if depth == 0:
        return
    decoded = {unquote(text, "latin-1"), html.unescape(text), _JSON_ESCAPE.sub(_unescape, text)}
    decoded |= {text.replace("\0", ""), re.sub(r"\s+|\\n", "", text) if depth == _DEPTH else text}
    for match in _BASE64.finditer(text):
        run = match[0].replace("-", "+").replace("_", "/").replace("\n", "").rstrip("=")
        for shift in range(4) if depth == _DEPTH else range(1):
            code = run[shift:]
            with suppress(ValueError):
                decoded.add(base64.b64decode(code[: len(code) // 4 * 4]).decode("latin-1"))
                decoded.add(base64.b64decode(code + "=" * (-len(code) % 4)).decode("latin-1"))
    for match in _HEX.finditer(text):
        with suppress(ValueError):
            decoded.add(bytes.fromhex(match[0]).decode("latin-1"))
    for item in decoded - {text}:
        yield from _iter_texts(item, depth - 1)


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else match[2]
