"""Each change of the public Python names is told in one line, on small packages."""

from __future__ import annotations

import pytest

CLIENT = '''
from typing import TypedDict, Unpack

class ClientOptions(TypedDict, total=False):
    region: str | None
    transport: str | None

class PolarGrid:
    """The async client."""

    def __init__(self, config: str | None = None, *, pool: int = 1, **options: Unpack[ClientOptions]) -> None: ...
    async def close(self, wait: float = 1.0) -> None: ...
    def get_region(self, name: str, *, strict: bool = False) -> str: ...

class PolarGridSync:
    def __init__(self, config: str | None = None, *, pool: int = 1, **options: Unpack[ClientOptions]) -> None: ...
    def close(self, wait: float = 1.0) -> None: ...
    def get_region(self, name: str, *, strict: bool = False) -> str: ...

def _hidden() -> None: ...
'''
ERRORS = '''
class PolarGridError(Exception):
    code: str | None = None

class TimeoutError(PolarGridError, OSError):
    """A timeout."""
'''
RETRY = """
import attrs

@attrs.frozen
class RetryPolicy:
    max_retries: int = attrs.field(default=3)
    max_delay: float = attrs.field(default=8.0)

LIMIT = 10
"""
TYPES = """
from polargrid.client import ClientOptions as ClientOptions
from polargrid.errors import PolarGridError
"""
ROOT = """
from polargrid.client import PolarGrid, PolarGridSync

__all__ = ["PolarGrid", "PolarGridSync"]
"""
OLD = {
    "overlay/polargrid/client.py": CLIENT,
    "overlay/polargrid/errors.py": ERRORS,
    "overlay/polargrid/retry.py": RETRY,
    "overlay/polargrid/types.py": TYPES,
    "overlay/polargrid/_private.py": "def f(): ...\n",
    "overlay/polargrid/__init__.py": ROOT,
}
BOTH = "`PolarGrid.get_region` and `PolarGridSync.get_region`"
CLIENT_FILE, RETRY_FILE = "(`overlay/polargrid/client.py`).", "(`overlay/polargrid/retry.py`)."

CASES: list[tuple[str, str, str, str, str]] = [
    ("removed method", "def get_region(self, name: str, *, strict: bool = False) -> str: ...", "", "Breaking",
     "`PolarGrid` and `PolarGridSync`: the method `get_region` is removed (`overlay/polargrid/client.py` in v1.0)."),
    ("added method", "def _hidden()", "def hidden()", "Added",
     f"`polargrid.client.hidden`: can be imported {CLIENT_FILE}"),
    ("removed argument", ", *, strict: bool = False", "", "Breaking",
     f"{BOTH}: the argument `strict` is removed {CLIENT_FILE}"),
    ("added argument", "strict: bool = False", "strict: bool = False, near: bool = False", "Added",
     f"{BOTH}: the argument `near` {CLIENT_FILE}"),
    ("required argument", "strict: bool = False", "strict: bool", "Breaking",
     f"{BOTH}: the argument `strict` is required now {CLIENT_FILE}"),
    ("new required argument", "strict: bool = False", "strict: bool = False, near: bool", "Breaking",
     f"{BOTH}: the new argument `near` is required {CLIENT_FILE}"),
    ("keyword only", "self, name: str, *,", "self, *, name: str,", "Breaking",
     f"{BOTH}: the argument `name` is keyword-only; it was positional or keyword {CLIENT_FILE}"),
    ("narrowed argument", "strict: bool = False", "strict: Literal[False] = False", "Breaking",
     f"{BOTH}: the argument `strict` has the type `Literal[False]`; it was `bool` {CLIENT_FILE}"),
    ("widened argument", "name: str", "name: str | int", "Changed",
     f"{BOTH}: the argument `name` has the type `int | str`; it was `str` {CLIENT_FILE}"),
    ("default", "strict: bool = False", "strict: bool = True", "Changed",
     f"{BOTH}: the argument `strict` has the default `True`; it was `False` {CLIENT_FILE}"),
    ("wider result", "-> str: ...", "-> str | None: ...", "Breaking",
     f"{BOTH}: the result has the type `str | None`; it was `str` {CLIENT_FILE}"),
    ("coroutine", "async def close", "def close", "Breaking",
     f"`PolarGrid.close`: is no longer a coroutine {CLIENT_FILE}"),
    ("constructor", "*, pool: int = 1, ", "", "Breaking",
     f"`PolarGrid` and `PolarGridSync`: the argument `pool` is removed {CLIENT_FILE}"),
    ("removed option", "    transport: str | None\n", "", "Breaking",
     "`ClientOptions`: the option `transport` is removed (`overlay/polargrid/client.py` in v1.0)."),
    ("added option", "    transport: str | None\n", "    transport: str | None\n    proxy: str\n", "Added",
     f"`ClientOptions`: the option `proxy` {CLIENT_FILE}"),
    ("narrowed option", "region: str | None", "region: str", "Breaking",
     f"`ClientOptions`: the option `region` has the type `str`; it was `str | None` {CLIENT_FILE}"),
    ("deprecated", "    async def close", "    @deprecated('Use aclose.')\n    async def close", "Deprecated",
     f"`PolarGrid.close`: is deprecated {CLIENT_FILE}"),
    ("lost base", "(PolarGridError, OSError)", "(PolarGridError)", "Breaking",
     "`TimeoutError`: no longer derives from `OSError` (`overlay/polargrid/errors.py`)."),
    ("removed exception", 'class TimeoutError(PolarGridError, OSError):\n    """A timeout."""', "", "Breaking",
     "`polargrid.errors.TimeoutError`: can no longer be imported (`overlay/polargrid/errors.py` in v1.0)."),
    ("attribute", "    code: str | None = None", "    code: int | None = None", "Breaking",
     "`PolarGridError` and `TimeoutError`: the attribute `code` has the type `int | None`; it was `str | None`"
     " (`overlay/polargrid/errors.py`)."),
    ("default of a field", "default=3", "default=5", "Changed",
     f"`RetryPolicy`: the attribute `max_retries` has the default `5`; it was `3` {RETRY_FILE}"),
    ("new required field", "    max_delay", "    budget: float\n    max_delay", "Breaking",
     f"`RetryPolicy`: the new attribute `budget` is required {RETRY_FILE}"),
    ("constant", "LIMIT = 10", "LIMIT = 20", "Changed",
     f"`polargrid.retry.LIMIT`: the constant has another value {RETRY_FILE}"),
    ("export", "import ClientOptions as ClientOptions", "import ClientOptions", "Breaking",
     "`polargrid.types.ClientOptions`: can no longer be imported (`overlay/polargrid/client.py` in v1.0)."),
]  # fmt: skip


