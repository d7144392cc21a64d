"""Removal of the API key from everything that a report shows and saves; pure."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from polargrid_contract.exchange import Exchange, TimedBytes, Upload
from polargrid_contract.results import OperationResult, Outcome, Violation

PLACEHOLDER = "[api key]"
# A response may be quoted in part, and the key with it. A shorter prefix is too likely to be an ordinary word.
_MIN_PREFIX = 12


def redact(text: str, key: str) -> str:
    """Replace the key in every common escaping, and any long prefix of it."""
    for spelling in _spellings(key):
        text = text.replace(spelling, PLACEHOLDER)
    return text


def redact_bytes(data: bytes, key: str) -> bytes:
    """Replace the key in a body, which need not be text."""
    for spelling in _spellings(key):
        data = data.replace(spelling.encode(), PLACEHOLDER.encode())
    return data


def redact_outcome(outcome: Outcome, key: str) -> Outcome:
    """Return the outcome without the key in any of its texts."""
    violations = tuple(_redact_violation(violation, key) for violation in outcome.violations)
    results = tuple(_redact_result(result, key) for result in outcome.results)
    return replace(outcome, violations=violations, note=redact(outcome.note, key), results=results)


def _spellings(key: str) -> Iterator[str]:
    if not key:
        return
    yield from dict.fromkeys((key, json.dumps(key)[1:-1], html.escape(key), quote(key, safe="")))
    yield from dict.fromkeys(_encode_base64(key, offset) for offset in range(3) if len(key) >= _MIN_PREFIX)
    yield from (key[:length] for length in range(len(key) - 1, _MIN_PREFIX - 1, -1))


def _encode_base64(key: str, offset: int) -> str:
    """The characters of a Base64 text that encode nothing but the key, if `offset` bytes modulo 3 are before it."""
    encoded = base64.b64encode(b"\0" * offset + key.encode()).decode().rstrip("=")
    is_whole = (offset + len(key.encode())) % 3 == 0
    return encoded[(offset * 8 + 5) // 6 : None if is_whole else -1]


def _redact_violation(violation: Violation, key: str) -> Violation:
    return replace(
        violation,
        operation=redact(violation.operation, key),
        expected=redact(violation.expected, key),
        actual=redact(violation.actual, key),
        curl=redact(violation.curl, key),
        exchange=_redact_exchange(violation.exchange, key) if violation.exchange else None,
    )


def _redact_result(result: OperationResult, key: str) -> OperationResult:
    exchanges = tuple(_redact_exchange(exchange, key) for exchange in result.exchanges)
    return replace(result, note=redact(result.note, key), exchanges=exchanges)


def _redact_exchange(exchange: Exchange, key: str) -> Exchange:
    """Redact the request and the response, whose body becomes one chunk: the key may be split between two."""
    form = None if exchange.form is None else _redact_pairs(exchange.form, key)
    return replace(
        exchange,
        url=redact(exchange.url, key),
        headers=_redact_pairs(exchange.headers, key),
        content=None if exchange.content is None else redact_bytes(exchange.content, key),
        form=form,
        sent=redact_bytes(exchange.sent, key),
        uploads=tuple(_redact_upload(upload, key) for upload in exchange.uploads),
        response_headers=_redact_pairs(exchange.response_headers, key),
        chunks=(TimedBytes(exchange.seconds, redact_bytes(exchange.body, key)),),
        error=redact(exchange.error, key),
        parameters={},  # they are in the URL and the headers
    )


def _redact_pairs(pairs: Mapping[str, str], key: str) -> dict[str, str]:
    return {redact(name, key): redact(value, key) for name, value in pairs.items()}


def _redact_upload(upload: Upload, key: str) -> Upload:
    return replace(upload, name=redact(upload.name, key), data=redact_bytes(upload.data, key))
