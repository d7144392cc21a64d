"""The commands, as click has them: only what is declared; each imports its work when it runs."""

from __future__ import annotations

import click

from polargrid_cli.commands import audio, completion, edge, local, regions, text
from polargrid_cli.commands.groups import Root


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "POLARGRID",
        "max_content_width": 100,
    },
)
@click.version_option(package_name="polargrid")
@click.pass_context
def polargrid(context: click.Context) -> None:
    """AI models on PolarGrid's edges, and on your own machine.

    The environment says which edge and key: POLARGRID_API_KEY, POLARGRID_REGION, POLARGRID_BASE_URL. Every other option
    can be set there, too: POLARGRID_CHAT_MODEL is `chat --model`.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    *(text.chat, text.complete),
    *(audio.speak, audio.transcribe, audio.translate),
    *(edge.models, edge.gpu, edge.health),
    *(regions.regions, regions.doctor),
    *(local.serve, local.pull, local.contract),
    completion.completion,
):
    polargrid.add_command(_command)
