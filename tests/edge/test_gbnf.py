"""Grammars in GBNF for llguidance."""

from __future__ import annotations

import pytest

from polargrid_edge.backends.gbnf import gbnf_to_lark


@pytest.mark.parametrize(
    ("grammar", "expected"),
    [
        ('root ::= "ab" | [a-z-]+ # all', r'r0: ("a" "b") | /[\x{61}-\x{7A}\x{2D}-\x{2D}]/ +'),
        ('root ::= ( "a" | ) "" .{2,}', 'r0: ( ("a") | "" ) ("") /(?s:.)/ {2,}'),
        ('root ::= item\nitem ::= "\\x41\\"" [^\\n]* root?', 'r0: r1\nr1: ("A" "\\"") /[^\\x{A}-\\x{A}]/ * r0 ?'),
    ],
)
def test_a_grammar_keeps_its_meaning(grammar: str, expected: str) -> None:
    """Every character is a terminal of its own, and an empty alternative is the empty text."""
    assert gbnf_to_lark(grammar) == f"start: r0\n{expected}"


@pytest.mark.parametrize(
    ("grammar", "message"),
    [
        ('root ::= "a', "line 1 of the grammar: expected GBNF"),
        ('"a"', "expected a rule"),
        ('other ::= "a"', "expected a rule `root"),
        ('root ::= "a"\nroot ::= "b"', "line 2 of the grammar: a second rule 'root'"),
        ("root ::= missing", "unknown rule 'missing'"),
        ("root ::= root", "no text matches rule 'root'"),
        ('root ::= "a" | b\nb ::= ("x" b | b+) "y"', "no text matches rule 'b'"),
        ("root ::= []", "no character matches"),
        (r"root ::= [^\x00-\U0010FFFF]", "no character matches"),
        ("root ::= [z-a]", "ends before it begins"),
        (r'root ::= "\ud800"', "no character"),
        ('root ::= "a"{5,2}', "ends before it begins"),
        ('root ::= (("a"{900}){900}){900}', "the repetitions add up"),
        ("root ::= *", "nothing before"),
        ('root ::= "a"**', "after a repetition"),
        ('root ::= ("a"', "missing"),
        ('root ::= "a")', "unexpected"),
        ("root ::= " + "(" * 51, "nested deeper than 50"),
    ],
)
def test_an_invalid_grammar_is_rejected(grammar: str, message: str) -> None:
    """Also one that no text matches: the model would get it, and stop in the middle."""
    with pytest.raises(ValueError, match=message):
        gbnf_to_lark(grammar)


def test_a_rule_may_refer_to_itself() -> None:
    """Where one of its alternatives, or an optional part, ends."""
    for rules in ('"a" root | "b"', "root?", "(root | ) root{0,2}", '"a" (root "x")*', '[a-z] | root "+" root'):
        assert gbnf_to_lark(f"root ::= {rules}")
