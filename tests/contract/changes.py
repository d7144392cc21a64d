"""Run checks against a server in memory, with a change in the requests to it or in the responses from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from polargrid_contract.behaviour import run_checks
from polargrid_contract.checks import all_checks
from polargrid_contract.client import ServerClient, TargetServer
from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.readers.assembled_stream import assemble
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.results import Outcome, Violation
from tests.contract.recorded_edge import (
    HOP_HEADERS,
    KEY,
    MODEL,
    URL,
    Chunk,
    TimedStream,
    VirtualClock,
    build_response,
    chunks_of,
)

Send = Callable[[httpx.Request], httpx.Response]
Change = Callable[[httpx.Request, Send], httpx.Response]
Body = dict[str, Any]


def build_client(
    send: Send,
    change: Change | None = None,
    *,
    only: Collection[str] = (),
    clock: VirtualClock | None = None,
    **target: Any,
) -> ServerClient:
    """A client of a server in memory, on a virtual clock; `only` are names of operations."""
    clock = clock or VirtualClock()

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        try:
            response = change(request, send) if change else send(request)
        except httpx.HTTPError:
            raise  # a simulated network error
        except Exception as error:  # noqa: BLE001 - a check would report it as a violation
            pytest.fail(f"the change or the server raised {error!r}")
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in HOP_HEADERS]
        chunks = [] if request.method == "HEAD" else chunks_of(response)
        on_close = response.extensions.get("on_close")
        stream = TimedStream(clock, chunks, on_close)
        patience = request.extensions["timeout"]["read"]
        if chunks and chunks[0].seconds > patience:
            clock.sleep(patience)
            stream.close()
            raise httpx.ReadTimeout("no response in time", request=request)
        return httpx.Response(response.status_code, headers=headers, stream=stream)

    fields = {"models": {"chat": MODEL}, **target}
    return ServerClient(TargetServer(URL, KEY, **fields), only=only, transport=httpx.MockTransport(handle), clock=clock)


def run(
    send: Send,
    names: Iterable[str],
    change: Change | None = None,
    *,
    clock: VirtualClock | None = None,
    **target: Any,
) -> list[Outcome]:
    """Run checks by name."""
    selected = set(names)
    with closing(build_client(send, change, clock=clock, **target)) as client:
        return run_checks(client, [check for check in all_checks() if check.name in selected])


def run_one(send: Send, name: str, change: Change | None = None, **target: Any) -> Outcome:
    """Run one check."""
    (outcome,) = run(send, [name], change, **target)
    return outcome


def find_violations(send: Send, name: str, change: Change | None = None, **target: Any) -> tuple[Violation, ...]:
    """Run one check and return its violations."""
    return run_one(send, name, change, **target).violations


def failures(outcomes: Iterable[Outcome]) -> list[tuple[str, tuple[Violation, ...]]]:
    """The failed checks with their violations; empty if none failed."""
    return [(outcome.check, outcome.violations) for outcome in outcomes if outcome.status == "failed"]


def names_in(*modules: str) -> list[str]:
    """The names of the checks in some modules."""
    return [check.name for check in all_checks() if check.run.__module__.rpartition(".")[2] in modules]


def change_json(change: Callable[[Body, Body], Any]) -> Change:
    """Change successful JSON responses in place; `change` gets the bodies of request and response.

    A streamed text is joined, changed as the plain response is, and streamed again.
    """

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        media_type = response.headers.get("content-type", "")
        is_text = media_type.startswith("text/event-stream") and b'"choices"' in response.content
        if response.status_code != 200 or not (is_text or media_type.startswith("application/json")):
            return response
        body = join_stream(response.content) if is_text else response.json()
        change(json.loads(request.content or b"{}"), body)
        return copy_response(response, content=split_stream(body) if is_text else json.dumps(body).encode())

    return apply


def join_stream(content: bytes) -> Body:
    """The response that a streamed text is a form of."""
    exchange = Exchange("", "POST", "/", {}, None, None, status=200, chunks=(TimedBytes(0.0, content),))
    return assemble(Stream(exchange))


def split_stream(body: Body, size: int = 5) -> bytes:
    """Stream the response to a text operation: texts and arguments in parts of some characters."""
    common = {name: value for name, value in body.items() if name not in ("choices", "usage")}
    parts = [part for choice in body["choices"] for part in _split_choice(choice, size)]
    chunks = [{**common, "choices": [part]} for part in parts]
    if "usage" in body:
        chunks.append({**common, "choices": [], "usage": body["usage"]})
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"


def _split_choice(choice: Body, size: int) -> Iterator[Body]:
    index = {"index": choice["index"]}
    message = choice.get("message")
    if message is None:
        texts = _split_text(choice["text"], size) or [""]
        yield from ({**index, "text": text, "finish_reason": None} for text in texts)
        yield {**index, "text": "", "finish_reason": choice["finish_reason"]}
        return
    texts = _split_text(message.get("content") or "", size)
    logprobs = {"logprobs": choice["logprobs"]} if choice.get("logprobs") else {}
    yield {**index, "delta": {"role": message.get("role"), "content": ""}, "finish_reason": None, **logprobs}
    yield from ({**index, "delta": {"content": text}, "finish_reason": None} for text in texts)
    for position, call in enumerate(message.get("tool_calls") or []):
        function = {**call["function"], "arguments": ""}
        fragments = [{**call, "index": position, "function": function}]
        arguments = _split_text(call["function"]["arguments"], size)
        fragments += [{"index": position, "function": {"arguments": text}} for text in arguments]
        yield from ({**index, "delta": {"tool_calls": [fragment]}, "finish_reason": None} for fragment in fragments)
    yield {**index, "delta": {}, "finish_reason": choice["finish_reason"]}


def _split_text(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def change_request(change: Callable[[Body], Any]) -> Change:
    """Change JSON requests in place, so that the server responds to another request than the client sent."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        try:
            body = json.loads(request.content)
            change(body)
        except (ValueError, TypeError, AttributeError, KeyError):
            return send(request)
        return send(httpx.Request(request.method, request.url, headers=_without_hops(request.headers), json=body))

    return apply


def change_stream(change: Callable[[bytes], bytes]) -> Change:
    """Change the body of streamed responses."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            return response
        return copy_response(response, content=change(response.content))

    return apply


def copy_response(
    response: httpx.Response, *, status: int | None = None, content: bytes | None = None, **headers: str | None
) -> httpx.Response:
    """Copy a response with another status, body or headers; a header that is None is removed."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    others = [(name, value) for name, value in response.headers.multi_items() if name not in {*changed, *HOP_HEADERS}]
    others += [(name, value) for name, value in changed.items() if value is not None]
    chunks = chunks_of(response)
    if content is not None:
        chunks = [Chunk(chunks[-1].seconds if chunks else 0.0, content)]
    return build_response(status or response.status_code, others, chunks)


def _without_hops(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in HOP_HEADERS}
