"""Compares what happened in a call with what the construct means."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from tests.generator.corpus.entries import Call


def find_differences(call: Call, outcome: dict[str, Any]) -> list[str]:
    """Return a sentence for each difference; none if the call did what it should."""
    facts = call.facts
    text = facts.get("call") or facts.get("stream") or facts.get("run")
    differences = [*_compare_requests(call, outcome["requests"]), *_compare_warnings(facts, outcome["warnings"])]
    error = outcome.get("error")
    if "raises" in facts:
        if error is None:
            differences.append(f"expected {facts['raises']}, returned {outcome['result']!r}")
        elif facts["raises"] not in error["names"] or facts.get("message", "") not in error["message"]:
            expected = f"{facts['raises']}: {facts.get('message', '')}"
            differences.append(f"expected {expected!r}, raised {error['names'][0]}: {error['message']}")
    elif error is not None:
        differences.append(f"raised {error['names'][0]}: {error['message']}\n{error['traceback']}")
    elif "result" in facts and facts["result"] != outcome["result"]:
        differences.append(f"expected the result {facts['result']!r}, returned {outcome['result']!r}")
    return [f"{text}: {difference}" for difference in differences]


def _compare_warnings(facts: dict[str, Any], caught: list[dict[str, str]]) -> list[str]:
    if "warns" not in facts:
        return [f"warned: {item['message']}" for item in caught]
    deprecations = [item for item in caught if item["category"] == "DeprecationWarning"]
    expected = [item for item in deprecations if facts["warns"] in item["message"]]
    if not expected:
        return [f"expected a DeprecationWarning with {facts['warns']!r}, not {caught}"]
    return [f"the warning names {item['file']}, not the caller" for item in expected if item["file"] != "calls.py"]


def _compare_requests(call: Call, requests: list[dict[str, Any]]) -> list[str]:
    lines = [f"{item['method']} {item['target']}" for item in requests]
    expected = [str(item["sends"]) for item in call.requests]
    if lines != expected:
        return [f"expected {expected}, sent {lines}"]
    pairs = zip(call.requests, requests, strict=True)
    return [difference for facts, request in pairs for difference in _compare_request(facts, request)]


def _compare_request(facts: dict[str, Any], request: dict[str, Any]) -> list[str]:
    headers: dict[str, list[str]] = {}
    for name, value in request["headers"]:
        headers.setdefault(name, []).append(value)
    differences = []
    for name, expected in facts.get("headers", {}).items():
        values = headers.get(name)
        if values != (None if expected is None else [str(expected)]):
            differences.append(f"expected the header {name}: {expected!r}, sent {values!r}")
    body = base64.b64decode(request["body"])
    kind = headers.get("content-type", [""])[0]
    return differences + _compare_body(facts, body, kind)


def _compare_body(facts: dict[str, Any], body: bytes, kind: str) -> list[str]:
    if "json" in facts:
        is_json = re.match(r"application/([\w.-]+\+)?json(;|$)", kind) is not None
        try:
            value = json.loads(body)
        except ValueError:
            return [f"expected JSON, sent {body!r}"]
        differences = [] if is_json else [f"JSON was sent as {kind!r}"]
        if _typed(value) != _typed(facts["json"]):
            differences.append(f"expected the JSON {facts['json']!r}, sent {value!r}")
        return differences
    if "parts" in facts:
        parts = parse_parts(body, kind)
        expected = [_complete_part(part) for part in facts["parts"]]
        sent = [_select(part, expected[index]) for index, part in enumerate(parts[: len(expected)])]
        return [] if sent == expected and len(parts) == len(expected) else [f"expected {expected}, sent {parts}"]
    expected_body = str(facts.get("body", "")).encode()
    return [] if body == expected_body else [f"expected the body {expected_body!r}, sent {body!r}"]


def _typed(value: Any) -> str:
    """JSON text, in which 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def _complete_part(part: dict[str, Any]) -> dict[str, Any]:
    return {"filename": None, **part}


def _select(part: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a part that are compared; `json` is its text as JSON."""
    return {name: json.loads(part["text"]) if name == "json" else part.get(name) for name in names}


def parse_parts(body: bytes, kind: str) -> list[dict[str, Any]]:
    """Return the parts of a form: name, filename, type and text."""
    boundary = re.search(r'multipart/form-data; boundary="?([^";]+)', kind)
    if boundary is None:
        return [{"error": f"the Content-Type is {kind!r}"}]
    parts = []
    for part in body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n"))
        names = dict(re.findall(r'(\w+)="([^"]*)"', head.decode().split("\r\n")[0]))
        item = {"name": names.get("name"), "filename": names.get("filename"), "type": headers.get("content-type")}
        parts.append({**item, "text": content.removesuffix(b"\r\n").decode()})
    return parts
