"""What holds for every answer, good or bad: its headers, its error envelope, its wholeness."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

from polargrid_contract.check import Fault, NotOffered, check
from polargrid_contract.checks import errors, http, keys
from polargrid_contract.checks.asking import absent, ask, once, plain, refusals
from polargrid_contract.checks.keys import ALL
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    404: "not_found_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}
_ONCE = {"content-length", "content-type", "x-request-id", "retry-after", "location", "date", "www-authenticate"}
_INSIDES = re.compile(
    r"Traceback \(most recent call last\)"
    r"|File \"[^\"]+\", line \d+"
    r"|\bat [\w.$<>]+ ?\([^()\n]*:\d+(:\d+)?\)"
    r"|(^|[\s\"'(=])/(home|usr|opt|var|app|srv|root|tmp|workspace|mnt)/[\w./-]+"
    r"|\b[A-Z]:\\\\?[\w.]"
    r"|\bat 0x[0-9a-fA-F]{6,}"
    r"|panicked at |goroutine \d+ \["
)
_CROWD = 24
_LONGEST_WAIT = 3600


@check(
    "request-id-told",
    on=ALL,
    why="A problem is reported by the id of its request; the one that fails is the one that needs it.",
    source="API overview, Request ids; openapi.yaml, RequestId",
    profiles=("polargrid",),
)
def request_id_told(server: Server) -> Iterator[Fault]:
    """On good answers, on streams and on every error."""
    for exchange in _everything(server):
        if exchange.status and not exchange.answer_headers.get("x-request-id", "").strip():
            came = f"status {exchange.status} without x-request-id"
            yield server.fault(exchange, expected="x-request-id, not empty", came=came)


@check(
    "request-id-unique",
    on=ALL,
    why="An id that two requests share points to the wrong one.",
    source="API overview, Request ids",
    profiles=("polargrid",),
)
def request_id_unique(server: Server) -> Iterator[Fault]:
    """Over all requests, of one operation and of several."""
    seen: dict[str, Exchange] = {}
    for exchange in _everything(server):
        told = exchange.answer_headers.get("x-request-id", "")
        if told and told in seen:
            yield server.fault(exchange, expected="an id of its own", came=f"x-request-id: {told} a second time")
        seen[told] = exchange


@check(
    "error-envelope",
    on=ALL,
    why="A client reads every error by the same few fields.",
    source="API overview, Errors; openapi.yaml, ErrorResponse; OpenAI API, Error codes",
)
def error_envelope(server: Server) -> Iterator[Fault]:
    """An object `error` with a message that says something, and a type and a code."""
    own = server.target.profile == "polargrid"
    for exchange in _errors(server) if own else _bad_requests(server):
        body = exchange.json()
        error = body.get("error") if isinstance(body, dict) else None
        wrong = _wrong_in(error, own=own)
        if wrong:
            came = f"{wrong} in {exchange.text[:160]!r} (status {exchange.status})"
            yield server.fault(exchange, expected='{"error": {"message": …, "type": …, "code": …}}', came=came)


@check(
    "error-type-fits",
    on=ALL,
    why="A program tells a wrong key from a wrong field by the type of the error.",
    source="openapi.yaml, ErrorDetail and the responses",
    profiles=("polargrid",),
)
def error_type_fits(server: Server) -> Iterator[Fault]:
    """The documented type for the status."""
    for exchange in _errors(server):
        told = exchange.json()["error"]["type"]
        fitting = {_TYPES[exchange.status]} if exchange.status in _TYPES else set(_TYPES.values())
        if told not in fitting:
            came = f"error.type {told!r} with status {exchange.status}"
            yield server.fault(exchange, expected=" or ".join(sorted(fitting)), came=came)


@check(
    "errors-tell-no-insides",
    on=ALL,
    why="A stack trace or a path in an answer helps an attacker and no client.",
    source="CWE-209",
)
def errors_tell_no_insides(server: Server) -> Iterator[Fault]:
    """No stack trace, no file path, no address of an object."""
    for exchange in _errors(server):
        if found := _INSIDES.search(exchange.text.replace("\\n", "\n").replace('\\"', '"')):
            yield server.fault(exchange, expected="what the client did wrong", came=found.group().strip())


@check(
    "json-says-so",
    on=ALL,
    why="Clients parse what says that it is JSON, and nothing else.",
    source="RFC 8259, 11; openapi.yaml, the responses",
)
def json_says_so(server: Server) -> Iterator[Fault]:
    """Whatever is a JSON object is of type application/json."""
    for exchange in _everything(server):
        told = exchange.media_type
        if isinstance(exchange.json(), dict) and told != "application/json" and not told.endswith("+json"):
            came = f"content-type: {told or '(none)'}"
            yield server.fault(exchange, expected="content-type: application/json", came=came)


@check(
    "headers-once",
    on=ALL,
    why="Of a header that comes twice, each client believes another one.",
    source="RFC 9110, 5.3",
)
def headers_once(server: Server) -> Iterator[Fault]:
    """Length, type, request id and others that hold one value."""
    for exchange in _everything(server):
        if twice := _ONCE.intersection(exchange.repeated):
            came = f"more than one {', '.join(sorted(twice))}"
            yield server.fault(exchange, expected="each of these headers once", came=came)


@check(
    "answers-are-whole",
    on=ALL,
    why="An answer that breaks off, or never comes, leaves the client with nothing.",
    source="RFC 9112, 6 and 8",
)
def answers_are_whole(server: Server) -> Iterator[Fault]:
    """Nothing is cut, whatever was asked."""
    for exchange in _everything(server):
        if exchange.cut:
            yield server.fault(exchange, expected="a whole answer", came=exchange.cut)


@check(
    "busy-says-when",
    on=("chat_completion",),
    why="Clients that are not told when to come back come back at once, all of them.",
    source="API overview, Rate limits; openapi.yaml, TooManyRequests; RFC 9110, 10.2.3",
    profiles=("polargrid",),
)
def busy_says_when(server: Server) -> Iterator[Fault]:
    """Two dozen requests at once are answered, or told 429 with a Retry-After that makes sense."""
    body = plain(server, "chat_completion")["body"]
    with ThreadPoolExecutor(_CROWD) as crowd:
        asked = list(crowd.map(lambda _: server.ask("chat_completion", body), range(_CROWD)))
    for exchange in asked:
        if exchange.status not in (200, 429, 503):
            came = exchange.cut or f"status {exchange.status}: {exchange.text[:120]}"
            yield server.fault(exchange, expected="status 200, 429 or 503", came=came)
    refusals(server).extend(exchange for exchange in asked if exchange.status == 429)
    for exchange in refusals(server):
        told = exchange.answer_headers.get("retry-after")
        if not _is_sane(told):
            came = "no Retry-After" if told is None else f"Retry-After: {told}"
            yield server.fault(exchange, expected="Retry-After: whole seconds up to an hour, or a date", came=came)


@once
def _everything(server: Server) -> list[Exchange]:
    chat = plain(server, "chat_completion")["body"]
    good = [ask(server, "chat_completion", body={**chat, "stream": stream}) for stream in (False, True)]
    good += [ask(server, name) for name in ("list_models", "health", "get_model_status") for _ in range(2)]
    good += [ask(server, name) for name in ("get_gpu_status", "get_gpu_memory")]
    strays = [*http.astray(server), *http.mistaken(server), *_keyless(server), *errors.malformed(server)]
    if server.target.profile == "polargrid":
        strays += [*http.disguised(server), *errors.unknown(server)]
    return [*good, *strays, *(refusal.exchange for refusal in errors.refused(server)), *refusals(server)]


def _errors(server: Server) -> list[Exchange]:
    return [exchange for exchange in _everything(server) if exchange.status >= 400]


def _bad_requests(server: Server) -> list[Exchange]:
    """The errors that servers of the openai profile tell in one shape."""
    asked = [*errors.malformed(server), *(refusal.exchange for refusal in errors.refused(server))]
    return [exchange for exchange in asked if exchange.status >= 400 and not absent(server, exchange)]


def _keyless(server: Server) -> list[Exchange]:
    try:
        return keys.keyless(server)
    except NotOffered:
        return []


def _wrong_in(error: object, *, own: bool) -> str:
    if not isinstance(error, dict):
        return "no object `error`"
    message = error.get("message")
    if not isinstance(message, str) or not re.search(r"\w\w", message):
        return "no message"
    if own and not (isinstance(error.get("type"), str) and error["type"]):
        return "no type"
    code = error.get("code", 0)
    return "no code" if own and not (code is None or (isinstance(code, str) and code)) else ""


def _is_sane(told: str | None) -> bool:
    if told is None:
        return False
    if told.isdecimal():
        return int(told) <= _LONGEST_WAIT
    try:
        return abs(parsedate_to_datetime(told).timestamp() - time.time()) <= _LONGEST_WAIT
    except ValueError:
        return False
