"""The shell command that sends bytes to a server as they are, where curl would send others; pure."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

#: Stands for the API key in bytes that are kept; the command reads the key from the environment.
KEY_VARIABLE = b"$POLARGRID_API_KEY"
_MAX_INLINE = 2000  # bytes
_ESCAPES = {"\\": "\\\\", "'": "\\047", "%": "%%", "\r": "\\r", "\n": "\\n", "\t": "\\t"}


def build_raw_command(url: str, sent: bytes, file: str = "") -> str:
    """Build a command that sends these bytes over one connection to the server of the URL, and prints the response.

    The bytes are in the file, if it has a name. Without it, long or binary ones are not in the command, which ends
    with a comment then.
    """
    parts = urlsplit(url)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    port = str(parts.port or (443 if is_secure else 80))
    words = ["openssl", "s_client", "-quiet", "-connect", f"{host}:{port}"] if is_secure else ["nc", host, port]
    client = shlex.join(words)
    if file:
        return f'sed "s|[$]POLARGRID_API_KEY|$POLARGRID_API_KEY|" {shlex.quote(file)} | {client}'
    if len(sent) <= _MAX_INLINE and _is_text(sent):
        return f"{_print(sent)} | {client}"
    head, end, _ = sent.partition(b"\r\n\r\n")
    rest = len(sent) - len(head + end)
    command = f"{_print(head + end)} | {client}" if _is_text(head) else client
    return f"{command}  # not in this command: {rest} more bytes; run again with --save DIR for a complete one"


def _print(data: bytes) -> str:
    key = " ".join(['"$POLARGRID_API_KEY"'] * data.count(KEY_VARIABLE))
    parts = [_escape(part.decode("ascii")) for part in data.split(KEY_VARIABLE)]
    return f"printf '{'%s'.join(parts)}'{key and f' {key}'}"


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _is_text(data: bytes) -> bool:
    return all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in data)