def change(old: str, new: str) -> dict[str, str]:
    modules = {path: text.replace(old, new) for path, text in OLD.items()}
    assert modules != OLD
    return modules


@pytest.mark.parametrize(
    ("old", "new", "section", "line"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_change_is_one_line(compare_packages, old, new, section, line):
    """One edit is one line below the right heading, for both clients."""
    assert compare_packages(OLD, change(old, new)) == {section: [line]}


NO_CHANGES: list[tuple[str, str, str]] = [
    ("docstring", "The async client.", "A client."),
    ("private function", "def _hidden()", "def _other()"),
    ("private module", "def f(): ...", "def g(): ..."),
    ("import of another module", "import PolarGridError\n", "import TimeoutError\n"),
    ("other notation", "region: str | None", "region: Optional[str]"),
    (
        "order of keywords",
        "region: str | None\n    transport: str | None",
        "transport: str | None\n    region: str | None",
    ),
]


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in NO_CHANGES], ids=[case[0] for case in NO_CHANGES])
def test_other_edits_are_no_change(compare_packages, old, new):
    """Prose, order and private names are no change for callers."""
    assert compare_packages(OLD, change(old, new)) == {}


def test_new_name_of_a_type_variable(compare_packages):
    """A type variable may get another name."""
    text = "from typing import TypeVar\n{0} = TypeVar('{0}')\ndef first(items: list[{0}]) -> {0}: ...\n"
    before, after = ({"overlay/polargrid/first.py": f'__all__ = ["first"]\n{text.format(name)}'} for name in "TS")
    assert compare_packages(before, after) == {}


def test_new_name_of_a_type_that_keeps_the_old_one(compare_packages):
    """A type with a new name, whose old name is still there, breaks nothing."""
    before = {"overlay/polargrid/meta.py": "class Meta: ...\ndef read() -> Meta: ...\n"}
    after = {
        "overlay/polargrid/meta.py": "class ResponseMeta: ...\nMeta = ResponseMeta\ndef read() -> ResponseMeta: ...\n"
    }
    line = "`polargrid.meta.ResponseMeta`: can be imported (`overlay/polargrid/meta.py`)."
    assert compare_packages(before, after) == {"Added": [line]}


def test_second_name_of_a_type(compare_packages):
    """A type that gets the name of another one in another module is not renamed."""
    before = {"overlay/polargrid/meta.py": "class Meta: ...\nclass Other: ...\ndef read() -> Meta: ...\n"}
    after = {**before, "overlay/polargrid/names.py": "from polargrid.meta import Other\nMeta = Other\n"}
    line = "`polargrid.names.Meta`: can be imported (`overlay/polargrid/names.py`)."
    assert compare_packages(before, after) == {"Added": [line]}


def test_option_of_other_options(compare_packages):
    """A function whose options are another TypedDict loses the keys that this one has not."""
    text = "from typing import TypedDict, Unpack\nclass B(TypedDict):\n    a: int\nclass A(B):\n    b: int\n"
    before = {"overlay/polargrid/call.py": f"{text}def call(**options: Unpack[A]) -> None: ...\n"}
    after = {"overlay/polargrid/call.py": f"{text}def call(**options: Unpack[B]) -> None: ...\n"}
    line = "`polargrid.call.call`: the argument `b` is removed (`overlay/polargrid/call.py`)."
    assert compare_packages(before, after) == {"Breaking": [line]}


def test_classes_that_another_package_defines(compare_packages):
    """A public class and its public base may be defined in a package that is not public."""
    after = {
        **OLD,
        "overlay/polargrid/errors.py": "from polargrid_runtime.errors import PolarGridError, TimeoutError\n"
        '__all__ = ["PolarGridError", "TimeoutError"]\n',
        "overlay/polargrid_runtime/errors.py": ERRORS,
        "overlay/polargrid_runtime/__init__.py": "",
    }
    assert compare_packages(OLD, after) == {}
