"""Scripts in files, for programs in other languages: the rules and faults of a fake as YAML or JSON.

```yaml
key: pg_test # the only key that is accepted; without it, any key is
examples: false # answer with the examples of openapi.yaml what no rule answers
rules: # of those that match, the last answers
  - chat: Hello! # or a list of answers; further fields are the arguments of `FakeEdge.chat`
    when: greet
  - chat:
    chunks: [Hel, lo]
  - speech: # also completion, transcription, translation, embedding
    seconds: 2 # or `file`: audio, relative to the script
  - on: list_models # any operation by its operationId
    respond: {object: list, data: []} # `responses`: a list, one after the other; neither: the example
    status: 200
faults:
  - fault: stream-cut # further fields are options of the fault
    on: chat_completion
    times: 1 # always: null
    after: 3
```
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, get_type_hints

from polargrid_testing.arguments import check_key
from polargrid_testing.fake.edge import FakeEdge
from polargrid_testing.fake.located_yaml import LocatedValue, Path as Location, ScriptError, read_located
from polargrid_testing.fake.rules import EXAMPLE

__all__ = ["ScriptError", "apply_script", "read_script"]

_FIELDS: Final = ("key", "examples", "rules", "faults")
_METHODS: Final = ("chat", "completion", "speech", "transcription", "translation", "embedding")
_RESPONSE_FIELDS: Final = ("on", "respond", "responses", "status", "headers", "when", "times", "validate")


def read_script(path: Path) -> LocatedValue:
    """Read a script. Raises `ScriptError` for what is not one, and `OSError` if it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ScriptError(f"{path}:1:1: the file is not UTF-8: {error.reason}") from None
    script = read_located(text, str(path))
    if not isinstance(script.value, dict):
        raise script.error((), "expected a mapping with `rules`")
    _check_names(script, (), script.value, _FIELDS)
    for name in ("rules", "faults"):
        entries = script.value.get(name) or []
        if not isinstance(entries, list):
            raise script.error((name,), f"{name}: expected a list")
        for index, entry in enumerate(entries):
            if not isinstance(entry, dict):
                raise script.error((name, index), f"{name}: expected a mapping, got {entry!r}")
    if isinstance(script.value.get("key"), str):
        _apply(script, (), lambda _location: check_key(script.value["key"], "key"))
    for name, kind, expected in (("key", str, "a text"), ("examples", bool, "true or false")):
        value = script.value.get(name)
        if value is not None and not isinstance(value, kind):
            raise script.error((name,), f"{name}: expected {expected}, got {value!r}")
    return script


def apply_script(script: LocatedValue, fake: FakeEdge) -> None:
    """Script a fake. Raises `ScriptError` for an invalid rule or fault."""
    if script.value.get("examples"):
        fake.use_examples()
    for index, entry in enumerate(script.value.get("rules") or ()):
        _apply(script, ("rules", index), lambda location, entry=entry: _add_rule(script, location, entry, fake))
    for index, entry in enumerate(script.value.get("faults") or ()):
        _apply(script, ("faults", index), lambda location, entry=entry: _add_fault(script, location, entry, fake))


def _apply(script: LocatedValue, location: Location, add: Any) -> None:
    try:
        add(location)
    except ScriptError:
        raise
    except Exception as error:  # noqa: BLE001 - a script is data: whatever is wrong with it has a line
        name = str(error).partition(":")[0]  # messages start with the name of the argument
        raise script.error((*location, name), str(error)) from None


def _add_rule(script: LocatedValue, location: Location, entry: dict[str, Any], fake: FakeEdge) -> None:
    methods = [name for name in (*_METHODS, "on") if name in entry]
    if len(methods) != 1:
        expected = ", ".join((*_METHODS, "on"))
        raise script.error(location, f"expected one of {expected} in a rule, got {', '.join(methods) or 'none'}")
    if methods == ["on"]:
        _add_response(script, location, entry, fake)
        return
    (method,) = methods
    answer = entry[method]
    options = {name: value for name, value in entry.items() if name != method}
    if method == "speech" and "file" in options:
        answer = _read_audio(script, location, answer, options.pop("file"))
    getattr(fake, method)(answer, **_check_options(script, location, method, options))


