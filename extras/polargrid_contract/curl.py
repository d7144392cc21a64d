"""The curl command that repeats a request; pure.

What a command line cannot hold (a long or binary body, a file of a form) is in files. `Attachments` has their names if
they are saved; otherwise the command ends with a comment that says what is missing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.raw_command import build_raw_command

# The command reads the key from the environment.
_KEY_VARIABLES = {"valid": "$POLARGRID_API_KEY", "other": "$SOME_OTHER_KEY"}
_MAX_INLINE = 2000  # characters
_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass(frozen=True)
class Attachments:
    """The names of the files to which the parts of a request are saved."""

    body: str = ""
    uploads: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    """By the name of a form field."""
    sent: str = ""
    """Every byte that was sent on the connection."""


def build_curl(exchange: Exchange, files: Attachments | None = None) -> str:
    """Build the command. Without `files` it may end with a comment: which parts are not in it."""
    if exchange.sent:
        return build_raw_command(exchange.url, exchange.sent, files.sent if files else "")
    words = ["curl", "-i", *(["-I"] if exchange.method == "HEAD" else ["-X", exchange.method])]
    words += _url_options(exchange.url)
    words.append(exchange.url)
    if exchange.key != "none":
        words += ["-H", f"Authorization: Bearer {_KEY_VARIABLES[exchange.key]}"]
    for name, value in exchange.headers.items():
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    words += _form_options(exchange, files)
    words += _body_options(exchange, files)
    variables = tuple(_KEY_VARIABLES.values())
    command = " ".join(f'"{word}"' if word.endswith(variables) else shlex.quote(word) for word in words)
    missing = [] if files else list(_describe_missing(exchange))
    note = f"  # not in this command: {', '.join(missing)}; run again with --save DIR for a complete one"
    return command + (note if missing else "")


def is_inline(data: bytes | str) -> bool:
    """Whether a body or a field can be a word of the command: short text, of which a terminal shows each character."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        return False
    return len(text) <= _MAX_INLINE and all(character.isprintable() or character in "\n\t" for character in text)


def _url_options(url: str) -> Iterator[str]:
    if any(character in url for character in "[]{}"):
        yield "--globoff"  # curl reads them as ranges
    if "/." in url:
        yield "--path-as-is"  # curl removes `/..`
    if url.startswith("https:"):
        yield "--http1.1"  # as the tester sends it


def _form_options(exchange: Exchange, files: Attachments | None) -> Iterator[str]:
    for name, value in (exchange.form or {}).items():
        if is_inline(value):
            option = "--form-string" if exchange.is_multipart else "--data-urlencode"
            yield from (option, f"{name}={value}")
        else:
            file = (files.fields.get(name) if files else None) or f"FIELD-{name}"
            yield from ("-F", f"{name}=<{file}") if exchange.is_multipart else ("--data-urlencode", f"{name}@{file}")
    for position, upload in enumerate(exchange.uploads):
        file = files.uploads[position] if files else upload.name
        yield from ("-F", f"{upload.field}=@{_quote(file)};type={upload.media_type};filename={_quote(upload.name)}")


def _quote(name: str) -> str:
    """Quote the name of a file for -F, which reads `,` and `;` in it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _body_options(exchange: Exchange, files: Attachments | None) -> Iterator[str]:
    content = exchange.content
    if content is None:
        if exchange.method not in _METHODS_WITH_BODY or exchange.form is not None or exchange.uploads:
            return
        content = b""  # makes curl send `Content-Length: 0`
    if "content-type" not in {name.lower() for name in exchange.headers}:
        yield from ("-H", "content-type:")  # curl would send the type of a form
    if is_inline(content):
        yield from ("--data-raw", content.decode())
    else:
        yield from ("--data-binary", f"@{files.body if files else 'BODY'}")


def _describe_missing(exchange: Exchange) -> Iterator[str]:
    if exchange.content is not None and not is_inline(exchange.content):
        yield f"the body of {len(exchange.content)} bytes"
    for name, value in (exchange.form or {}).items():
        if not is_inline(value):
            yield f"the field {name} of {len(value)} characters"
    yield from map(_describe_upload, exchange.uploads)


def _describe_upload(upload: Upload) -> str:
    return f"the file {upload.name} of {len(upload.data)} bytes"
