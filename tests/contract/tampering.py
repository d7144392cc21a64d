"""A server for tests: the local edge, with something changed in what goes to it or comes from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from polargrid_contract.check import Fault, checks
from polargrid_contract.conduct import Outcome, conduct
from polargrid_contract.server import Server, Target

Change = Callable[[httpx.Request, Callable[[httpx.Request], httpx.Response]], httpx.Response]
_HOPS = {"content-length", "transfer-encoding", "connection", "content-encoding"}


def server(url: str, change: Change | None = None, profile: Any = "polargrid") -> Server:
    """The edge at a URL, as it is or behind a change."""
    made = Server(Target(url, "pg_local", profile, models={"chat": "smollm2-135m"}))
    if change is not None:
        behind = made.client
        made.client = httpx.Client(transport=httpx.MockTransport(lambda asked: change(asked, _passer(behind))))
    return made


def outcome(tested: Server, name: str) -> Outcome:
    """What comes of one check, by its name."""
    (told,) = conduct(tested, [check for check in checks() if check.name == name])
    return told


def faults(tested: Server, name: str) -> tuple[Fault, ...]:
    return outcome(tested, name).faults


def answering(change: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Change:
    """Change what good JSON answers hold; the change is given the request's JSON and the answer's."""

    def changed(asked: httpx.Request, forward: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
        came = forward(asked)
        if came.status_code != 200 or not came.headers["content-type"].startswith("application/json"):
            return came
        body = came.json()
        change(json.loads(asked.content or b"{}"), body)
        return copied(came, content=json.dumps(body).encode())

    return changed


def asking(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Change what the edge is asked, so that it does not do what the client wants."""

    def changed(asked: httpx.Request, forward: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
        try:
            body = json.loads(asked.content)
            change(body)
        except (ValueError, TypeError, AttributeError, KeyError):
            return forward(asked)
        return forward(httpx.Request(asked.method, asked.url, headers=_without_hops(asked.headers), json=body))

    return changed


def copied(
    came: httpx.Response, *, status: int | None = None, content: bytes | None = None, **headers: str | None
) -> httpx.Response:
    """An answer with another status, body or headers; a header that is None is left out."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in _without_hops(came.headers).items() if name not in named}
    new = {name: value for name, value in named.items() if value is not None}
    return httpx.Response(status or came.status_code, headers=kept | new, content=content or came.content)


def _passer(client: httpx.Client) -> Callable[[httpx.Request], httpx.Response]:
    def forward(asked: httpx.Request) -> httpx.Response:
        came = client.send(asked)
        return httpx.Response(came.status_code, headers=_without_hops(came.headers), content=came.content)

    return forward


def _without_hops(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _HOPS}
