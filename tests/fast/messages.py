"""Messages that a server may send, valid and not, by name."""

import h11
from hypothesis import strategies as st

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"

MESSAGES: dict[str, bytes] = {
    # Valid
    "length": _OK + b"Content-Length: 5\r\n\r\nhello",
    "length-zero": _OK + b"Content-Length: 0\r\n\r\n",
    "chunked": _CHUNKED + b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
    "chunked-mixed-case": _OK + b"transfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunk-extension": _CHUNKED + b'5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n',
    "trailers": _CHUNKED + b"5\r\nhello\r\n0\r\nX: 1\r\nY: 2\r\n\r\n",
    "until-close": _OK + b"\r\nhello",
    "http-1.0": b"HTTP/1.0 200 OK\r\n\r\nhello",
    "no-reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "empty-reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    "interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + _OK + b"\r\nok",
    "no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not-modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    "status-999": b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok",
    "header-without-value": _OK + b"X:\r\nContent-Length: 2\r\n\r\nok",
    "header-latin-1": _OK + b"X: caf\xe9\r\nContent-Length: 2\r\n\r\nok",
    "repeated-headers": _OK + b"X: 1\r\nX: 2\r\nContent-Length: 2\r\n\r\nok",
    "equal-lengths": _OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "equal-lengths-listed": _OK + b"Content-Length: 2, 2\r\n\r\nok",
    "equal-lengths-both": _OK + b"Content-Length: 2, 2\r\nX: 1\r\nContent-Length:2\r\n\r\nok",
    "close": _OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nok",
    "upgrade-offered": _OK + b"Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 2\r\n\r\nok",
    "http-1.0-chunked": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "http-1.0-keep-alive": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
    "no-content-with-length": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    "no-content-chunked": b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
    "not-modified-chunked": b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    "interims-and-length": b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + _OK + b"Content-Length: 2\r\n\r\nok",
    "reset-content-with-body": b"HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nok",
    "reset-content": b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
    "chunked-empty": _CHUNKED + b"0\r\n\r\n",
    "chunk-size-zeros": _CHUNKED + b"0005\r\nhello\r\n000\r\n\r\n",
    "chunk-size-space-behind": _CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n",
    "chunk-extension-space": _CHUNKED + b"5 ;a=b\r\nhello\r\n0\r\n\r\n",
    "chunk-extension-quoted": _CHUNKED + b'5;a="b;c\\"d"\r\nhello\r\n0\r\n\r\n',
    "length-in-spaces": _OK + b"Content-Length: \t 2 \t \r\n\r\nok",
    "length-zeros": _OK + b"Content-Length: 0002\r\n\r\nok",
    "header-in-tabs": _OK + b"X:\t a\tb \t\r\nContent-Length: 2\r\n\r\nok",
    "reason-latin-1": b"HTTP/1.1 200 D\xe9j\xe0\r\nContent-Length: 2\r\n\r\nok",
    # With bytes behind them
    "surplus": _OK + b"Content-Length: 2\r\n\r\nokjunk",
    "surplus-line": _OK + b"Content-Length: 2\r\n\r\nok\r\n",
    "surplus-response": _OK + b"Content-Length: 2\r\n\r\nok" + _OK + b"Content-Length: 2\r\n\r\nno",
    "surplus-chunked": _CHUNKED + b"2\r\nok\r\n0\r\n\r\njunk",
    "surplus-chunked-line": _CHUNKED + b"2\r\nok\r\n0\r\n\r\n\r\n",
    "surplus-chunked-lines": _CHUNKED + b"2\r\nok\r\n0\r\n\r\n\n\r\n\r\n",
    "surplus-chunked-response": _CHUNKED + b"2\r\nok\r\n0\r\n\r\n" + _OK + b"Content-Length: 2\r\n\r\nno",
    "surplus-close": _OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nokjunk",
    "surplus-no-content": b"HTTP/1.1 204 No Content\r\n\r\nbody",
    "surplus-no-content-length": b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody",
    "surplus-not-modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody",
    "surplus-interim": _OK + b"Content-Length: 2\r\n\r\nokHTTP/1.1 100 Continue\r\n\r\n",
    "surplus-trailers": _CHUNKED + b"2\r\nok\r\n0\r\nX: 1\r\n\r\nY: 2\r\n\r\n",
    "surplus-equal-lengths": _OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nokok",
    "surplus-upgrade": _OK + b"Content-Length: 2\r\n\r\nokHTTP/1.1 101 X\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\nb",
    # Truncated
    "nothing": b"",
    "truncated-status": b"HTTP/1.1 2",
    "truncated-head": _OK + b"Content-Length: 5\r\n",
    "truncated-length": _OK + b"Content-Length: 5\r\n\r\nhell",
    "truncated-chunk": _CHUNKED + b"5\r\nhell",
    "truncated-last-chunk": _CHUNKED + b"5\r\nhello\r\n0\r\n",
    "truncated-trailers": _CHUNKED + b"5\r\nhello\r\n0\r\nX: 1\r\n",
    "interim-only": b"HTTP/1.1 100 Continue\r\n\r\n",
    # Invalid
    "other-protocol": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "rtsp": b"RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "http-2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "http-0.9": b"HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "leading-line": b"\r\n" + _OK + b"Content-Length: 2\r\n\r\nok",
    "line-after-interim": b"HTTP/1.1 100 Continue\r\n\r\n\r\n" + _OK + b"Content-Length: 2\r\n\r\nok",
    "leading-space": b" " + _OK + b"Content-Length: 2\r\n\r\nok",
    "lower-case": b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "two-spaces": b"HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok",
    "status-20": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
    "status-2000": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
    "status-099": b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok",
    "bare-lf": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "nul-in-reason": b"HTTP/1.1 200 O\x00K\r\nContent-Length: 2\r\n\r\nok",
    "control-in-reason": b"HTTP/1.1 200 O\x0bK\r\nContent-Length: 2\r\n\r\nok",
    "bare-cr": b"HTTP/1.1 200 OK\rContent-Length: 2\r\rok",
    "lf-in-head": _OK + b"X: 1\nContent-Length: 2\r\n\r\nok",
    "cr-in-value": _OK + b"X: 1\r2\r\nContent-Length: 2\r\n\r\nok",
    "nul-in-value": _OK + b"X: 1\x002\r\nContent-Length: 2\r\n\r\nok",
    "control-in-value": _OK + b"X: 1\x012\r\nContent-Length: 2\r\n\r\nok",
    "folded": _OK + b"X: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok",
    "space-in-name": _OK + b"X Y: 1\r\nContent-Length: 2\r\n\r\nok",
    "space-after-name": _OK + b"X : 1\r\nContent-Length: 2\r\n\r\nok",
    "no-name": _OK + b": 1\r\nContent-Length: 2\r\n\r\nok",
    "no-colon": _OK + b"X\r\nContent-Length: 2\r\n\r\nok",
    "length-negative": _OK + b"Content-Length: -2\r\n\r\nok",
    "length-plus": _OK + b"Content-Length: +2\r\n\r\nok",
    "length-hex": _OK + b"Content-Length: 0x2\r\n\r\nok",
    "length-empty": _OK + b"Content-Length:\r\n\r\nok",
    "length-huge": _OK + b"Content-Length: 99999999999999999999999\r\n\r\nok",
    "lengths-differ": _OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nokk",
    "lengths-differ-by-zero": _OK + b"Content-Length: 2\r\nContent-Length: 02\r\n\r\nok",
    "lengths-empty": _OK + b"Content-Length: 2,\r\n\r\nok",
    "lengths-empty-line": _OK + b"Content-Length: 2\r\nContent-Length:\r\n\r\nok",
    "lengths-listed-differ": _OK + b"Content-Length: 2, 3\r\n\r\nokk",
    "length-and-chunked": _OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunked-twice": _OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunked-in-two-lines": _OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n2\r\nok\r\n0\r\n\r\n",
    "coding-gzip": _OK + b"Transfer-Encoding: gzip\r\n\r\nok",
    "coding-identity": _OK + b"Transfer-Encoding: identity\r\n\r\nok",
    "coding-gzip-chunked": _OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "coding-before-lf": _OK + b"Transfer-Encoding:\n chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunk-size-empty": _CHUNKED + b"\r\nok\r\n0\r\n\r\n",
    "chunk-size-negative": _CHUNKED + b"-2\r\nok\r\n0\r\n\r\n",
    "chunk-size-prefix": _CHUNKED + b"0x2\r\nok\r\n0\r\n\r\n",
    "chunk-size-underscore": _CHUNKED + b"0_2\r\nok\r\n0\r\n\r\n",
    "chunk-size-space": _CHUNKED + b" 2\r\nok\r\n0\r\n\r\n",
    "chunk-size-huge": _CHUNKED + b"fffffffffffffffff\r\nok\r\n0\r\n\r\n",
    "chunk-size-not-hex": _CHUNKED + b"g\r\nok\r\n0\r\n\r\n",
    "chunk-bare-lf": _CHUNKED + b"2\nok\r\n0\r\n\r\n",
    "chunk-too-long": _CHUNKED + b"2\r\nokk\r\n0\r\n\r\n",
    "chunk-without-end": _CHUNKED + b"2\r\nok0\r\n\r\n",
    "trailer-invalid": _CHUNKED + b"2\r\nok\r\n0\r\nX Y: 1\r\n\r\n",
    "trailer-transfer-encoding": _CHUNKED + b"2\r\nok\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n",
    "trailer-content-length": _CHUNKED + b"2\r\nok\r\n0\r\nContent-Length: 5\r\n\r\n",
    "trailer-folded": _CHUNKED + b"2\r\nok\r\n0\r\nX: 1\r\n 2\r\n\r\n",
    "switching-protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\nbytes",
    "switching-without-upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + _OK + b"Content-Length: 2\r\n\r\nok",
}

