"""Keys: no operation without one, none with a wrong one, and the key before anything else of a request."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

from polargrid_contract.check import Fault, NotOffered, check
from polargrid_contract.checks.asking import CHANGING, TEXT, absent, ask, once, plain
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server

ALL = (
    "chat_completion",
    "completion",
    "text_to_speech",
    "transcribe",
    "translate",
    "list_models",
    "load_model",
    "unload_model",
    "unload_all_models",
    "get_model_status",
    "get_gpu_status",
    "get_gpu_memory",
    "purge_gpu",
    "health",
)
# Servers of the openai profile let anyone list their models and ask for their health.
GUARDED = ("chat_completion", "completion", "text_to_speech", "transcribe", "translate")
_WRONG = "pg_this_key_opens_nothing"
_BROKEN_JSON: dict[str, Any] = {"content": b'{"model": ', "headers": {"content-type": "application/json"}}


@check(
    "key-required",
    on=ALL,
    why="An operation that answers without a key is open to everyone.",
    source="API overview, Authentication; openapi.yaml, security",
)
def key_required(server: Server) -> Iterator[Fault]:
    """No key, no answer: on every operation, streamed as well."""
    yield from _not_refused(server, keyless(server))


@check(
    "wrong-key-refused",
    on=ALL,
    why="A key that was never given out must open nothing.",
    source="API overview, Authentication",
)
def wrong_key_refused(server: Server) -> Iterator[Fault]:
    """A made-up key on every operation, and on one of them keys that nearly are the right one."""
    _asks_for_keys(server)
    wrong = [ask(server, name, key=_WRONG, **_harmless(server, name)) for name in _operations(server)]
    key = server.target.api_key
    near = {f"{key}x", key[:-1], f"{key[:-1]}x", f"{key[:-1]}y", key.swapcase(), key[::-1]} - {key, ""}
    wrong += [ask(server, "chat_completion", key=other, **plain(server, "chat_completion")) for other in sorted(near)]
    yield from _not_refused(server, wrong)


@check(
    "other-scheme-refused",
    on=("chat_completion",),
    why="The key is a bearer token; another scheme means something else by the same text.",
    source="RFC 9110, 11.6.2; openapi.yaml, securitySchemes",
)
def other_scheme_refused(server: Server) -> Iterator[Fault]:
    """The right key, but as a password, as a scheme of its own, bare, or empty."""
    _asks_for_keys(server)
    key = server.target.api_key
    password = b64encode(f":{key}".encode()).decode()
    schemes = ["Bearer", f"Basic {password}", f"Digest {key}"]
    asked = plain(server, "chat_completion")
    wrong = [ask(server, "chat_completion", key=None, headers={"authorization": it}, **asked) for it in schemes]
    yield from _not_refused(server, wrong)


@check(
    "key-before-validation",
    on=GUARDED + CHANGING[:2] + CHANGING[3:],
    why="Who has no key is told nothing else: not what a body must hold, nor which models there are.",
    source="API overview, Authentication; RFC 9110, 15.5.2",
)
def key_before_validation(server: Server) -> Iterator[Fault]:
    """A malformed body, a body of another media type and an unknown model are 401 without a key."""
    _asks_for_keys(server)
    exchanges = []
    for name in _operations(server):
        asked = plain(server, name)
        if asked:
            exchanges.append(ask(server, name, key=None, **_BROKEN_JSON))
            exchanges.append(ask(server, name, key=_WRONG, content=b"?", headers={"content-type": "text/plain"}))
        if "model" in asked.get("body", {}):
            exchanges.append(ask(server, name, key=None, body={**asked["body"], "model": "no-such-model"}))
            exchanges.append(ask(server, name, key=_WRONG, body={}))
    yield from _not_refused(server, exchanges)


@once
def keyless(server: Server) -> list[Exchange]:
    """Every operation, asked without a key."""
    exchanges = _asked_without_key(server)
    if server.target.profile == "openai" and not any(exchange.status in (401, 403) for exchange in exchanges):
        raise NotOffered("the server asks for no key")
    return exchanges


def _asked_without_key(server: Server) -> list[Exchange]:
    exchanges = [ask(server, name, key=None, **_harmless(server, name)) for name in _operations(server)]
    for name in TEXT:
        body = {**plain(server, name)["body"], "stream": True}
        exchanges.append(ask(server, name, key=None, body=body))
    return [exchange for exchange in exchanges if not absent(server, exchange)]


def _asks_for_keys(server: Server) -> None:
    keyless(server)


def _operations(server: Server) -> tuple[str, ...]:
    if server.target.profile == "openai":
        return GUARDED
    # Nothing in its request could keep it from unloading, if it is let in.
    return tuple(name for name in ALL if name != "unload_all_models" or not server.target.read_only)


def _harmless(server: Server, operation: str) -> dict[str, Any]:
    """A good request; where nothing may be changed, one that changes nothing even if it is let in."""
    if server.target.read_only and operation in CHANGING:
        return _BROKEN_JSON
    return plain(server, operation)


def _not_refused(server: Server, exchanges: Iterable[Exchange]) -> Iterator[Fault]:
    refused = (401, 403) if server.target.profile == "openai" else (401,)
    for exchange in exchanges:
        if exchange.status not in refused and not absent(server, exchange):
            came = exchange.cut or f"status {exchange.status}: {exchange.text[:120]}"
            yield server.fault(exchange, expected="status 401", came=came)
