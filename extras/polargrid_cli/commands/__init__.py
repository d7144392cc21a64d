"""The commands of `polargrid`, one module each, imported when it runs."""

from __future__ import annotations

import click

from polargrid_cli.groups import RootGroup


@click.group(
    cls=RootGroup,
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "POLARGRID",
        "max_content_width": 100,
    },
    lazy_subcommands={
        "chat": "polargrid_cli.commands.chat:chat",
        "complete": "polargrid_cli.commands.complete:complete",
        "speak": "polargrid_cli.commands.speak:speak",
        "transcribe": "polargrid_cli.commands.transcribe:transcribe",
        "translate": "polargrid_cli.commands.translate:translate",
        "models": "polargrid_cli.commands.models:models",
        "gpu": "polargrid_cli.commands.gpu:gpu",
        "health": "polargrid_cli.commands.health:health",
        "regions": "polargrid_cli.commands.regions:regions",
        "doctor": "polargrid_cli.commands.doctor.command:doctor",
        "serve": "polargrid_cli.commands.serve:serve",
        "fake": "polargrid_cli.commands.fake:fake",
        "keys": "polargrid_cli.commands.keys:keys",
        "pull": "polargrid_cli.commands.pull:pull",
        "batch": "polargrid_cli.commands.batch:batch",
        "contract": "polargrid_cli.commands.contract:contract",
        "completion": "polargrid_cli.commands.completion:completion",
    },
)
@click.version_option(package_name="polargrid")
@click.pass_context
def polargrid(context: click.Context) -> None:
    """Use AI models on PolarGrid's edge sites and on your own machine.

    POLARGRID_API_KEY, POLARGRID_REGION and POLARGRID_BASE_URL select the key and the endpoint. Every other option has
    an environment variable, too: POLARGRID_CHAT_MODEL sets `chat --model`.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
