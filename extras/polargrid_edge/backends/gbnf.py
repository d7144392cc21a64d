"""Convert a grammar in GBNF, the notation of llama.cpp, to that of llguidance. Pure.

llama.cpp follows a GBNF grammar by trying every way to match it: a grammar of a hundred bytes can stop the loop that
serves all requests of a model, and nothing interrupts it. llguidance keeps the ways in a table, within limits.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final, NoReturn

MAX_DEPTH: Final = 50
_MAX_REPETITIONS: Final = 2_000
_MAX_CODE_POINT: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)

_ESCAPE: Final = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt\\\"\[\]])"
_TOKEN: Final = re.compile(
    rf'(?P<space>(?:\s|#[^\n]*)+)|(?P<rule>[\w-]+)\s*::=|(?P<name>[\w-]+)|"(?P<literal>(?:[^"\\]|{_ESCAPE})*)"'
    rf"|\[(?P<not>\^?)(?P<set>(?:[^\]\\]|{_ESCAPE})*)\]|\{{(?P<lower>\d{{1,6}})(?P<comma>,)?(?P<upper>\d{{1,6}})?\}}"
    r"|(?P<mark>[.()|*+?])",
    re.ASCII,
)
_CHARACTER: Final = re.compile(rf"{_ESCAPE}|.", re.DOTALL)
_NAMED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_ANY: Final = "/(?s:.)/"


def gbnf_to_lark(grammar: str) -> str:
    """The rules, of which the first is `start`. Raises `ValueError` with the position of what is invalid.

    Each character is a terminal of its own: as one terminal, `"ab"` would hide `"a" "b"`.
    """
    converter = _Converter(grammar)
    converter.convert()
    return converter.lark()


@dataclass(slots=True)
class _Converter:
    text: str
    rules: dict[str, list[str]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    repetitions: int = 0

    def convert(self) -> None:
        """Read the rules."""
        at, depth, parts = 0, 0, list[str]()
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None:
                self._fail(at, f"expected GBNF, not {self.text[at : at + 10]!r}")
            if match["rule"]:
                self._check_end(at, depth)
                if match["rule"] in self.rules:
                    self._fail(at, f"a second rule {match['rule']!r}")
                parts = self.rules[match["rule"]] = []
            elif not match["space"]:
                if not self.rules:
                    self._fail(at, "expected a rule such as `root ::= …`")
                depth += {"(": 1, ")": -1}.get(match[0], 0)
                if not 0 <= depth <= MAX_DEPTH:
                    self._fail(at, f"nested deeper than {MAX_DEPTH} levels" if depth > 0 else "unexpected ')'")
                parts.append(self._convert_token(match, parts))
            at = match.end()
        self._check_end(at, depth)

    def lark(self) -> str:
        """The rules in the notation of llguidance."""
        for name, at in self.used.items():
            if name not in self.rules:
                self._fail(at, f"unknown rule {name!r}")
        if "root" not in self.rules:
            self._fail(0, "expected a rule `root ::= …`")
        for name in self.rules.keys() - _find_finite(self.rules):
            self._fail(0, f"no text matches rule {name!r}, which never ends")
        names = {name: f"r{index}" for index, name in enumerate(self.rules)}
        lines = [f"start: {names['root']}"]
        for name, parts in self.rules.items():
            words = [names[part[1:]] if part.startswith("@") else part for part in parts]
            lines.append(f"{names[name]}: {_fill_empty(words)}")
        return "\n".join(lines)

    def _convert_token(self, match: re.Match[str], parts: list[str]) -> str:
        at = match.start()
        if match["name"]:
            self.used.setdefault(match["name"], at)
            return "@" + match["name"]
        if match["literal"] is not None:
            characters = [json.dumps(chr(code), ensure_ascii=False) for code in self._codes(at, match["literal"])]
            return f"({' '.join(characters)})" if characters else '("")'
        if match["set"] is not None:
            return self._convert_set(match)
        if match["mark"] == ".":
            return _ANY
        if match["mark"] is None or match["mark"] in "*+?":
            if not parts or parts[-1] in ("(", "|"):
                self._fail(at, f"nothing before {match[0]!r}")
            if parts[-1][-1] in "*+?}" and parts[-1][0] not in '/"':
                self._fail(at, f"{match[0]!r} after a repetition")
            return match[0] if match["mark"] else self._convert_bounds(match)
        return match[0]

    def _convert_bounds(self, match: re.Match[str]) -> str:
        lower, upper = int(match["lower"]), match["upper"]
        self.repetitions += int(upper or lower)
        if self.repetitions > _MAX_REPETITIONS:
            self._fail(match.start(), f"the repetitions add up to more than {_MAX_REPETITIONS}")
        if match["comma"] is None:
            return f"{{{lower}}}"
        if upper is not None and int(upper) < lower:
            self._fail(match.start(), f"{match[0]!r} ends before it begins")
        return f"{{{lower},{upper or ''}}}"

    def _convert_set(self, match: re.Match[str]) -> str:
        at, is_negated = match.start(), bool(match["not"])
        codes = self._codes(at, match["set"])
        marks = _CHARACTER.findall(match["set"])
        if not codes:
            return _ANY if is_negated else self._fail(at, "no character matches []")
        ranges: list[tuple[int, int]] = []
        index = 0
        while index < len(codes):
            low = high = codes[index]
            if index + 2 < len(codes) and marks[index + 1] == "-":
                high = codes[index + 2]
                index += 2
            if high < low:
                self._fail(at, f"the range {chr(low)!r} to {chr(high)!r} ends before it begins")
            ranges.append((low, high))
            index += 1
        if is_negated and _covers_all(ranges):
            self._fail(at, f"no character matches {match[0]}")
        return f"/[{'^' if is_negated else ''}{''.join(_range(low, high) for low, high in ranges)}]/"

    def _codes(self, at: int, text: str) -> list[int]:
        """The code points of a literal or of a set."""
        codes = [_to_code(item) for item in _CHARACTER.findall(text)]
        if any(code > _MAX_CODE_POINT or code in _SURROGATES for code in codes):
            self._fail(at, "an escape that is no character")
        return codes

    def _check_end(self, at: int, depth: int) -> None:
        if depth:
            self._fail(at, "missing ')'")

    def _fail(self, at: int, reason: str) -> NoReturn:
        raise ValueError(f"line {self.text.count(chr(10), 0, at) + 1} of the grammar: {reason}")


def _range(low: int, high: int) -> str:
    return rf"\x{{{low:X}}}-\x{{{high:X}}}"


def _covers_all(ranges: list[tuple[int, int]]) -> bool:
    """Whether every character is in one of the ranges; surrogates are no characters."""
    after = 0
    for low, high in sorted([*ranges, (_SURROGATES.start, _SURROGATES.stop - 1)]):
        if low > after:
            return False
        after = max(after, high + 1)
    return after > _MAX_CODE_POINT


def _find_finite(rules: dict[str, list[str]]) -> set[str]:
    """The rules that a finite text matches."""
    finite: set[str] = set()
    size = -1
    while size < len(finite):
        size = len(finite)
        finite |= {name for name, parts in rules.items() if name not in finite and _is_finite(parts, finite)}
    return finite


def _is_finite(parts: list[str], finite: set[str]) -> bool:
    # For each open group: whether an alternative was finite, and whether the present one is, without its last part.
    groups: list[tuple[bool, bool]] = [(False, True)]
    last = True
    for part in parts:
        before, present = groups.pop()
        if part == "(":
            groups += [(before, present and last), (False, True)]
            last = True
        elif part == "|":
            groups.append((before or (present and last), True))
            last = True
        elif part == ")":
            last = before or (present and last)
        elif part[0] in "*?" or part.startswith("{0"):
            groups.append((before, present))
            last = True
        elif part == "+" or part[0] == "{":
            groups.append((before, present))
        else:
            groups.append((before, present and last))
            last = not part.startswith("@") or part[1:] in finite
    before, present = groups[0]
    return before or (present and last)


def _to_code(text: str) -> int:
    if len(text) == 1:
        return ord(text)
    return int(text[2:], 16) if text[1] in "xuU" else ord(_NAMED.get(text[1], text[1]))


def _fill_empty(parts: list[str]) -> str:
    """The parts with the empty text where an alternative has none."""
    words: list[str] = []
    for part, following in zip(["|", *parts], [*parts, "|"], strict=True):
        words.append(part)
        if part in ("|", "(") and following in ("|", ")"):
            words.append('""')
    return " ".join(words[1:])
