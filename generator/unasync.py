"""Derives the sync half of a package from its async half: `_async/` -> `_sync/`, token by token; pure.

Two comments handle what a rule cannot: a line that ends with `# unasync: remove` is dropped, and a line that is only
`# unasync: add CODE` becomes CODE.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable
from pathlib import Path
from tokenize import TokenInfo

#: Names that do not follow the rules of `_rename`.
NAMES = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncByteStream": "SyncByteStream",  # httpx has a ByteStream that is another class
    "AsyncExitStack": "ExitStack",
    "AsyncResponseManager": "ResponseManager",
    "AsyncStreamResponse": "StreamResponse",
    "AsyncStreamedResponse": "StreamedResponse",
    "PolarGrid": "PolarGridSync",
    "StopAsyncIteration": "StopIteration",
    "aclose": "close",
    "aclosing": "closing",
    "aiter": "iter",
    "aiter_bytes": "iter_bytes",
    "aiter_raw": "iter_raw",
    "anext": "next",
    "aread": "read",
    "asynccontextmanager": "contextmanager",
    "find_nearest": "find_nearest_sync",
    "handle_async_request": "handle_request",
    "push_async_callback": "callback",
}
_UNPREFIXED = re.compile(
    r"Async((\w*Stream|Generator|Iterator|Iterable|ContextManager)|(Client|HTTPTransport|BaseTransport|MockTransport))"
)
#: Phrases of comments, docstrings and messages.
_PHRASES = {
    r"\basync (with|for|def)\b": r"\1",
    r"`await (\w)": r"`\1",
    r"\bawait (\w+\.?\w*\()": r"call \1",
    r"\b([Aa])n async\b": r"\1 sync",
    r"\b([Aa])n Async(?!Audio)": r"\1 Async",
    r"`PolarGrid\b|\bPolarGrid(?=\(|\.[a-z])": r"\g<0>Sync",
    r"\basync (clients?|context managers?)\b": r"sync \1",
}
#: Names that are also words of prose.
_WORDS = ("PolarGrid", "async")
#: Python 3.12 has tokens for the parts of an f-string; before, it is one STRING.
_TEXT_TOKENS = (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
_ADD, _REMOVE = "# unasync: add ", "# unasync: remove"


def derive_package(folder: Path) -> dict[str, str]:
    """Return file name -> text of the sync half of the package `folder`, an `_async`; not formatted yet."""
    return {
        path.name: f"# Derived from ../{folder.name}/{path.name} by `make generate`\n" + derive(path.read_text("utf-8"))
        for path in sorted(folder.glob("*.py"))
    }


def derive(source: str) -> str:
    """Return the sync form of a module."""
    source = "".join(_apply_pragma(line) for line in _split_lines(source))
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    edits = [edit for index in range(len(tokens)) for edit in _edit(tokens, index)]
    return _apply_edits(source, edits)


def _split_lines(text: str) -> list[str]:
    return io.StringIO(text).readlines()  # as tokenize counts them: str.splitlines knows more line ends


def _apply_pragma(line: str) -> str:
    if line.rstrip().endswith(_REMOVE):
        return ""
    return line.replace(_ADD, "", 1) if line.lstrip().startswith(_ADD) else line


Position = tuple[int, int]
Edit = tuple[Position, Position, Callable[[str], str]]


def _edit(tokens: list[TokenInfo], index: int) -> list[Edit]:
    """Return the edits for one token: (start, end, function of the source between them)."""
    token = tokens[index]
    if token.type in _TEXT_TOKENS:
        return [(token.start, token.end, _translate)]
    if token.type != tokenize.NAME:
        return []
    if token.string in ("async", "await"):
        return [(token.start, tokens[index + 1].start, lambda _: "")]
    edits: list[Edit] = [(token.start, token.end, _rename)]
    if token.string == "AsyncGenerator" and tokens[index + 1].string == "[":
        end = _find_closing_bracket(tokens, index + 1)
        edits.append((end, end, lambda _: ", None"))  # a Generator has a return type
    return edits


def _find_closing_bracket(tokens: list[TokenInfo], index: int) -> Position:
    depth = 0
    for token in tokens[index:]:
        depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        if depth == 0:
            return token.start
    raise ValueError("bracket is not closed")


def _rename(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    if name.startswith("__a") and name.removeprefix("__a") in ("iter__", "next__", "enter__", "exit__"):
        return name.replace("__a", "__", 1)
    if match := _UNPREFIXED.fullmatch(name):
        return match[1]
    name = re.sub(r"^(_*)async(?=_|$)", r"\1sync", name)
    return re.sub(r"^(_*)Async(?=[A-Z])", r"\1Sync", name)


def _translate(text: str) -> str:
    """Return a comment or a string in the words of the sync half."""
    for pattern, replacement in _PHRASES.items():
        text = re.sub(pattern, replacement, text)
    return re.sub(r"[A-Za-z_]\w*", lambda match: match[0] if match[0] in _WORDS else _rename(match[0]), text)


def _apply_edits(source: str, edits: list[Edit]) -> str:
    lines = _split_lines(source)
    for (row, start), (end_row, end), replace in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        before, after = lines[row - 1][:start], lines[end_row - 1][end:]
        text = "".join(lines[row - 1 : end_row]).removeprefix(before).removesuffix(after)
        lines[row - 1 : end_row] = _split_lines(before + replace(text) + after)
    return "".join(lines)
