"""Escaped text and marks of the HTML page; pure."""

from __future__ import annotations

import html

from polargrid_contract.report.text import MARKS, escape_controls, label, shorten
from polargrid_contract.results import Status

_MAX_TEXT = 6000  # characters


def escape(text: str) -> str:
    """Escape a text, and shorten it if it is long."""
    return html.escape(escape_controls(shorten(text, _MAX_TEXT)))


def css_class(status: Status) -> str:
    """Return the class that gives a status its color."""
    return status.replace("_", "-")


def render_chip(status: Status) -> str:
    """Render the mark and the name of a status."""
    return f'<span class="chip {css_class(status)}">{MARKS[status]} {label(status)}</span>'


def render_mark(status: Status, *, tooltip: str = "", anchor: str = "") -> str:
    """Render the mark of a status; with an anchor it is a link."""
    text = escape(tooltip or label(status))
    attributes = f'class="mark {css_class(status)}" title="{text}" aria-label="{text}"'
    if anchor:
        return f'<a {attributes} href="#{anchor}">{MARKS[status]}</a>'
    return f'<span role="img" {attributes}>{MARKS[status]}</span>'
