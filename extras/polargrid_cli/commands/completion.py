"""completion"""

from __future__ import annotations

import click

_PLACES = """\b
Where it belongs:
  bash   eval "$(polargrid completion bash)"     in ~/.bashrc
  zsh    eval "$(polargrid completion zsh)"      in ~/.zshrc
  fish   polargrid completion fish | source      in ~/.config/fish/config.fish
"""


@click.command(epilog=_PLACES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes `polargrid` in a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    click.echo(kind(context.find_root().command, {}, "polargrid", "_POLARGRID_COMPLETE").source())
