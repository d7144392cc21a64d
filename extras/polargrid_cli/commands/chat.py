"""`polargrid chat`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from polargrid_cli import options, stdin

_EXAMPLES = """\b
Examples:
  polargrid chat What is the capital of Canada?
  polargrid chat -c And of France?
  polargrid chat -f notes.txt 'Summarize it.'
"""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(epilog=_EXAMPLES)
@click.argument("question", nargs=-1)
@click.option("-c", "--continue", "go_on", is_flag=True, help="Go on with the last chat, and its model.")
@click.option("-s", "--system", metavar="TEXT", help="System message: how the model should behave.")
@click.option(
    "-f", "--file", "files", multiple=True, type=_FILE, metavar="FILE", help="Add the text of a file; repeatable."
)
@click.option(
    "--schema", type=_FILE, metavar="FILE", help="Respond with JSON that matches this JSON Schema, or response format."
)
@click.option(
    "--history/--no-history",
    default=None,
    help="Save the chat, for -c.  [default: if stdin or stdout is a terminal]",
)
@click.option("--no-markdown", is_flag=True, help="Print Markdown as it is, also in a terminal.")
@options.sampling_options
@options.pass_client_options
@click.pass_context
def chat(
    context: click.Context,
    client_options: dict[str, Any],
    /,
    *,
    question: tuple[str, ...],
    go_on: bool,
    system: str | None,
    files: tuple[Path, ...],
    schema: Path | None,
    history: bool | None,
    no_markdown: bool,
    model: str,
    stop: tuple[str, ...],
    no_stream: bool,
    json_output: bool,
    **sampling: Any,
) -> None:
    """Ask a model a question, or start an interactive chat.

    The response is printed as it arrives. `-` among the words stands for stdin. Without words, the question is read
    from stdin; if stdin is a terminal, an interactive chat starts, whose commands /help lists. Chats are saved in your
    state folder, the last 200, and POLARGRID_STATE moves it.
    """
    from polargrid_cli.chat.attachments import read_response_format
    from polargrid_cli.chat.session import Display, run_chat, start_chat

    text = None if stdin.is_interactive(question) else stdin.read_text(question)
    if text is None and (no_stream or json_output):
        raise click.UsageError("--no-stream and --json need a question; an interactive chat is always streamed")
    response_format = read_response_format(schema) if schema else None
    is_chosen = context.get_parameter_source("model") is not ParameterSource.DEFAULT
    talk = start_chat(model, is_model_chosen=is_chosen, go_on=go_on, history=history)
    if system:
        talk.conversation.set_system(system)
    fields = {**sampling, "stop": list(stop) or None, "response_format": response_format}
    talk.conversation.sampling = options.drop_none(fields)
    display = Display(not (no_stream or json_output), json_output, markdown=not (no_markdown or schema))
    run_chat(client_options, talk, text, files, display)
