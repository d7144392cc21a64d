"""chat, complete"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from polargrid_cli.commands import options

Command = TypeVar("Command", bound=Callable[..., Any])
_CHAT_MODEL = "llama-3.1-8b"


def _sampling(command: Command) -> Command:
    """The options of every answer that is text."""
    for option in (
        options.json_output,
        click.option("--no-stream", is_flag=True, help="Print the answer when it is complete."),
        click.option("--seed", type=int, metavar="NUMBER", help="The same answer to the same request."),
        click.option("--stop", multiple=True, metavar="TEXT", help="Where to stop; may be given more than once."),
        click.option("--temperature", type=float, metavar="NUMBER", help="0 to 2: how freely to choose."),
        click.option("--max-tokens", type=int, metavar="NUMBER", help="The longest answer, in tokens."),
        options.model(_CHAT_MODEL),
    ):
        command = option(command)
    return command


_CHAT_EXAMPLES = """\b
Examples:
  polargrid chat What is the capital of Canada?
  polargrid chat 'Summarize this:' - < notes.txt
"""


@click.command(epilog=_CHAT_EXAMPLES)
@click.argument("question", nargs=-1)
@click.option("-s", "--system", metavar="TEXT", help="How the model should behave.")
@_sampling
@options.connects
def chat(
    connection: dict[str, Any], /, question: tuple[str, ...], no_stream: bool, stop: tuple[str, ...], **given: Any
) -> None:
    """Ask a model a question, or hold a talk with one.

    The answer is printed as it comes. A `-` among the words stands for stdin. Where there are no words, stdin is the
    question; where stdin is a terminal, a talk begins.
    """
    from polargrid_cli import asked, text

    asks = asked.text(question)
    if asks is None and (no_stream or given["json_output"]):
        raise click.UsageError("A talk is printed as it comes: --no-stream and --json are for a question.")
    text.chat(connection, asks, streamed=not no_stream, stop=list(stop) or None, **given)


@click.command()
@click.argument("prompt", nargs=-1)
@_sampling
@options.connects
def complete(
    connection: dict[str, Any], /, prompt: tuple[str, ...], no_stream: bool, stop: tuple[str, ...], **given: Any
) -> None:
    """Continue a text, given as words or on stdin (`-`)."""
    from polargrid_cli import asked, text

    begun = asked.text(prompt)
    if begun is None:
        raise click.UsageError("There is no text: give it as arguments or on stdin.")
    text.complete(connection, begun, streamed=not no_stream, stop=list(stop) or None, **given)
