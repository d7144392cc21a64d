"""Markdown as the page shows it: what is rendered, what is removed, and the route that renders."""

from __future__ import annotations

import threading
from html.parser import HTMLParser

import httpx
import pytest

from polargrid_edge.web import markdown
from polargrid_edge.web.markdown import MAX_CHARACTERS, render_blocks, sanitize
from polargrid_edge.web.markdown_route import MARKDOWN_PATH
from tests.edge.payloads import PAYLOADS
from tests.edge.scripted import HEADERS, ScriptedEdge


def render(text: str) -> str:
    return "".join(block.html for block in render_blocks(text)).strip()


class Elements(HTMLParser):
    """The tags and attributes of HTML, as a parser of its own sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("# a", "<h3>a</h3>"),
        ("###### a", "<h6>a</h6>"),
        ("```python\na < b\n```", '<pre><code class="language-python">a &lt; b\n</code></pre>'),
        ("7. a", '<ol start="7">\n<li>a</li>\n</ol>'),
        ("![a](http://x.example/b.png)", 'href="http://x.example/b.png"'),
        ("|a|\n|--:|\n|1|", '<td align="right">1</td>'),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("> " * 40 + "deep", "deep"),
    ],
)
def test_markdown_becomes_html(text: str, html: str) -> None:
    """Headings below those of the page; HTML in a text is text; an image is a link; no text is dropped."""
    assert html in render(text)


def test_a_link_opens_a_tab_that_learns_nothing() -> None:
    """Neither where it was opened, nor a way back."""
    (html,) = (block.html for block in render_blocks("[a](https://x.example)"))
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize("is_markdown", [True, False])
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_an_attack_becomes_harmless(payload: str, is_markdown: bool) -> None:
    """By the parser, and by the sanitizer alone: only listed tags, attributes and schemes are left."""
    elements = Elements(render(payload) if is_markdown else sanitize(payload))
    assert elements.tags <= markdown._TAGS
    for name, value in elements.attributes:
        assert name in {"href", "title", "class", "start", "align", "target", "rel"}
        assert name != "href" or value.startswith(("http://", "https://", "mailto:"))
        assert name != "class" or value.startswith("language-")


def test_only_the_last_block_of_a_growing_text_changes() -> None:
    """So a page that has the others renders the text from the first line of its last block."""
    text = "# a\n\nb c\nd\n\n- e\n  - f\n\n  g\n\n```x\nh\n\ni\n```\n|j|\n|-|\n|k|\n\n> l\n\nm\n---\n"
    for length in range(len(text)):
        before, after = render_blocks(text[:length]), render_blocks(text[: length + 1])
        if not before:
            continue
        assert after[: len(before) - 1] == before[:-1]
        last = before[-1].line
        tail = render_blocks("\n".join(text[: length + 1].split("\n")[last:]))
        assert [block.html for block in tail] == [block.html for block in after[len(before) - 1 :]]


def test_a_text_without_blocks_has_none() -> None:
    """A definition of a link is none."""
    assert render_blocks("\n[a]: http://x.example\n\n") == []


# The route


def post(edge: ScriptedEdge, content: bytes, **headers: str) -> httpx.Response:
    own = HEADERS | {"origin": edge.url, "content-type": "text/plain"}
    renamed = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(edge.url + MARKDOWN_PATH, content=content, headers=own | renamed)


def test_the_page_gets_the_blocks_of_a_text(fake_edge: ScriptedEdge) -> None:
    """With their first lines; the response is not stored."""
    response = post(fake_edge, b"a\n\n**b**")
    assert response.json() == [{"line": 0, "html": "<p>a</p>\n"}, {"line": 2, "html": "<p><strong>b</strong></p>\n"}]
    assert response.headers["cache-control"] == "no-store"


def test_a_browser_says_that_it_is_the_page(fake_edge: ScriptedEdge) -> None:
    """Also where a proxy changes Host."""
    assert post(fake_edge, b"a", origin="http://localhost:1", sec_fetch_site="same-origin").status_code == 200


def test_rendering_needs_a_key(fake_edge: ScriptedEdge) -> None:
    """Like all but the files of the page."""
    assert post(fake_edge, b"a", authorization="Bearer wrong").status_code == 401


@pytest.mark.parametrize(
    "headers", [{"origin": "http://localhost:1"}, {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}]
)
def test_only_the_page_can_render(fake_edge: ScriptedEdge, headers: dict[str, str]) -> None:
    """Not a page of another port of this machine."""
    response = post(fake_edge, b"a", **headers)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "origin_not_allowed")


def test_a_client_without_an_origin_cannot_render(fake_edge: ScriptedEdge) -> None:
    """A browser sends one with each POST."""
    headers = HEADERS | {"content-type": "text/plain"}
    assert httpx.post(fake_edge.url + MARKDOWN_PATH, content=b"a", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"a", {"content_type": "application/json"}, 415),
        (b"\xff", {}, 400),
        (b"a" * (MAX_CHARACTERS + 1), {}, 400),
        (b"a" * (4 * MAX_CHARACTERS + 1), {}, 413),
    ],
)
def test_another_body_is_rejected(
    fake_edge: ScriptedEdge, content: bytes, headers: dict[str, str], status: int
) -> None:
    """Another media type, another encoding, too many characters, too many bytes."""
    assert post(fake_edge, content, **headers).status_code == status


def test_the_event_loop_does_not_render(monkeypatch: pytest.MonkeyPatch, fake_edge: ScriptedEdge) -> None:
    """A long text would delay the streams of all requests."""
    threads: list[str] = []

    def record(text: str) -> list[markdown.Block]:
        threads.append(threading.current_thread().name)
        return render_blocks(text)

    monkeypatch.setattr("polargrid_edge.web.markdown_route.render_blocks", record)
    assert post(fake_edge, b"a").status_code == 200
    assert threads != ["edge"]
    assert len(threads) == 1
