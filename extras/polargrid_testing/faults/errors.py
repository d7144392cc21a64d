"""Error responses: statuses, shapes, redirects, Retry-After."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Literal, TypeAlias

from polargrid_testing.faults.answers import replace_headers
from polargrid_testing.faults.registry import fault
from polargrid_testing.steps import Answer

Shape: TypeAlias = Literal["openai", "flat", "string", "fastapi", "no-message", "empty"]


@fault("error", phase="response")
def send_error(
    *,
    status: int = 500,
    message: str = "A fault of the test.",
    type: str = "test_fault",  # noqa: A002 - the name of the field
    code: str | int = "test_fault",
    shape: Shape = "openai",
    retry_after: float | str | None = None,
    unit: Literal["s", "ms", "date"] = "s",
    clock: float | None = None,
    request_id: str = "req_fault",
) -> Answer:
    """The status is an error, such as 429 with Retry-After, or 503; the message has the shape of one server or another.

    `retry_after` is in seconds, sent in a unit: a text is sent as it is. `clock` is how many seconds the server's clock
    is ahead, which its Date says.
    """
    body: Any = {
        "openai": {"error": {"message": message, "type": type, "code": code}},
        "flat": {"message": message, "code": code},
        "string": {"error": message, "code": code},
        "fastapi": {"detail": message, "code": code},
        "no-message": {"error": {"code": code}},
        "empty": None,
    }[shape]
    answer = replace_headers(Answer.json(body, status=status), x_request_id=request_id)
    answer = replace(answer, body=b"") if shape == "empty" else answer
    now = time.time() + (clock or 0.0)
    if clock is not None:
        answer = replace_headers(answer, date=formatdate(now, usegmt=True))
    if isinstance(retry_after, float | int):
        if unit == "ms":
            return replace_headers(answer, retry_after_ms=f"{retry_after * 1000:g}")
        value = formatdate(now + retry_after, usegmt=True) if unit == "date" else f"{retry_after:g}"
        return replace_headers(answer, retry_after=value)
    return replace_headers(answer, retry_after=retry_after)


@fault("rate-limit", phase="response")
def limit_rate(*, retry_after: float | str | None = 1.0, unit: Literal["s", "ms", "date"] = "s") -> Answer:
    """The status is 429, with Retry-After, the time after which the client may try again."""
    return send_error(
        status=429, message="Too many requests.", code="rate_limit_exceeded", retry_after=retry_after, unit=unit
    )


@fault("unavailable", phase="response")
def send_unavailable(*, retry_after: float | str | None = None) -> Answer:
    """The status is 503, for so many requests as `times` says."""
    return send_error(status=503, message="The server is busy.", code="unavailable", retry_after=retry_after)


@fault("html", phase="response")
def send_page(*, status: int = 502, title: str = "502 Bad Gateway") -> Answer:
    """A gateway responds with a page of HTML."""
    page = f"<html>\n<h1>{title}</h1>" + "<p>nginx</p>" * 1000
    return Answer(status, {"content-type": "text/html"}, page.encode())


@fault("redirect", phase="response")
def redirect(*, location: str | None = "http://other.invalid/v1", status: int = 307) -> Answer:
    """The response is a redirect to another host, or one without a location."""
    return replace_headers(Answer(status), location=location)


@fault("json", phase="response")
def send_json(answer: Answer, *, value: Any) -> Answer:
    """The JSON is another value: of another type, an error with status 200, or one without what it should hold."""
    return replace_headers(replace(answer, body=json.dumps(value).encode()), content_type="application/json")
