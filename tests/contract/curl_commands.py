"""Reads a curl command as the shell and curl's manual do, and sends its request. For the options that reports use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx

_SWITCHES = {"-i", "-I", "--globoff", "--path-as-is", "--http1.1"}
_PIECE = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"]+""", re.DOTALL)
_WORD = re.compile(rf"(?:{_PIECE.pattern})+", re.DOTALL)
_VARIABLE = re.compile(r"\$([A-Z_]+)")


@dataclass
class Part:
    """A part of a form."""

    name: str
    data: bytes
    filename: str | None = None
    media_type: str | None = None


@dataclass
class Command:
    """The options of a command."""

    method: str = "GET"
    url: str = ""
    headers: dict[str, str | None] = field(default_factory=dict)
    """None: the header is not sent."""
    body: bytes | None = None
    fields: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def parse(line: str, folder: Path, variables: dict[str, str]) -> Command:
    """Parse a command that is run in a folder. Variables count in double quotes only, and `#` starts a comment."""
    words = iter(_split(line, variables))
    assert next(words) == "curl"
    command = Command()
    for word in words:
        if word == "-I":
            command.method = "HEAD"
        elif word == "-X":
            command.method = next(words)
        elif word == "-H":
            _add_header(command, next(words))
        elif word in ("--data-raw", "--data-binary"):
            command.body = _read_data(word, next(words), folder)
        elif word == "--data-urlencode":
            command.fields.append(_encode(next(words), folder))
        elif word in ("-F", "--form-string"):
            command.parts.append(_read_part(word, next(words), folder))
        elif word not in _SWITCHES:
            assert not word.startswith("-"), word
            command.url = word
    return command


def send(command: Command) -> httpx.Response:
    """Send the request of a command."""
    headers = {"user-agent": "curl", "accept": "*/*"}
    body = command.body
    if command.fields:
        body = "&".join(command.fields).encode()
    if body is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
    with httpx.Client(trust_env=False) as client:
        request = client.build_request(command.method, command.url, content=body, files=_build_files(command.parts))
        if command.method == "POST" and body is None and not command.parts:
            del request.headers["content-length"]  # curl sends none
        for name, value in {**headers, **command.headers}.items():
            if value is not None:
                request.headers[name] = value
            elif name in request.headers:
                del request.headers[name]
        return client.send(request)


def _build_files(parts: list[Part]) -> list[tuple[str, tuple]] | None:
    return [
        (it.name, (it.filename, it.data, it.media_type) if it.media_type else (None, it.data)) for it in parts
    ] or None


def _split(line: str, variables: dict[str, str]) -> list[str]:
    """Split a line as a shell does: a variable counts in double quotes, and `#` at the start of a word is a comment."""
    words: list[str] = []
    for match in _WORD.finditer(line):
        if match[0].startswith("#"):
            break
        words.append("".join(_unquote(piece[0], variables) for piece in _PIECE.finditer(match[0])))
    return words


def _unquote(piece: str, variables: dict[str, str]) -> str:
    if piece.startswith("'"):
        return piece[1:-1]
    if piece.startswith('"'):
        text = re.sub(r'\\([\\"$`])', r"\1", piece[1:-1])
        return _VARIABLE.sub(lambda match: variables[match[1]], text)
    assert not re.search(r"[$`\\*?;&|<>(){}~!]", piece), piece  # a shell would not take it as it is
    return piece


def _add_header(command: Command, text: str) -> None:
    if text.endswith(";") and ":" not in text:
        command.headers[text[:-1].lower()] = ""
        return
    name, _, value = text.partition(":")
    command.headers[name.lower()] = value.strip() or None


def _read_data(option: str, value: str, folder: Path) -> bytes:
    if option == "--data-binary" and value.startswith("@"):
        return (folder / value[1:]).read_bytes()
    return value.encode()


def _encode(text: str, folder: Path) -> str:
    """`name=content` or `name@file`, whichever sign is first."""
    match = re.match(r"([^=@]*)([=@])(.*)", text, flags=re.DOTALL)
    assert match
    content = match[3].encode() if match[2] == "=" else (folder / match[3]).read_bytes()
    return f"{match[1]}={quote(content, safe='')}"


def _read_part(option: str, text: str, folder: Path) -> Part:
    name, _, content = text.partition("=")
    if option == "--form-string":
        return Part(name, content.encode())
    if content.startswith("<"):
        return Part(name, (folder / content[1:]).read_bytes())
    match = re.fullmatch(r'@"((?:[^"\\]|\\.)*)";type=([^;]+);filename="((?:[^"\\]|\\.)*)"', content)
    assert match, content
    file, filename = (re.sub(r"\\(.)", r"\1", match[index]) for index in (1, 3))
    return Part(name, (folder / file).read_bytes(), filename, match[2])
