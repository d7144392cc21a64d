"""HTTP: what is answered to requests that are for no operation, in another form, or too large."""

from __future__ import annotations

import json
from collections.abc import Iterator

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.asking import CHANGING, FORMS, ask, once, plain, silence
from polargrid_contract.checks.keys import ALL
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server

_BODIES = tuple(name for name in ALL if name != "unload_all_models" and not name.startswith(("list", "get", "health")))
_NOWHERE = (
    ("list_models", "/v1/no-such-thing"),
    ("chat_completion", "/v1/chat/completions/no-such-thing"),
    ("load_model", "/v1/models/load/no-such-thing"),
)
_TOO_LARGE = 32 * 1024 * 1024


@check(
    "unknown-path-404",
    on=("list_models", "chat_completion", "load_model"),
    why="A path that nothing is at must not be answered as if it were an operation.",
    source="RFC 9110, 15.5.5",
)
def unknown_path(server: Server) -> Iterator[Fault]:
    """404, with a good key."""
    for exchange in astray(server):
        if exchange.status != 404:
            yield server.fault(exchange, expected="status 404", came=_status(exchange))


@check(
    "unknown-method-405",
    on=ALL,
    why="A method that the path does not have must be told from a path that is not there, and must do nothing.",
    source="RFC 9110, 15.5.6",
)
def unknown_method(server: Server) -> Iterator[Fault]:
    """405 to every other method of REST."""
    refused = (405,) if server.target.profile == "polargrid" else (404, 405, 501)
    for exchange in mistaken(server):
        if exchange.status not in refused:
            yield server.fault(exchange, expected="status 405", came=_status(exchange))


@check(
    "allow-lists-methods",
    on=ALL,
    why="A 405 says in Allow which methods the path does have.",
    source="RFC 9110, 15.5.6 and 10.2.1",
)
def allow_lists_methods(server: Server) -> Iterator[Fault]:
    """The operation's own method is among those listed, the refused one is not."""
    for exchange in mistaken(server):
        allowed = {method.strip() for method in exchange.answer_headers.get("allow", "").split(",")}
        real = server.places[exchange.operation][0]
        if exchange.status == 405 and (real not in allowed or exchange.method in allowed):
            came = f"Allow: {exchange.answer_headers.get('allow', '(no such header)')}"
            yield server.fault(exchange, expected=f"Allow: {real}", came=came)


@check(
    "other-media-type-415",
    on=_BODIES,
    why="A body is what its Content-Type says; to guess otherwise opens doors to cross-site requests.",
    source="openapi.yaml, UnsupportedMediaType; RFC 9110, 15.5.16",
    profiles=("polargrid",),
)
def other_media_type(server: Server) -> Iterator[Fault]:
    """JSON sent as text, a form where JSON is expected, JSON where a form is expected."""
    for exchange in disguised(server):
        if exchange.status != 415:
            yield server.fault(exchange, expected="status 415", came=_status(exchange))


@check(
    "too-large-413",
    on=("chat_completion",),
    why="A body without bound fills the memory of the edge.",
    source="openapi.yaml, ContentTooLarge; RFC 9110, 15.5.14",
)
def too_large(server: Server) -> Iterator[Fault]:
    """32 MiB, most of them white space, are refused, or taken by a server that may; either way it stays well."""
    content = json.dumps(plain(server, "chat_completion")["body"]).encode().ljust(_TOO_LARGE)
    exchange = server.offered(
        ask(server, "chat_completion", content=content, headers={"content-type": "application/json"})
    )
    # A server that hangs up while it is being sent to may be heard of by a reset alone.
    good = exchange.status == 413 or (exchange.status == 0 and exchange.cut)
    if server.target.profile == "openai":
        good = good or exchange.status < 500
    if not good:
        yield server.fault(exchange, expected="status 413", came=_status(exchange))
    after = ask(server, "list_models")
    if after.status != 200:
        yield server.fault(after, expected="status 200 after a body that was too large", came=_status(after))


@check(
    "head-has-no-body",
    on=("list_models",),
    why="A body after HEAD is taken for the next answer on the connection.",
    source="RFC 9110, 9.3.2",
)
def head_has_no_body(server: Server) -> Iterator[Fault]:
    """HEAD is answered or refused, without a body, and the next answer is whole."""
    exchange = ask(server, "list_models", method="HEAD")
    if exchange.cut or exchange.body or (exchange.status >= 500 and exchange.status != 501):
        yield server.fault(exchange, expected="a status below 500 and no body", came=_status(exchange))
    after = ask(server, "list_models")
    if after.status != 200 or after.cut:
        yield server.fault(after, expected="status 200 after HEAD", came=_status(after))


@once
def astray(server: Server) -> list[Exchange]:
    """Requests for paths that are not there."""
    return [ask(server, name, path=path, **plain(server, name)) for name, path in _NOWHERE]


@once
def mistaken(server: Server) -> list[Exchange]:
    """Every path, asked by the methods it does not have."""
    asked = []
    for name in _changeable(server, ALL):
        path = server.places[name][1]
        real = {method for method, at in server.places.values() if at == path}
        others = [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if method not in real]
        asked += [ask(server, name, method=method) for method in others]
    return asked


@once
def disguised(server: Server) -> list[Exchange]:
    """Good bodies of a media type that the operation does not take."""
    asked = []
    for name in _changeable(server, _BODIES):
        if name in FORMS:
            asked.append(ask(server, name, body={"model": "whisper-1", "file": silence().name}))
            continue
        body = plain(server, name)["body"]
        headers = {"content-type": "text/plain"}
        asked.append(ask(server, name, content=json.dumps(body).encode(), headers=headers))
        asked.append(ask(server, name, form={field: str(value) for field, value in body.items()} or {"force": "false"}))
    return asked


def _changeable(server: Server, names: tuple[str, ...]) -> Iterator[str]:
    """Without those that could unload a model, if the server took the request after all, where it must not."""
    return (name for name in names if not (server.target.read_only and name in CHANGING))


def _status(exchange: Exchange) -> str:
    return exchange.cut or f"status {exchange.status}: {exchange.text[:120]}"