#: What httpx returns as a response and this package rejects. llhttp is stricter than h11, and so are we.
STRICTER = {
    "bare-lf",
    "chunk-size-huge",
    "chunk-size-space-behind",
    "coding-before-lf",
    "control-in-value",
    "folded",
    "http-0.9",
    "http-2.0",
    "length-and-chunked",
    "lf-in-head",
    "switching-protocols",
    "switching-without-upgrade",
    "trailer-content-length",
    "trailer-folded",
}

_FRAGMENTS = [b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b";", b",", b"0", b"\x00", b"\xff", _OK]


@st.composite
def mutated_messages(draw: st.DrawFn) -> bytes:
    """One of the messages with up to four small changes."""
    message = bytearray(MESSAGES[draw(st.sampled_from(sorted(MESSAGES)))])
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(message)))
        fragment = draw(st.one_of(st.sampled_from(_FRAGMENTS), st.binary(max_size=3)))
        message[start : start + draw(st.integers(0, 3))] = fragment
    return bytes(message)


def h11_verdict(message: bytes) -> object:
    """What httpx's parser makes of a GET's response; None where it raises."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=100 * 1024)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "host.test")]))
    connection.send(h11.EndOfMessage())
    status, body = 0, b""
    try:
        if message:
            connection.receive_data(message)
        connection.receive_data(b"")
        while not isinstance(event := connection.next_event(), h11.EndOfMessage | h11.ConnectionClosed):
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif event is h11.PAUSED:
                return None
    except h11.ProtocolError:
        return None
    return (status, body) if isinstance(event, h11.EndOfMessage) else None
