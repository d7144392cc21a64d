"""Patterns of credentials: of those that are known, in every notation, and of what looks like one; pure.

They are matched against bytes read as Latin-1, so that text and binary data are searched in the same way.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from polargrid_runtime.redaction import notations_of

#: What replaces a credential: it is valid in every notation, base64 too.
PLACEHOLDER = "REDACTED"
#: Shorter ones are no keys, and would be replaced in ordinary text.
MIN_LENGTH = 8
_NEXT_LINE = r"(?:\\?\r?\n|\\r\\n|\\n)?"  # base64 is cut into lines
_NAMES = (
    r"(?:proxy-)?authorization|(?:set-)?cookie|(?:x-)?api[_-]?key|(?:access|refresh|id|auth|session)[_-]?token"
    r"|(?:client[_-]?)?secret|(?:secret|private|access)[_-]?key|password|passwd|pwd"
    r"|(?:x-(?:amz|goog)-)?signature|x-(?:amz|goog)-credential|x-amz-security-token"
)
_WORDS = r"token|key|secret|auth|authorization|password|passwd|passphrase|pwd|sig|signature|credentials?|cookie"
_ENTROPY = r"(?=[A-Za-z_-]*[A-Z0-9])"  # `pg_stat_activity` is no key
#: What looks like a credential; a group is the part that is one.
_LOOKALIKES = (
    rf"(?<![A-Za-z0-9])pg_{_ENTROPY}[A-Za-z0-9_-]{{8,}}",
    rf"(?<![A-Za-z0-9])sk-{_ENTROPY}[A-Za-z0-9_-]{{12,}}",
    r"(?<![A-Za-z0-9])(?:gh[pousr]_|hf_|xox[abprs]-|AKIA)[A-Za-z0-9-]{16,}",
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    r"(?i:\b(?:bearer|basic))(?:\s|%20|\+)+((?=[A-Za-z._~+/-]*[0-9=])[A-Za-z0-9._~+/=-]{8,})",
    rf"""(?i:\\{{0,8}}["'](?:{_NAMES})\\{{0,8}}["'])\s{{0,8}}[:=]\s{{0,8}}\\{{0,8}}["']((?:[^"'\\]|\\[^"'])+)""",
    rf"(?im:^(?:{_NAMES})):[ \t]*((?=[^\r\n]*[0-9=])[^\r\n]{{8,}})",
    rf"(?i:[?&](?:{_NAMES}|sig))=([^&\s\"'<>#\\]+)",
    r"(?i:[?&](?:key|token))=((?=[A-Za-z_.~-]*[0-9])[A-Za-z0-9_.~-]{16,})",
    r"""://[^/\s:@"'<>\\]*:([^/\s@"'<>\\]+)@""",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s\\]+",
)
_LOOKALIKE = re.compile("|".join(_LOOKALIKES))
_WORD = re.compile(r"""[^\s"<>]{8,}""")
_ESCAPES = re.compile(r"%[0-9a-fA-F]{2}|&[#a-z]|\\\\|\\[ux]")
_JSON_ESCAPE = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|(["'/\\]))""")
_LAYERS = 6
_HEADER_NAME = re.compile(r"auth|key|token|secret|cookie|credential|session|signature|password", re.IGNORECASE)
_PARAMETER = re.compile(rf"(?i:{_NAMES})|(?:.*(?:[-_.]|(?<=[a-z0-9])(?=[A-Z])))?(?i:{_WORDS})")


def build_pattern(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern of secrets: as they are, escaped, in base64, in hexadecimal digits, in UTF-16."""
    alternatives = [item for secret in sorted(secrets, key=len, reverse=True) for item in _iter_notations(secret)]
    return re.compile("|".join(alternatives)) if alternatives else None


def find_lookalikes(text: str) -> Iterable[tuple[int, int]]:
    """Yield where something looks like a credential."""
    for match in _LOOKALIKE.finditer(text):
        yield match.span(match.lastindex or 0)


def find_escaped(text: str, pattern: re.Pattern[str]) -> Iterable[tuple[int, int]]:
    """Yield words that hold a secret escaped in several ways at once, as base64 in a URL in a URL."""
    for match in _WORD.finditer(text):
        if _ESCAPES.search(match[0]) and any(map(pattern.search, _iter_decoded(match[0]))):
            yield match.span()


def _iter_decoded(text: str) -> Iterator[str]:
    for _ in range(_LAYERS):
        before = text
        for decode in (_unquote, html.unescape, _unescape_json):
            text = decode(text)
            yield text
        if text == before:
            return


def _unquote(text: str) -> str:
    return unquote(text, "latin-1")


def _unescape_json(text: str) -> str:
    return _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[2], text)


def is_secret_header(name: str) -> bool:
    """Whether the value of a header of a request may be a credential."""
    return _HEADER_NAME.search(name) is not None and name.lower() != "idempotency-key"


def is_secret_parameter(name: str) -> bool:
    """Whether the value of a parameter of a query, or of a field of a form, is a credential, by its last word."""
    return _PARAMETER.fullmatch(name) is not None


def _iter_notations(secret: str) -> Iterable[str]:
    yield f"(?i:{notations_of(secret)})"
    data = secret.encode()
    yield f"(?i:{data.hex()})"
    yield "\0".join(map(re.escape, secret))
    for shift in range(3):  # where the secret begins in a group of three bytes
        code = base64.b64encode(bytes(shift) + data).decode()
        content = code[(0, 2, 3)[shift] : (shift + len(data)) * 8 // 6]  # the characters that are of the secret alone
        yield _NEXT_LINE.join(map(_base64_character, content))


def _base64_character(character: str) -> str:
    code = f"(?:u00)?{ord(character):02x}"
    escaped = rf"(?:%|\\)(?i:{code})"
    return {"+": rf"(?:\+|-|{escaped})", "/": rf"(?:\\?/|_|{escaped})"}.get(character, character)
