"""A breaking change needs an entry of the changelog that names it, and a version that says so."""

from __future__ import annotations

import pytest

from generator.changes.change import Change, Section
from generator.changes.changelog import check_version, find_unstated, read_entries

CHANGELOG = """# Changelog

Text.

## Unreleased

### Breaking

- `chat_completion`: the argument `seed` is
  removed.

### Added

- `health`: the argument `deep`.

## 2.0.0 - 2026-11-01

### Breaking

- `completion` is removed.

## 1.0.0

### Breaking

- `translate` is removed.
"""
SEED = Change(
    Section.BREAKING,
    ("chat_completion",),
    "the argument `seed` is removed",
    ("seed",),
    aliases=("chat.completions.create", "ChatCompletionRequest"),
)


def states(entry: str, change: Change = SEED) -> bool:
    return not list(find_unstated([change], [entry]))


def test_entries_of_the_top_section():
    """Before a release, the entries below Breaking in the top section count."""
    assert read_entries(CHANGELOG) == ["`chat_completion`: the argument `seed` is removed."]


def test_entries_since_a_release():
    """After a release, those of all sections above its own count."""
    entries = ["`chat_completion`: the argument `seed` is removed.", "`completion` is removed."]
    assert read_entries(CHANGELOG, released="1.0.0") == entries


@pytest.mark.parametrize(
    "entry",
    [
        "`chat_completion`: the argument `seed` is removed.",
        "`chat.completions.create(seed=...)` is gone.",
        "`client.chat.completions.create` no longer takes `seed`.",
        "`ChatCompletionRequest.seed` is removed.",
    ],
)
def test_entry_names_the_operation_by_any_of_its_names(entry):
    """An entry may name the operation, its name of OpenAI's SDK, or the type of its request."""
    assert states(entry)


@pytest.mark.parametrize(
    "entry", ["chat_completion: seed is removed.", "`chat_completion` changed.", "`completion`: `seed` is removed."]
)
def test_entry_that_names_something_else(entry):
    """An entry without the operation or without the argument in backticks does not count."""
    assert not states(entry)


def test_other_changes_need_no_entry():
    """Only breaking changes are checked."""
    assert states("", Change(Section.ADDED, ("health",), "the argument `deep`", ("deep",)))


def test_change_of_many_methods_is_named_by_its_argument():
    """Nobody lists fourteen methods that lose the same argument."""
    change = Change(Section.BREAKING, ("a", "b", "c", "d"), "the argument `x` is removed", ("x",))
    assert states("Every method lost `x`.", change)
    assert not states("Every method lost `y`.", change)


@pytest.mark.parametrize(
    ("version", "released", "least"),
    [("2.0.0", "1.4.2", None), ("1.5.0", "1.4.2", "2.0.0"), ("0.2.0", "0.1.3", None), ("0.1.4", "0.1.3", "0.2.0")],
)
def test_version_says_that_something_breaks(version, released, least):
    """A breaking change needs a major version, below 1.0 a minor one."""
    message = check_version(version, released)
    assert (message is None) == (least is None)
    assert least is None or f"require version {least} or higher; pyproject.toml has {version}" in str(message)
