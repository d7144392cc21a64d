"""What to say about a request that no rule answers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from polargrid_edge.errors import EdgeError
from polargrid_testing.errors import UnscriptedRequestError
from polargrid_testing.fake.families import write_line
from polargrid_testing.fake.rules import Rule
from polargrid_testing.forms import FormError, FormPart
from polargrid_testing.received import ReceivedRequest

STATUS = 501
"""A client does not retry it, and no hosted edge sends it."""
_EXCERPT = 160  # characters
_MOST = 10  # requests in a message


def build_error(description: str) -> EdgeError:
    """Return the response to a request that no rule answers."""
    return EdgeError(STATUS, "unscripted request: " + description, "unscripted_request")


def describe(request: ReceivedRequest, rules: Iterable[Rule], name: str) -> str:
    """Say which request it is, why no rule answers it, and the line that scripts it; `name` is that of the fake."""
    reasons = [rule.describe() for rule in rules if request.operation in rule.operations]
    reason = f"; {' and '.join(reasons)}" if reasons else ""
    line = write_line(request.operation, name)
    return f"{request.method} {request.target} {_excerpt(request)}{reason}; add: {line}"


def build_failure(requests: Iterable[tuple[ReceivedRequest, str]]) -> UnscriptedRequestError:
    """Return the error of a test for its requests, each with its description."""
    items = list(requests)
    count = f"{len(items)} requests were" if len(items) > 1 else "a request was"
    different = list(dict.fromkeys(text for _, text in items))
    texts = [text.replace("; add: ", "\n    add: ") for text in different[:_MOST]]
    if len(different) > _MOST:
        texts.append(f"and {len(different) - _MOST} more, which differ")
    return UnscriptedRequestError("\n  ".join([f"{count} not scripted:", *texts]), tuple(item for item, _ in items))


def _excerpt(request: ReceivedRequest) -> str:
    parts: tuple[FormPart, ...] = ()
    with suppress(FormError):
        parts = request.parts
    if parts:
        names = [f"{part.name}={part.filename or part.data[:40].decode('utf-8', 'replace')}" for part in parts]
        return "with the form " + ", ".join(names)
    text = request.body[: 4 * _EXCERPT + 4].decode("utf-8", "replace")
    return f"with the body {text[:_EXCERPT]}{'…' if len(text) > _EXCERPT else ''}" if text else "without a body"
