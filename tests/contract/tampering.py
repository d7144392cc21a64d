"""A server for tests: the local edge, with something changed in what goes to it or comes from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

import httpx

from polargrid_contract.check import Fault, checks
from polargrid_contract.conduct import Outcome, conduct
from polargrid_contract.server import Server, Target

Forward = Callable[[httpx.Request], httpx.Response]
Change = Callable[[httpx.Request, Forward], httpx.Response]
_HOPS = {"content-length", "transfer-encoding", "connection", "content-encoding"}


def outcomes(url: str, names: Iterable[str], change: Change | None = None, profile: Any = "polargrid") -> list[Outcome]:
    """What comes of checks, by their names, of the edge at a URL as it is or behind a change."""
    wanted = set(names)
    tested = Server(Target(url, "pg_local", profile, models={"chat": "smollm2-135m"}))
    with httpx.Client(timeout=60, trust_env=False) as behind, closing(tested):
        if change is not None:
            tested.close()
            tested.client = httpx.Client(
                transport=httpx.MockTransport(lambda asked: unread(change(asked, behind.send)))
            )
        return conduct(tested, [check for check in checks() if check.name in wanted])


def outcome(url: str, name: str, change: Change | None = None, profile: Any = "polargrid") -> Outcome:
    """What comes of one check."""
    (told,) = outcomes(url, [name], change, profile)
    return told


def faults(url: str, name: str, change: Change | None = None) -> tuple[Fault, ...]:
    """The faults that one check finds."""
    return outcome(url, name, change).faults


def names_in(*modules: str) -> list[str]:
    """The names of the checks of modules."""
    return [check.name for check in checks() if check.run.__module__.rpartition(".")[2] in modules]


def answering(change: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Change:
    """Change what good JSON answers hold; the change is given the request's JSON and the answer's."""

    def changed(asked: httpx.Request, forward: Forward) -> httpx.Response:
        came = forward(asked)
        if came.status_code != 200 or not came.headers["content-type"].startswith("application/json"):
            return came
        body = came.json()
        change(json.loads(asked.content or b"{}"), body)
        return copied(came, content=json.dumps(body).encode())

    return changed


def asking(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Change what the edge is asked, so that it does not do what the client wants."""

    def changed(asked: httpx.Request, forward: Forward) -> httpx.Response:
        try:
            body = json.loads(asked.content)
            change(body)
        except (ValueError, TypeError, AttributeError, KeyError):
            return forward(asked)
        return forward(httpx.Request(asked.method, asked.url, headers=_without_hops(asked.headers), json=body))

    return changed


def unread(came: httpx.Response) -> httpx.Response:
    """The same answer, yet to be read, as those of a network are."""
    headers = [(name, value) for name, value in came.headers.multi_items() if name not in _HOPS]
    return httpx.Response(came.status_code, headers=headers, stream=httpx.ByteStream(came.content))


def copied(
    came: httpx.Response, *, status: int | None = None, content: bytes | None = None, **headers: str | None
) -> httpx.Response:
    """An answer with another status, body or headers; a header that is None is left out."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in _without_hops(came.headers).items() if name not in named}
    new = {name: value for name, value in named.items() if value is not None}
    body = came.content if content is None else content
    return httpx.Response(status or came.status_code, headers=kept | new, content=body)


def _without_hops(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _HOPS}
