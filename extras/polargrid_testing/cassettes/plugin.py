"""Cassettes in pytest: the marker `polargrid_cassette`, its fixture, and the option --polargrid-record.

Every pytest run where polargrid is installed imports this module: what is heavy is imported when a test needs it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from polargrid_testing.cassettes import modes

if TYPE_CHECKING:
    from polargrid_testing.cassettes.cassette import Cassette
    from polargrid_testing.cassettes.tape import SharedRun

_NAME = "polargrid_cassette"
_MARKER = (
    f"{_NAME}(path=None, record=None, times=False, allow_unused=True): record the traffic of the test once, and replay "
    "it; path is relative to the module, default: cassettes/<module>/<test>.yaml"
)
_HELP = (
    "once: record a cassette that does not exist; new: record what is not in a cassette; all: record everything again; "
    "none: record nothing (default: once, or none where the variable CI is set)"
)
_cassette_key: pytest.StashKey[Cassette] = pytest.StashKey()
_passed_key: pytest.StashKey[bool] = pytest.StashKey()
_shared_key: pytest.StashKey[set[str]] = pytest.StashKey()
_runs_key: pytest.StashKey[dict[str, SharedRun]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("polargrid")
    group.addoption("--polargrid-record", choices=modes.MODES, default=None, help=_HELP)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and set the mode of every cassette."""
    config.addinivalue_line("markers", _MARKER)
    modes.set_option(config.getoption("polargrid_record", None))


def pytest_unconfigure() -> None:
    """Forget the mode."""
    modes.set_option(None)


@pytest.fixture
def polargrid_cassette(request: pytest.FixtureRequest) -> Generator[Cassette, None, None]:
    """The cassette of a test, while it is active."""
    from polargrid_testing import Cassette  # which says what to install if the extra is not
    from polargrid_testing.cassettes.files import locate_cassette

    node, module = request.node, Path(request.path)
    marker = node.get_closest_marker(_NAME)
    path, options = _read_marker(*marker.args, **marker.kwargs) if marker else (None, {})
    file = module.parent / path if path is not None else locate_cassette(module, _name_test(node))
    cassette = Cassette(file, **options)
    node.stash[_passed_key] = False
    cassette.start()
    if cassette.mode == "all":
        _share(cassette, node)
    node.stash[_cassette_key] = cassette
    try:
        yield cassette
    finally:
        del node.stash[_cassette_key]
        cassette.stop(keep=node.stash[_passed_key])
    if node.stash[_passed_key]:
        cassette.check()


def _share(cassette: Cassette, node: pytest.Item) -> None:
    """Record again in a file what several tests record there, in one process."""
    from polargrid_testing.cassettes.tape import SharedRun

    file = os.path.normpath(cassette.path)
    if file in node.config.stash.get(_shared_key, ()) and hasattr(node.config, "workerinput"):
        cassette.stop(keep=False)
        message = (
            f"several tests record {cassette.path}, and pytest-xdist runs them in several processes: run without -n"
        )
        raise pytest.UsageError(message)
    runs = node.config.stash.setdefault(_runs_key, {})
    cassette.share(runs.setdefault(file, SharedRun()), node.nodeid)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Find the cassettes that several tests use."""
    counts: Counter[str] = Counter()
    for item in items:
        if _NAME not in getattr(item, "fixturenames", ()):
            continue
        marker = item.get_closest_marker(_NAME)
        path = next(iter(marker.args), marker.kwargs.get("path")) if marker is not None else None
        if isinstance(path, str | os.PathLike):
            counts[os.path.normpath(item.path.parent / path)] += 1
    config.stash[_shared_key] = {path for path, count in counts.items() if count > 1}


def _read_marker(*arguments: Any, **options: Any) -> tuple[Path | None, dict[str, Any]]:
    path = options.pop("path", None) if not arguments else arguments[0]
    unknown = [
        *map(repr, arguments[1:]),
        *(repr(name) for name in options.keys() - {"record", "times", "allow_unused"}),
    ]
    if unknown:
        raise pytest.UsageError(f"{_NAME}: unknown argument {unknown[0]}; expected {_MARKER.partition(':')[0]}")
    if path is not None and not isinstance(path, str | os.PathLike):
        raise pytest.UsageError(f"{_NAME}: path: expected a path, not {path!r}")
    return Path(path) if path else None, options


def _name_test(node: Any) -> str:
    return f"{node.cls.__qualname__}.{node.name}" if getattr(node, "cls", None) else str(node.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose requests are not in its cassette, even if the program swallowed the error."""
    try:
        result = yield
    except Exception:
        _check(item)
        raise
    _check(item)
    return result


def _check(item: pytest.Item) -> None:
    cassette = item.stash.get(_cassette_key, None)
    if cassette is not None and cassette.mismatches:
        cassette.check()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether a test passed: what another one recorded is not kept."""
    report = yield
    if report.when == "call":
        item.stash[_passed_key] = report.passed
    return report
