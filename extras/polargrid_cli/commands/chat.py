"""`polargrid chat`"""

from __future__ import annotations

from typing import Any

import click

from polargrid_cli import options, stdin
from polargrid_cli.client import connect
from polargrid_cli.output import spinner
from polargrid_cli.repl import run_repl
from polargrid_cli.streaming import print_chat_stream, print_response

_EXAMPLES = """\b
Examples:
  polargrid chat What is the capital of Canada?
  polargrid chat 'Summarize this:' - < notes.txt
"""


@click.command(epilog=_EXAMPLES)
@click.argument("question", nargs=-1)
@click.option("-s", "--system", metavar="TEXT", help="System message: how the model should behave.")
@options.sampling_options
@options.pass_client_options
def chat(
    client_options: dict[str, Any],
    /,
    *,
    question: tuple[str, ...],
    system: str | None,
    stop: tuple[str, ...],
    no_stream: bool,
    json_output: bool,
    **sampling: Any,
) -> None:
    """Ask a model a question, or start an interactive chat.

    The response is printed as it arrives. `-` among the words stands for stdin. Without words, the question is read
    from stdin; if stdin is a terminal, an interactive chat starts.
    """
    text = None if stdin.is_interactive(question) else stdin.read_text(question)
    if text is None and (no_stream or json_output):
        raise click.UsageError("--no-stream and --json need a question; an interactive chat is always streamed")
    messages = [{"role": "system", "content": system}] if system else []
    request = options.drop_none({**sampling, "stop": list(stop) or None})
    with connect(client_options) as client:
        if text is None:
            run_repl(client, {**request, "messages": messages})
            return
        request["messages"] = [*messages, {"role": "user", "content": text}]
        if not (no_stream or json_output):
            print_chat_stream(client.chat_completion_stream(request), [])
            return
        with spinner("Waiting for the response …"):
            response = client.chat_completion(request)
        print_response(response, lambda choice: choice.message.content, json_output=json_output)
