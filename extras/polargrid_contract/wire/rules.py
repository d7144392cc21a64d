"""What RFC 9110 and RFC 9112 forbid in responses, found in their bytes; pure.

Each function yields a `Fault` for each deviation. What is legal yields nothing, however unusual: chunk extensions,
trailers, names in any case, an empty reason phrase, 102 and 103 before a response.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from polargrid_contract.wire.response import STATUSES_WITHOUT_BODY, Head, Response

#: Headers that have one value, so that a second line contradicts the first.
SINGLE_HEADERS = (
    "age",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "retry-after",
    "x-request-id",
)
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_STATUS_LINE = re.compile(rb"HTTP/1\.\d [1-5]\d\d [\t \x21-\x7e\x80-\xff]*")
_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3]\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} [0-2]\d:[0-5]\d:[0-6]\d GMT"
)
_LIST_MEMBER = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')
# A scheme is alone or has white space and a text behind it; a name with `=` is a parameter of the scheme before.
_SCHEME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?=[ \t]+[^ \t=]|$)")
_CHARSET = re.compile(r';[ \t]*charset=(?:"([^"]*)"|([^;, \t]+))', re.IGNORECASE)
_UTF8_TYPES = ("text/event-stream", "text/vtt", "application/x-ndjson", "application/jsonl")
_MAX_DECODED = 65_536  # bytes
_GZIP = 16 + zlib.MAX_WBITS
_MAX_QUOTED = 80


class Fault(NamedTuple):
    """A deviation: what the standard demands, and what arrived."""

    expected: str
    actual: str


def find_status_line_faults(head: Head) -> Iterator[Fault]:
    """RFC 9112, 4: a version, a status of three digits, and a space also before an empty reason."""
    if not _STATUS_LINE.fullmatch(head.status_line):
        yield Fault("a status line: HTTP/1.1 200 OK", quote(head.status_line))


def find_header_line_faults(head: Head) -> Iterator[Fault]:
    """RFC 9112, 2.2 and 5; RFC 9110, 5.5 and 5.6.2: lines end with CRLF, a name is a token with a colon behind it."""
    if head.raw.count(b"\n") != head.raw.count(b"\r\n"):
        yield Fault("lines that end with CRLF", "a line of the head ends with LF alone")
    for line in head.lines[1:]:
        name, colon, value = line.partition(b":")
        if line.startswith((b" ", b"\t")):
            yield Fault("no folded header", f"a line that starts with white space: {quote(line)}")
        elif not colon:
            yield Fault("a name and a colon in each header line", quote(line))
        elif name != name.rstrip(b" \t"):
            yield Fault("no white space between a name and its colon", quote(line))
        elif not _TOKEN.fullmatch(name):
            yield Fault("a name of letters, digits and !#$%&'*+.^_`|~-", quote(line))
        if _CONTROLS.search(value):
            yield Fault("no control characters in a header", quote(line))


def find_repeated_headers(head: Head) -> Iterator[Fault]:
    """RFC 9110, 5.3: a header that is not a list occurs once."""
    for name in SINGLE_HEADERS:
        if len(values := head.values(name)) > 1:
            yield Fault(f"one {name}", f"{name} {len(values)} times: {', '.join(values)[:_MAX_QUOTED]}")


def find_length_faults(response: Response) -> Iterator[Fault]:
    """RFC 9110, 8.6 and RFC 9112, 6: one way to tell where a body ends, and it tells the truth."""
    head = response.head
    lengths, codings = head.values("content-length"), head.tokens("transfer-encoding")
    if lengths and codings:
        yield Fault("either Content-Length or Transfer-Encoding", f"{quote_fields(head, 'content-length')} and chunks")
    if len(lengths) > 1:
        yield Fault("one Content-Length", quote_fields(head, "content-length"))
    for value in lengths:
        if not re.fullmatch(r"[0-9]+", value):
            yield Fault("Content-Length: digits", f"Content-Length: {value[:_MAX_QUOTED]}")
    if response.status == 204 and codings:
        yield Fault("no Transfer-Encoding with 204", f"Transfer-Encoding: {', '.join(codings)}")
    if response.status == 204 and lengths:
        yield Fault("no Content-Length with 204", f"Content-Length: {lengths[0]}")
    if response.framing == "length" and not response.is_complete:
        yield Fault(f"a body of {lengths[0]} bytes, as Content-Length says", f"{len(response.body)} bytes")


def find_chunk_faults(response: Response, version: tuple[int, int]) -> Iterator[Fault]:
    """RFC 9112, 6.1 and 7.1; `version` is that of the request."""
    codings = response.head.tokens("transfer-encoding")
    if codings and version < (1, 1):
        yield Fault("no Transfer-Encoding for a client of HTTP/1.0", f"Transfer-Encoding: {', '.join(codings)}")
    if codings and codings != ["chunked"]:
        yield Fault("Transfer-Encoding: chunked", f"Transfer-Encoding: {', '.join(codings)}, which is not in TE")
    for actual in response.faults:
        yield Fault("chunks: a size, CRLF, so many bytes, CRLF", actual)
    if response.framing == "chunked" and not response.is_complete and not response.faults:
        yield Fault("a last chunk: 0 CRLF CRLF", f"the chunks end after {len(response.body)} bytes of content")


def find_interim_faults(
    response: Response, version: tuple[int, int], *, expects: bool, is_strict: bool
) -> Iterator[Fault]:
    """RFC 9110, 15.2; `expects` is whether the request has Expect: 100-continue, `is_strict` whether it is needed."""
    for head in response.interim:
        if version < (1, 1):
            yield Fault("no 1xx response to a client of HTTP/1.0", quote(head.status_line))
        for name in ("content-length", "transfer-encoding"):
            if head.values(name):
                yield Fault(f"no {name} in a 1xx response", quote_fields(head, name))
    continues = [head for head in response.interim if head.status == 100]
    if continues and is_strict and not expects:
        yield Fault("100 only after Expect: 100-continue", quote(continues[0].status_line))
    if response.status == 101:
        yield Fault("101 only after Upgrade", quote(response.head.status_line))


def find_surplus_fault(method: str, response: Response, surplus: bytes) -> Iterator[Fault]:
    """RFC 9110, 9.3.2 and 15; RFC 9112, 6.3: nothing behind the end of a response."""
    if not surplus:
        return
    actual = f"{len(surplus):,} bytes: {quote(surplus)}"
    if method == "HEAD":
        yield Fault("no body after HEAD", actual)
    elif response.status in STATUSES_WITHOUT_BODY:
        yield Fault(f"no body with {response.status}", actual)
    else:
        yield Fault("nothing behind the end of the response", actual)


def find_encoding_faults(response: Response, accepted: Sequence[str], *, needs_vary: bool) -> Iterator[Fault]:
    """RFC 9110, 8.4 and 12.5.3: a coding that the request accepts, which is that of the body."""
    codings = [coding.removeprefix("x-") for coding in response.head.tokens("content-encoding")]
    codings = [coding for coding in codings if coding != "identity"]
    if unwanted := [coding for coding in codings if coding not in accepted]:
        yield Fault(f"Accept-Encoding: {', '.join(accepted)}", f"Content-Encoding: {', '.join(unwanted)}")
    elif codings == ["gzip"] and response.body and not _is_gzip(response.body):
        yield Fault("a body in gzip, as Content-Encoding says", quote(response.body))
    if codings and needs_vary and not {"accept-encoding", "*"} & set(response.head.tokens("vary")):
        yield Fault("Vary: Accept-Encoding with an encoded response", quote_fields(response.head, "vary") or "no Vary")


def find_date_faults(head: Head, *, is_required: bool) -> Iterator[Fault]:
    """RFC 9110, 5.6.7 and 6.6.1: a date in the one format that senders may use."""
    values = head.values("date")
    if not values and is_required and 200 <= head.status < 500:
        yield Fault("a Date", f"no Date with status {head.status}")
    for name in ("date", "last-modified"):
        for value in head.values(name):
            if not _DATE.fullmatch(value):
                expected = f"{name}: a date like Sun, 06 Nov 1994 08:49:37 GMT"
                yield Fault(expected, f"{name}: {value[:_MAX_QUOTED]}")


#: Headers that a status demands, with the section of RFC 9110. RFC 6585 and others add no more.
DEMANDED_HEADERS = {
    206: ("content-range", "15.3.7"),
    401: ("www-authenticate", "15.5.2"),
    405: ("allow", "15.5.6"),
    407: ("proxy-authenticate", "15.5.8"),
    426: ("upgrade", "15.5.22"),
}


def find_missing_header(head: Head) -> Iterator[Fault]:
    """RFC 9110, 15: the header without which a status says nothing that a client can act on."""
    name, _ = DEMANDED_HEADERS.get(head.status, ("", ""))
    is_in_parts = head.status == 206 and any(
        it.startswith("multipart/byteranges") for it in head.values("content-type")
    )
    if name and not head.values(name) and not is_in_parts:
        yield Fault(f"{name} with status {head.status}", f"no {name}")


def find_challenge_fault(head: Head, schemes: Collection[str]) -> Iterator[Fault]:
    """RFC 9110, 11.6.1: a challenge that applies to the resource; `schemes` are those that do, in lower case."""
    values = head.values("www-authenticate")
    if head.status == 401 and schemes and values and not set(schemes) & set(_read_schemes(values)):
        expected = f"WWW-Authenticate: {' or '.join(sorted(schemes)).title()}"
        yield Fault(expected, quote_fields(head, "www-authenticate"))


def _read_schemes(values: Sequence[str]) -> Iterator[str]:
    """Yield the scheme of each challenge, in lower case; the parameters of a challenge have commas between them too."""
    for value in values:
        for member in _LIST_MEMBER.findall(value):
            match = _SCHEME.match(member.strip(" \t"))
            if match:
                yield match[0].lower()


def find_charset_fault(response: Response) -> Iterator[Fault]:
    """RFC 9110, 8.3.2: the charset is that of the body; RFC 8259, 8.1, and others: some types have UTF-8 only."""
    value = ", ".join(response.head.values("content-type"))
    match = _CHARSET.search(value)
    is_encoded = any(coding != "identity" for coding in response.head.tokens("content-encoding"))
    if match is None or not response.body or is_encoded:
        return
    media_type = value.partition(";")[0].strip().lower()
    is_utf8 = media_type.endswith("json") or media_type in _UTF8_TYPES
    text = _decode(response.body, match[1] or match[2])
    if text is None or (is_utf8 and text != _decode(response.body, "utf-8")):
        expected = "charset=utf-8, or none" if is_utf8 else "the charset of the body"
        yield Fault(f"Content-Type: {media_type} with {expected}", f"{value[:_MAX_QUOTED]} with {quote(response.body)}")


def _decode(body: bytes, charset: str) -> str | None:
    """Decode the start of a body; None if it has another charset, or the name is that of none."""
    try:
        decoder = codecs.getincrementaldecoder(charset)()
        text = decoder.decode(body[:_MAX_DECODED], final=len(body) <= _MAX_DECODED)
    except (LookupError, ValueError):
        return None
    return text if isinstance(text, str) else None  # Python has codecs that are no charsets


def quote(data: bytes) -> str:
    """Show bytes in a message."""
    text = repr(data[:_MAX_QUOTED])[1:]
    return text + ("…" if len(data) > _MAX_QUOTED else "")


def quote_fields(head: Head, name: str) -> str:
    """Show the lines of a header in a message; empty if there are none."""
    return ", ".join(f"{name}: {value[:_MAX_QUOTED]}" for value in head.values(name))


def _is_gzip(body: bytes) -> bool:
    decoder = zlib.decompressobj(_GZIP)
    try:
        decoder.decompress(body)
    except zlib.error:
        return False
    return decoder.eof
