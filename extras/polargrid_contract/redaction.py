"""Removal of the API key from everything that a report shows; pure."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.results import Outcome, Violation

PLACEHOLDER = "[api key]"
# A response may be quoted in part, and the key with it. A shorter prefix is too likely to be an ordinary word.
_MIN_PREFIX = 12
_MAX_BODY = 20_000  # characters of a response body in a report


def redact(text: str, key: str) -> str:
    """Replace the key in every common escaping, and any long prefix of it."""
    for spelling in _spellings(key):
        text = text.replace(spelling, PLACEHOLDER)
    return text


def redact_outcome(outcome: Outcome, key: str) -> Outcome:
    """Return the outcome without the key in any of its texts."""
    violations = tuple(_redact_violation(violation, key) for violation in outcome.violations)
    return replace(outcome, violations=violations, note=redact(outcome.note, key))


def _spellings(key: str) -> Iterator[str]:
    if not key:
        return
    yield from dict.fromkeys((key, json.dumps(key)[1:-1], html.escape(key), quote(key, safe="")))
    yield from (key[:length] for length in range(len(key) - 1, _MIN_PREFIX - 1, -1))


def _redact_violation(violation: Violation, key: str) -> Violation:
    return replace(
        violation,
        operation=redact(violation.operation, key),
        expected=redact(violation.expected, key),
        actual=redact(violation.actual, key),
        curl=redact(violation.curl, key),
        exchange=_redact_exchange(violation.exchange, key) if violation.exchange else None,
    )


def _redact_exchange(exchange: Exchange, key: str) -> Exchange:
    """Keep what a report shows: the URL and the response, its body in one chunk."""
    headers = {redact(name, key): redact(value, key) for name, value in exchange.response_headers.items()}
    body = redact(exchange.text, key)[:_MAX_BODY].encode()
    return replace(
        exchange,
        url=redact(exchange.url, key),
        headers={},
        content=None,
        form=None,
        uploads=(),
        response_headers=headers,
        chunks=(TimedBytes(exchange.seconds, body),),
        error=redact(exchange.error, key),
    )
