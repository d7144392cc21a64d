"""Render the text of a model to HTML that is safe in a page, block by block. Pure.

markdown-it-py parses CommonMark with tables and escapes HTML in the text; nh3 then keeps only what is listed here. A
package with a script for browsers would need a copy of the script or a build step; these two are Python packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_CHARACTERS: Final = 65_536
"""The longest text in one request: the slowest text known takes seconds at twice the length."""

_ATTRIBUTES: Final = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}}
_TAGS: Final = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_LANGUAGE: Final = re.compile(r"language-[\w+#.-]{1,40}")
_ALIGNMENTS: Final = {"text-align:left": "left", "text-align:center": "center", "text-align:right": "right"}

# Without images, which would come from other hosts: `![text](url)` is shown as an exclamation mark and a link. The
# usual nesting of 20 levels would drop deeper text.
_parser: Final = (
    MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 100})
    .enable(["table", "strikethrough"])
    .disable(["image"])
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a text, such as a paragraph or a table: its first line, counted from 0, and its HTML."""

    line: int
    html: str


def render_blocks(text: str) -> list[Block]:
    """Render a text. While it grows, only its last block changes. Raises `ValueError` for one that is too long."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"text: {len(text)} characters; expected at most {MAX_CHARACTERS}")
    env: dict[str, object] = {}
    tokens = _parser.parse(text, env)
    for token in tokens:
        _align(token)
        _lower_heading(token)
    return [Block(_first_line(group), _render(group, env)) for group in _group_by_block(tokens)]


def _render(tokens: list[Token], env: dict[str, object]) -> str:
    return sanitize(_parser.renderer.render(tokens, _parser.options, env))


def sanitize(html: str) -> str:
    """Remove from HTML what a text may not bring into the page: scripts, styles, frames, forms, images, other URLs."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("code", "class"):
        return value if _LANGUAGE.fullmatch(value) else None
    if name == "align":
        return value if value in _ALIGNMENTS.values() else None
    # Of relative URLs, which are paths of the edge, a model knows nothing.
    return None if (name == "href" and ":" not in value) else value


def _align(token: Token) -> None:
    """Replace the style of a cell, which the policy of the page forbids, by an attribute."""
    style = token.attrs.pop("style", None)
    if isinstance(style, str) and style in _ALIGNMENTS:
        token.attrs["align"] = _ALIGNMENTS[style]


def _lower_heading(token: Token) -> None:
    """Put the headings of a text below those of the page, which has two levels."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"


def _group_by_block(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """The tokens of each block at the highest level."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []


def _first_line(group: list[Token]) -> int:
    lines = group[0].map
    assert lines is not None  # noqa: S101  every block has its lines
    return lines[0]
