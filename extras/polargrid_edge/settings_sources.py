"""Read settings from the environment and from a TOML file. Errors name the variable, or the file, its line and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from polargrid_edge.setting import Setting, describe_type, list_settings

Settings = TypeVar("Settings")

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def load_settings(
    kind: type[Settings], flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None
) -> Settings:
    """Build settings: a flag counts before the environment, that before the file, and that before the default.

    Raises `ValueError`, or `OSError` for a file that cannot be read.
    """
    from_file = {} if file is None else read_file(kind, file)
    return kind(**{**from_file, **read_environment(kind, environ), **flags})


def read_environment(kind: type, environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings in the environment; several values are separated by commas. Raises `ValueError`."""
    values: dict[str, Any] = {}
    for item in list_settings(kind):
        for variable in reversed(item.variables):
            text = environ.get(variable, "").strip()
            if text:
                try:
                    values[item.name] = _read_text(item, text)
                except ValueError as error:
                    raise ValueError(f"{variable}: {error}") from None
    return {name: value for name, value in values.items() if value not in ((), frozenset())}


def _read_text(item: Setting, text: str) -> Any:
    if item.is_list:
        parts = [part.strip() for part in text.split(",")]
        return _collect(item, [convert(item, part) for part in parts if part])
    return convert(item, text)


def read_file(kind: type, path: Path) -> dict[str, Any]:
    """The settings of a TOML file. Raises `ValueError` or `OSError`."""
    text = path.read_text("utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: not valid TOML: {error}") from None
    settings = {item.name: item for item in list_settings(kind)}

    def fail(key: str, message: str) -> ValueError:
        return ValueError(f"{path}:{_find_line(text, key)}: {message}")

    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in settings:
            raise fail(key, _unknown_key(key, settings))
        try:
            values[key] = _read_value(settings[key], value)
        except ValueError as error:
            raise fail(getattr(error, "key", key), f"{key}: {error}") from None
    return _resolve_paths(values, path.parent)


def _read_value(item: Setting, value: Any) -> Any:
    if not item.is_list:
        return convert(item, value)
    if not isinstance(value, list):
        raise ValueError(f"expected a list, not {value!r}")  # noqa: TRY004  the message is for who wrote the file
    return _collect(item, [convert(item, part) for part in value])


def _collect(item: Setting, values: list[Any]) -> Any:
    return frozenset(values) if isinstance(item.default, frozenset) else tuple(values)


class _KeyedError(ValueError):
    """An error of a key within a table."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def convert(item: Setting, value: object) -> Any:
    """A value of the environment or of a file as that of the setting. Raises `ValueError`."""
    if item.is_table:
        return _read_table(item, value)
    if item.choices is not None:
        if value in item.choices:
            return value
        raise _mismatch(item, value)
    convert_value = _CONVERTERS.get(item.type, _to_text)
    try:
        return convert_value(value)
    except (TypeError, ValueError, OverflowError):
        raise _mismatch(item, value) from None


def _mismatch(item: Setting, value: object) -> ValueError:
    text = "the value" if item.facts.secret else repr(value)
    return ValueError(f"{text} is not {describe_type(item)}")


def _read_table(item: Setting, value: object) -> Any:
    """A table as its dataclass; a text as its class reads it."""
    if isinstance(value, str):
        return item.type.parse(value)
    if not isinstance(value, dict):
        raise _mismatch(item, value)
    settings = {part.name: part for part in list_settings(item.type)}
    values: dict[str, Any] = {}
    for key, part in value.items():
        if key not in settings:
            raise _KeyedError(key, _unknown_key(key, settings))
        try:
            values[key] = _read_value(settings[key], part)
        except ValueError as error:
            raise _KeyedError(key, f"{key}: {error}") from None
    missing = [part.name for part in settings.values() if part.is_required and part.name not in values]
    if missing:
        raise ValueError(f"missing key {missing[0]!r}: {settings[missing[0]].facts.help}")
    table = item.type(**values)
    for name, part in settings.items():
        part.check(getattr(table, name))
    return table


def _to_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in _TRUE + _FALSE:
        raise ValueError
    return text in _TRUE


def _to_int(value: object) -> int:
    if isinstance(value, (bool, float)):
        raise TypeError
    return int(str(value))


def _to_float(value: object) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(str(value))


def _to_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _to_path(value: object) -> Path:
    return Path(_to_text(value)).expanduser()


def _to_names(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError
    return {name: _to_text(part) for name, part in value.items()}


_CONVERTERS: Mapping[Any, Callable[[object], Any]] = {
    Mapping[str, str]: _to_names,
    bool: _to_bool,
    int: _to_int,
    float: _to_float,
    Path: _to_path,
    str: _to_text,
}


def _unknown_key(key: str, names: Iterable[str]) -> str:
    similar = difflib.get_close_matches(key.replace("-", "_"), list(names), 1)
    advice = f"did you mean {similar[0]!r}?" if similar else f"expected one of: {', '.join(names)}"
    return f"unknown key {key!r}; {advice}"


def _find_line(text: str, key: str) -> int:
    """The line in which a key, or its table, is; 1 where it is written in another way."""
    pattern = re.compile(rf"""^\s*(\[\[?\s*)?["']?{re.escape(key)}["']?\s*[.=\]]""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if pattern.match(line)), 1)


def _resolve_paths(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The values with their relative paths seen from the folder of the file, not from where the edge is started."""
    return {name: _resolve(value, folder) for name, value in values.items()}


def _resolve(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return folder / value
    if isinstance(value, tuple):
        return tuple(_resolve(part, folder) for part in value)
    if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "resolve_paths"):
        return value.resolve_paths(folder)  # pyright: ignore[reportAttributeAccessIssue]
    return value
