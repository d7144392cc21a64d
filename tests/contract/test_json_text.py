"""The strict reader of JSON: what it accepts, and what common parsers accept and it does not."""

from __future__ import annotations

import json

import httpx
import pytest

from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.readers.json_text import MAX_DEPTH, JSONTextError, find_json_error, parse_json
from tests.contract import made_speech
from tests.contract.changes import Change, Send, copy_response, names_in, run_one

STRICT = [
    b'{"a": [1, -0.5e3, true, null, "\\ud83d\\ude00 \\u00e9", {}]}',
    '\r\n\t {"é": "😀 e\u0301"} \n'.encode(),
    b"1.0",
    b'"a \\" b [[[ {"',
    b'{"a": 1, "A": 2}',
    b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
    b"123456789012345678901234567890",
    '"\u2028"'.encode(),
]


@pytest.mark.parametrize("data", STRICT)
def test_strict_json_is_read(data):
    """Its value is that of any parser."""
    assert parse_json(data) == json.loads(data)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"a": NaN}', "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[-Infinity]", "-Infinity"),
        (b"1e999", "double"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "'c' 2 times"),
        (b'\xef\xbb\xbf{"a": 1}', "byte order mark"),
        ('{"a": "é"}'.encode("latin-1"), "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": "\xed\xa0\xbd"}', "not UTF-8"),
        (b'{"a": "\\ud83d"}', "U+D83D"),
        (b'{"\\ude00": 1}', "U+DE00"),
        (b'{"a": "\\ude00\\ud83d"}', "U+DE00"),
        (b'{"a": 1} {"a": 1}', "Extra data"),
        (b'{"a": 1}\x00', "Extra data"),
        (b"{'a': 1}", "near"),
        (b'{"a": 1,}', "near"),
        (b'{"a": "\t"}', "control character"),
        (b'{"a": 01}', "near"),
        (b'{"a": 1', "near"),
        (b"\xc2\xa0[1]", "near"),
        (b"[" * 65 + b"]" * 65, "nested"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_other_json_is_not_read(data, error):
    """The error says why."""
    assert error in find_json_error(data)
    with pytest.raises(JSONTextError):
        parse_json(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": ["\\ud83d"], "\\ude00": 1}', {"a": ["\ufffd"], "\ufffd": 1}),
        (b'\xef\xbb\xbf{"a": 1, "a": 2}', {"a": 2}),
        (b"{", None),
        (b"[" * 100_000, None),
    ],
)
def test_checks_read_what_common_parsers_read(data, value):
    """A check looks further at such a body; half of a surrogate pair becomes a character that can be written."""
    exchange = Exchange("", "", "", {}, None, None, status=200, chunks=(TimedBytes(0.0, data),))
    assert exchange.json() == value


def change_json_bytes(old: bytes, new: bytes, *, media_type: str = "application/json") -> Change:
    """Replace bytes of successful or failed responses of a media type."""

    def apply(request, send: Send):
        response = send(request)
        if not response.headers.get("content-type", "").startswith(media_type):
            return response
        return copy_response(response, content=response.content.replace(old, new, 1))

    return apply


@pytest.fixture
def send(recorded_edge) -> Send:
    """The recorded edge; its speech and its transcripts are made."""

    def respond(request: httpx.Request) -> httpx.Response:
        is_made = "/v1/audio/" in request.url.path and not recorded_edge.has_recording(request)
        return made_speech.send(request) if is_made else recorded_edge.send(request)

    return respond


FAULTS = [
    change_json_bytes(b'"total_tokens":', b'"total_tokens":1,"total_tokens":'),
    change_json_bytes(b'"index":0', b'"index":0,"score":NaN'),
    change_json_bytes(b"{", b"\xef\xbb\xbf{"),
    change_json_bytes(b'"error"', b'"error":{},"error"'),
    change_json_bytes(b'"message":"', b'"message":"\\ud83d '),
    change_json_bytes(b'"usage":{', b'"usage":{"x":"\xe9",'),
    change_json_bytes(b'"logprob":', b'"logprob":NaN,"x":'),
    change_json_bytes(b'"no_speech_prob":', b'"no_speech_prob":NaN,"x":'),
    change_json_bytes(b'"choices"', b'"x":1,"x":1,"choices"', media_type="text/event-stream"),
    change_json_bytes(b'"choices"', b'"x":-Infinity,"choices"', media_type="text/event-stream"),
]


@pytest.mark.parametrize("change", FAULTS)
def test_a_fault_is_reported(send, change):
    """In a plain body, in an error and in an event of a stream."""
    outcome = run_one(send, "strict-json", change)
    assert outcome.status == "failed"
    assert all(violation.expected == "strict JSON" for violation in outcome.violations)


LEGAL = [
    None,
    change_json_bytes(b"{", b' \r\n\t{ "x_other":"\\ud83d\\ude00 \xf0\x9f\x98\x80","y":1.0,'),
    change_json_bytes(b'"choices"', b'"x_other":1e3,"choices"', media_type="text/event-stream"),
]


@pytest.mark.parametrize("change", LEGAL)
def test_a_legal_variation_passes(send, change):
    """White space, escaped pairs, further fields and 1.0 are strict JSON."""
    assert run_one(send, "strict-json", change).status == "passed"


def test_the_check_is_registered():
    """It is the only one of its module."""
    assert names_in("strict_json") == ["strict-json"]
