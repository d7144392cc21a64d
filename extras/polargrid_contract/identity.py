"""Texts of violations without what varies between runs: ids, times, numbers, bodies and quotations; pure.

    normalize("status 404: {...}")                      == "status 404: <json>"
    normalize("x-request-id: req_0123456789abcdef")     == "x-request-id: <id>"
    normalize("total_tokens = 31")                      == "total_tokens = <number>"

A normalized text is its own normal form, so the texts in a baseline may be written in either form.
"""

from __future__ import annotations

import re
from functools import cache

from polargrid_contract.results import Outcome, Violation

_MAX_QUOTATION = 24  # characters; a longer one is an excerpt of a response
_MAX_LENGTH = 200  # characters of a text in a baseline
_TOKEN = re.compile(
    r"""
    (?P<kept> <(?:id|json|number|path|text|time|url)> )
  | (?P<quotation> (?<![\w'"]) (?: '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" ) (?!\w) )
  | (?P<json> \{ (?: .*\} | (?=\s*["'}]) .* ) | \[ (?: .*\] | (?=\s*["'{\d]) .* ) )
  | (?P<url> https?://[^\s'"<>,;)]+ )
  | (?P<path> (?<![\w/<.\#]) (?:/[\w.~%{}:@-]+)+ (?:\?[^\s'"<>,;)]*)? )
  | (?P<time> \d{4}-\d\d-\d\d (?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?
      | (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),[ ]\d\d[ ]\w{3}[ ]\d{4}[ ][\d:]{8}[ ]GMT )
  | (?P<status> (?:\bstatus|\bHTTP|\bReceived:|\breturns|\bcode) [ ] \d{3} \b )
  | (?P<id> \b [0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12} \b
      | \b (?:[A-Za-z]+[_-])+ (?=[A-Za-z]*\d) [0-9A-Za-z]{8,} \b
      | \b (?=[a-f]*\d) [0-9a-f]{12,} \b )
  | (?P<number> (?<![\w-]) -? \d+ (?:[.,]\d+)* (?:e[+-]?\d+)? )
    """,
    re.VERBOSE | re.DOTALL,
)

_VALUE = re.compile(r'^"(?:\\.|[^"\\])*"(?= (?:is (?!a required)|does |has ))')


@cache
def normalize(text: str) -> str:
    """Replace what varies between runs by its kind in angle brackets. The statuses of responses stay."""
    return " ".join(_TOKEN.sub(_replace, text).split())


def identify(outcome: Outcome, violation: Violation) -> tuple[str, str, str]:
    """Return the check, and what it expects and finds in their normal forms: equal for the same fault in all runs."""
    return outcome.check, normalize_expected(violation), normalize_actual(outcome, violation)


def normalize_expected(violation: Violation) -> str:
    """Return the normal form of what is expected."""
    return normalize(violation.expected)[:_MAX_LENGTH]


def normalize_actual(outcome: Outcome, violation: Violation) -> str:
    """Return the normal form of what was found.

    Only the first paragraph counts in the schema suite: the rest quotes the schema and the generated value. That
    paragraph often starts with the value as well: `"x" is not of type "integer"`.
    """
    text = violation.actual
    if outcome.suite == "schema":
        title, separator, rest = text.partition(": ")
        text = title + separator + _VALUE.sub("<text>", rest.strip().partition("\n\n")[0])
    return normalize(text)[:_MAX_LENGTH]


def _replace(match: re.Match[str]) -> str:
    kind, text = str(match.lastgroup), match[0]
    if kind in ("kept", "status"):
        return text
    if kind == "quotation":
        content = text[1:-1]
        is_name = len(content) <= _MAX_QUOTATION and content.isascii() and not re.search(r"[\s\\{\[]", content)
        return f"{text[0]}{normalize(content)}{text[0]}" if is_name else "<text>"
    return f"<{kind}>"
