"""The options of `polargrid serve`, from the declarations of the edge's settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from polargrid_edge.setting import Setting


class SettingsCommand(click.Command):
    """A command that has an option for each setting of the edge, beside its own options.

    The settings are imported when the options are needed, not for the list of commands.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from polargrid_edge.setting import list_settings
        from polargrid_edge.settings import EdgeSettings

        return [*map(_build_option, list_settings(EdgeSettings)), *super().get_params(ctx)]


def _build_option(item: Setting) -> click.Option:
    """An option without a default: what is not passed comes from the environment, a file, or the declaration."""
    is_flag = item.type is bool
    name = f"{item.flag}/--no-{item.flag.removeprefix('--')}" if is_flag else item.flag
    value_options: dict[str, Any] = (
        {} if is_flag else {"type": _option_type(item), "metavar": _metavar(item), "multiple": item.is_list}
    )
    # Beside the variable of the setting, each option has that of its command, like all options of `polargrid`.
    variable = f"POLARGRID_SERVE_{item.flag.removeprefix('--').replace('-', '_').upper()}"
    return click.Option([name, item.name], default=None, envvar=variable, help=_describe(item), **value_options)


def _metavar(item: Setting) -> str | None:
    """What a value is; without a name of its own a number is NUMBER, as with the other commands."""
    return item.facts.metavar or ("NUMBER" if item.type in (int, float) and item.choices is None else None)


def _option_type(item: Setting) -> click.ParamType[Any, Any]:
    facts = item.facts
    if item.choices is not None:
        return click.Choice(item.choices)
    if item.type is int:
        minimum = None if facts.minimum is None else int(facts.minimum) + facts.above_minimum
        return click.IntRange(minimum, None if facts.maximum is None else int(facts.maximum))
    if item.type is float:
        return click.FloatRange(facts.minimum, facts.maximum, min_open=facts.above_minimum)
    return click.Path(path_type=Path) if item.type is Path else click.STRING


def _describe(item: Setting) -> str:
    """The help text, with the variable and the default."""
    text = item.facts.help
    if item.is_list:
        text = f"{text.removesuffix('.')}; repeatable."
    default = item.facts.default_text or (None if item.default in (None, (), frozenset()) else str(item.default))
    if isinstance(item.default, float):
        default = f"{item.default:g}"
    if item.type is bool:
        default = "on" if item.default else "off"
    facts = [f"env: {', '.join(item.variables)}", *([f"default: {default}"] if default else [])]
    return f"{text}  [{'; '.join(facts)}]"


def select_passed_settings(values: dict[str, Any]) -> dict[str, Any]:
    """The settings of options that were passed, in the types of the settings."""
    from polargrid_edge.setting import list_settings
    from polargrid_edge.settings import EdgeSettings

    settings = {item.name: item for item in list_settings(EdgeSettings)}
    return {
        name: _to_setting(settings[name], value)
        for name, value in values.items()
        if name in settings and value not in (None, ())
    }


def _to_setting(item: Setting, value: Any) -> Any:
    from polargrid_edge.settings_sources import convert

    if not item.is_list:
        return value
    parts = [convert(item, part) for part in value]
    return frozenset(parts) if isinstance(item.default, frozenset) else tuple(parts)
