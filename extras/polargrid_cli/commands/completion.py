"""`polargrid completion`"""

from __future__ import annotations

import click

_INSTALLATION = """\b
Installation:
  bash   eval "$(polargrid completion bash)"     in ~/.bashrc
  zsh    eval "$(polargrid completion zsh)"      in ~/.zshrc
  fish   polargrid completion fish | source      in ~/.config/fish/config.fish
"""


@click.command(epilog=_INSTALLATION)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for a shell."""
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    if completion_class is None:
        raise click.UsageError(f"click has no completion for {shell}")
    click.echo(completion_class(context.find_root().command, {}, "polargrid", "_POLARGRID_COMPLETE").source())
