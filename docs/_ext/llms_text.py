"""Writes llms.txt, llms-full.txt and each page as Markdown next to the HTML of the site, for language models.

https://llmstxt.org defines the format of llms.txt: a title, a summary, and lists of links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.text import TextBuilder
from sphinx.writers.text import TextTranslator

_DIRECTIVE = re.compile(r"^(:{3,})\{.*?^\1$\n?", flags=re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^<!--.*?-->\n", flags=re.MULTILINE | re.DOTALL)


def setup(app: Sphinx) -> dict[str, bool]:
    """Collect the pages when Sphinx reads them; write them when the site is built."""
    sources: dict[str, str] = {}
    app.connect("source-read", lambda _, name, source: sources.update({name: source[0]}), priority=900)
    app.connect("build-finished", lambda app, failure: None if failure else _write(app, sources))
    return {"parallel_read_safe": False}


def _write(app: Sphinx, sources: dict[str, str]) -> None:
    root, pages = Path(app.outdir), {name: _page(app, name, text) for name, text in sources.items()}
    for name, text in pages.items():
        (root / f"{name}.md").write_text(text, encoding="utf-8")
    order = [name for _, names in _sections(app) for name in names]
    opening = f"# {app.config.project}\n\n> {_first_sentence(pages[app.config.root_doc])}\n"
    contents = [f"<!-- {name}.md -->\n\n{pages[name]}" for name in order]
    (root / "llms-full.txt").write_text("\n".join([opening, *contents]), encoding="utf-8")
    lists = [
        f"\n## {title}\n\n"
        + "".join(f"- [{_title(app, name)}]({name}.md): {_first_sentence(pages[name])}\n" for name in names)
        for title, names in _sections(app)
    ]
    (root / "llms.txt").write_text("".join([opening, *lists]), encoding="utf-8")


def _sections(app: Sphinx) -> Iterator[tuple[str, list[str]]]:
    """The tables of contents: their captions, and the pages of each, in order."""
    for toctree in app.env.get_doctree(app.config.root_doc).findall(addnodes.toctree):
        names = [name for _, name in toctree["entries"] if name]
        yield toctree["caption"], [page for name in names for page in _descendants(app, name)]


def _descendants(app: Sphinx, name: str) -> list[str]:
    return [name, *(page for child in app.env.toctree_includes.get(name, ()) for page in _descendants(app, child))]


def _page(app: Sphinx, name: str, source: str) -> str:
    """A page as Markdown, or as plain text if Sphinx builds it from docstrings or from another file."""
    if re.search(r"^(```\{eval-rst\}|:::\{(literal)?include\})", source, flags=re.MULTILINE):
        return _render_text(app, name)
    return re.sub(r"\n{3,}", "\n\n", _COMMENT.sub("", _DIRECTIVE.sub("", source))).strip() + "\n"


def _render_text(app: Sphinx, name: str) -> str:
    builder = TextBuilder(app, app.env)
    builder.init()
    doctree = app.env.get_doctree(name)
    translator = TextTranslator(doctree, builder)
    doctree.walkabout(translator)
    return f"{translator.body.strip()}\n"


def _title(app: Sphinx, name: str) -> str:
    return app.env.titles[name].astext()


def _first_sentence(text: str) -> str:
    """The first sentence after the title."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    body = re.split(r"\n\s*\n", re.sub(r"^(# .*|.*\n[*=]+)\n", "", prose.lstrip()).strip())
    first = " ".join(next((part for part in body if part[:1].isalpha() or part[:1] in "[`*"), "").split())
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", first)
    return re.split(r"(?<=[.:!?]) ", plain)[0].rstrip(":")
