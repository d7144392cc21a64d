"""How the groups of commands behave: the whole, whose end is an exit status, and those with a command by default."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click


class Root(click.Group):
    """All commands. However one ends, it ends with the exit status of its kind and a sentence, not a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and, if it stands alone, exit."""
        from polargrid_cli import exits

        run = super().main
        status = exits.run(lambda: run(args, prog_name, complete_var, standalone_mode=False, **extra))
        return sys.exit(status) if standalone_mode else status

    def invoke(self, ctx: click.Context) -> int:
        """The exit status of the command: in here, before click has a word on what was interrupted."""
        from polargrid_cli import exits

        invoked = super().invoke
        return exits.run(lambda: invoked(ctx))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order that they were added, which is that of their use."""
        return list(self.commands)


class WithDefault(click.Group):
    """A group whose first command is meant where none is named: `models --json` is `models list --json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default before options that stand alone; a shell that completes is still to be told the choice."""
        is_help = bool(args) and args[0] in ctx.help_option_names
        if not ctx.resilient_parsing and not is_help and (not args or args[0].startswith("-")):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order that they were added."""
        return list(self.commands)
