"""`polargrid chat` and `polargrid complete`: an answer, printed as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from polargrid.types import ChatCompletionResponse, CompletionResponse
from polargrid_cli import output, streaming, talk
from polargrid_cli.connection import connected


def chat(
    connection: Mapping[str, Any],
    question: str | None,
    *,
    system: str | None,
    streamed: bool,
    json_output: bool,
    **sampling: Any,
) -> None:
    """Answer one question, or hold a talk where there is none."""
    messages = [{"role": "system", "content": system}] if system else []
    with connected(connection) as client:
        if question is None:
            talk.hold(client, {**_given(sampling), "messages": messages})
            return
        request = {**_given(sampling), "messages": [*messages, {"role": "user", "content": question}]}
        if streamed and not json_output:
            streaming.print_chat(client.chat_completion_stream(request), [])
        else:
            with output.waiting("Waiting for the answer …"):
                answer = client.chat_completion(request)
            _tell(answer, lambda choice: choice.message.content, json_output=json_output)


def complete(connection: Mapping[str, Any], prompt: str, *, streamed: bool, json_output: bool, **sampling: Any) -> None:
    """Continue a text."""
    request = {**_given(sampling), "prompt": prompt}
    with connected(connection) as client:
        if streamed and not json_output:
            streaming.print_text(client.completion_stream(request), [])
        else:
            with output.waiting("Waiting for the text …"):
                answer = client.completion(request)
            _tell(answer, lambda choice: choice.text, json_output=json_output)


def _tell(
    answer: ChatCompletionResponse | CompletionResponse, text_of: Callable[[Any], str | None], *, json_output: bool
) -> None:
    if json_output:
        output.as_json(answer)
        return
    for choice in answer.choices[:1]:
        output.line(text_of(choice) or "")
        streaming.tell_cut(choice.finish_reason)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """What was given: the API knows the defaults of the rest."""
    return {name: value for name, value in options.items() if value is not None}
