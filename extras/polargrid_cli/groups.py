"""Command groups: lazy loading, a default command, and exit statuses."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Group that imports a command when it is looked up.

    `lazy_subcommands` maps each name to `module:attribute`, in the order of the help page.
    """

    def __init__(self, *args: Any, lazy_subcommands: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy_subcommands = lazy_subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the help page."""
        return list(self.lazy_subcommands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is no such command."""
        if cmd_name in self.lazy_subcommands and cmd_name not in self.commands:
            module, _, attribute = self.lazy_subcommands[cmd_name].partition(":")
            self.add_command(getattr(import_module(module), attribute), cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown name, load all commands, from which click suggests similar names."""
        if args[0] not in self.lazy_subcommands:
            for name in self.lazy_subcommands:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


class RootGroup(LazyGroup):
    """The whole command line; every failure ends with an exit status and a one-line message, not a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and, in standalone mode, exit."""
        from polargrid_cli.failures import has_json_option
        from polargrid_cli.run import run_command

        main = super().main
        words = sys.argv[1:] if args is None else args
        exit_code = run_command(
            lambda: main(args, prog_name, complete_var, standalone_mode=False, **extra),
            as_json=lambda: has_json_option(words),
        )
        return sys.exit(exit_code) if standalone_mode else exit_code

    def invoke(self, ctx: click.Context) -> int:
        """Run the command and return its exit status, before click replaces KeyboardInterrupt by Abort."""
        from polargrid_cli.failures import is_json
        from polargrid_cli.run import run_command

        invoke = super().invoke
        return run_command(lambda: invoke(ctx), as_json=lambda: is_json(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether failures are JSON, which a command cannot say if its line is wrong."""
        if "--json" in args:
            from polargrid_cli.failures import has_json_option, request_json

            if has_json_option(args):
                request_json(ctx)
        return super().parse_args(ctx, args)


class DefaultCommandGroup(click.Group):
    """Group whose first command is the default: `models --json` is `models list --json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default command, except for shell completion, which needs the choice of commands."""
        is_help = bool(args) and args[0] in ctx.help_option_names
        if not ctx.resilient_parsing and not is_help and (not args or args[0].startswith("-")):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of their declaration."""
        return list(self.commands)
