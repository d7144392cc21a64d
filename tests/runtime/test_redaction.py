"""A secret is removed from text in each notation that a server may send."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest

from polargrid_runtime.redaction import Redactor

KEY = "pg_te/st+0123.456\\&x"
REDACTOR = Redactor(KEY)
NOTATIONS = {
    "plain": KEY,
    "JSON": json.dumps(KEY)[1:-1],
    "JSON in JSON": json.dumps(json.dumps(KEY))[3:-3],
    "slashes escaped": json.dumps(KEY)[1:-1].replace("/", "\\/"),
    "code points": "".join(f"\\u{ord(character):04x}" for character in KEY),
    "code points in upper case": "".join(f"\\u{ord(character):04X}" for character in KEY),
    "bytes": "".join(f"\\x{ord(character):02x}" for character in KEY),
    "URL": quote(KEY, safe=""),
    "URL in a URL": quote(quote(KEY, safe=""), safe=""),
    "percent": "".join(f"%{ord(character):02X}" for character in KEY),
    "HTML": html.escape(KEY).replace("&amp;", "&#38;"),
    "entities": "".join(f"&#x{ord(character):X};" for character in KEY),
    "upper case": KEY.upper(),
    "mixed": f"\\u0070{KEY[1:5]}%2F{KEY[6:]}",
}


@pytest.mark.parametrize("name", NOTATIONS)
def test_text(name):
    """The rest of the text is as it was."""
    assert REDACTOR.text(f"key: {NOTATIONS[name]}, 7 %\\&") == "key: ****, 7 %\\&"


def test_value():
    """Strings and names at any depth; other values are as they were."""
    value = {"a": [KEY, 1, None, {f"x {KEY}": f"{KEY}{KEY}"}], "b": True}
    assert REDACTOR.value(value) == {"a": ["****", 1, None, {"x ****": "********"}], "b": True}
    assert (REDACTOR.value(KEY), REDACTOR.value(7)) == ("****", 7)


def test_deeply_nested_value():
    """A value may be nested as deeply as JSON can be."""
    value = [KEY]
    for _ in range(50_000):
        value = [value]
    result = REDACTOR.value(value)
    for _ in range(50_000):
        (result,) = result
    assert result == ["****"]


@pytest.mark.parametrize("name", ["plain", "slashes escaped", "code points", "URL"])
def test_headers(name):
    """Only headers that quote it are changed."""
    headers = {"a": f"1 {NOTATIONS[name]}", "b": "2", f"x-{NOTATIONS[name]}": "3"}
    assert REDACTOR.headers(headers) == {"a": "1 ****", "b": "2", "x-****": "3"}


def test_headers_without_it():
    """They are not copied."""
    headers = {"a": "1", "b": "2"}
    assert REDACTOR.headers(headers) is headers


def test_short_secret():
    """A word of seven letters is not a key."""
    assert Redactor("pg_0123").text("pg_0123") == "pg_0123"


def test_replaced_secret():
    """A call that is still on its way may be answered with the key that it was sent with."""
    redactor = Redactor("first_0123456789")
    for secret in ("second_0123456789", "second_0123456789", "short", ""):
        redactor.replace(secret)
    assert redactor.text("first_0123456789 SECOND_0123456789 short") == "**** **** short"
    assert redactor.headers({"a": "first_0123456789"}) == {"a": "****"}


def test_repr():
    """It does not show the secret, also after it was used."""
    assert REDACTOR.text("a") == "a"
    assert repr(REDACTOR) == "Redactor()"
    assert not hasattr(REDACTOR, "__dict__")


@pytest.mark.parametrize("text", ["\\" * 100_000, "%" * 100_000, "&#" * 50_000, (KEY[:-1] + "!") * 5_000])
def test_text_that_is_almost_the_secret(text):
    """It takes linear time."""
    assert REDACTOR.text(text) == text