def _read_audio(script: LocatedValue, location: Location, answer: Any, file: Any) -> bytes:
    if not isinstance(file, str):
        raise script.error((*location, "file"), f"file: expected a path, got {file!r}")
    if answer is not None:
        raise script.error((*location, "file"), f"file: expected a file, or the answer {answer!r}, got both")
    return Path(script.file).parent.joinpath(file).read_bytes()


def _add_response(script: LocatedValue, location: Location, entry: dict[str, Any], fake: FakeEdge) -> None:
    _check_names(script, location, entry, _RESPONSE_FIELDS)
    if "respond" in entry and "responses" in entry:
        raise script.error((*location, "responses"), "expected `respond` or `responses`, got both")
    answers = [entry["respond"]] if "respond" in entry else entry.get("responses", [EXAMPLE])
    if not isinstance(answers, list) or not answers:
        raise script.error((*location, "responses"), f"responses: expected a list of answers, got {answers!r}")
    conditions: dict[str, Any] = {name: entry[name] for name in ("when", "times", "validate") if name in entry}
    operation = fake.on(entry["on"], **_check_options(script, location, "on", conditions))
    options = {name: entry[name] for name in ("status", "headers") if name in entry}
    operation.respond(*answers, **options)


def _add_fault(script: LocatedValue, location: Location, entry: dict[str, Any], fake: FakeEdge) -> None:
    if not isinstance(entry.get("fault"), str):
        raise script.error((*location, "fault"), "expected `fault` with the name of a fault")
    options = {name: value for name, value in entry.items() if name != "fault"}
    fake.fault(entry["fault"], **_encode_bytes(entry["fault"], options))


def _encode_bytes(fault_name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a fault, in which a text is bytes if the option is: YAML has no short form of them."""
    from polargrid_testing.faults import FAULTS

    allowed = FAULTS[fault_name].options.model_fields if fault_name in FAULTS else {}
    return {
        name: value.encode()
        if isinstance(value, str) and name in allowed and allowed[name].annotation is bytes
        else value
        for name, value in options.items()
    }


def _check_options(script: LocatedValue, location: Location, method: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a method. Raises `ScriptError` for an unknown one, and for a wrong type."""
    from pydantic import ValidationError

    _check_names(script, location, options, _list_options(method))
    try:
        _options_of(method).validate_python(dict(options), strict=True)
    except ValidationError as error:
        item = error.errors()[0]
        name = str(item["loc"][0])
        raise script.error((*location, name), f"{name}: {item['msg']}, got {item['input']!r}") from None
    return dict(options)


@cache
def _list_options(method: str) -> tuple[str, ...]:
    parameters = inspect.signature(getattr(FakeEdge, method)).parameters.values()
    return tuple(item.name for item in parameters if item.kind is item.KEYWORD_ONLY)


@cache
def _options_of(method: str) -> Any:
    """Return the type of the keyword arguments of a method of the fake, without functions."""
    from pydantic import TypeAdapter
    from typing_extensions import TypedDict

    hints = get_type_hints(getattr(FakeEdge, method))
    types = {name: hints[name] for name in _list_options(method)} | {"when": str | None}
    return TypeAdapter(TypedDict(method, types, total=False))  # type: ignore[operator]


def _check_names(script: LocatedValue, location: Location, entry: Mapping[Any, Any], allowed: tuple[str, ...]) -> None:
    for name in entry:
        if name not in allowed:
            close = get_close_matches(str(name), allowed, n=1)
            expected = f"did you mean {close[0]!r}?" if close else f"expected one of: {', '.join(allowed)}"
            raise script.error((*location, str(name)), f"unknown field {name!r}; {expected}")
