"""The verdict on the same bytes: equal on all clients, and equal to httpx's or stricter."""

import httpx
import pytest
from hypothesis import given, settings

from polargrid_fast import FastError
from polargrid_fast.http1_parser import ResponseParser
from tests.fast.messages import MESSAGES, STRICTER, h11_verdict, mutated_messages
from tests.fast.raw_server import serves_and_closes


def httpx_verdict(url: str) -> object:
    with httpx.Client(trust_env=False, timeout=20) as client:
        try:
            with client.stream("GET", url) as response:
                return response.status_code, b"".join(response.iter_raw())
        except httpx.HTTPError:
            return None


def fast_verdict(pool, url: str) -> object:
    try:
        response = pool.get(url)
        return response.status, response.read_all()
    except FastError:
        return None


@pytest.mark.parametrize("name", MESSAGES)
def test_verdict_on_the_wire(pool, serve, name):
    """The same response as httpx returns, or an error. Every kind of client is compared, so all of them agree."""
    server = serve(serves_and_closes(MESSAGES[name]))
    expected = httpx_verdict(server.url)
    assert fast_verdict(pool, server.url) == (None if name in STRICTER else expected)


def parser_verdict(message: bytes) -> object:
    parser = ResponseParser()
    try:
        parser.feed(message)
        parser.end()
    except FastError:
        return None
    return parser.status, parser.take_body()


@settings(deadline=None, derandomize=True, max_examples=500)
@given(mutated_messages())
def test_what_is_accepted_is_what_httpx_accepts(message):
    verdict = parser_verdict(message)
    assert verdict is None or verdict == h11_verdict(message)
