"""JSON answers: what they say of themselves, and whether it adds up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.asking import SIGNS, TALE, TEXT, Answer, answer, ask, fresh, speaking, wording
from polargrid_contract.server import Server

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_OBJECTS = {"chat_completion": "chat.completion", "completion": "text_completion"}
_REASONS = {
    "chat_completion": {"stop", "length", "content_filter", "tool_calls"},
    "completion": {"stop", "length", "content_filter"},
}
_DAY = 86_400
_SILENT = 4  # tokens that may be no text: the model's marks of an end
_MORE = " It should have a storm, an old ship, a young sailor, a whale, and a light on the far shore."


@check(
    "usage-adds-up",
    on=TEXT,
    why="Bills are made from the usage.",
    source="API overview, Usage; openapi.yaml, TokenUsage",
)
def usage_adds_up(server: Server) -> Iterator[Fault]:
    """Three whole numbers, the third the sum of the others, none of them zero where there is text."""
    for told in _several(server):
        usage = told.body["usage"]
        counts = [usage.get(name) for name in _COUNTS]
        if not all(type(count) is int and count >= bool(told.text) for count in counts):
            expected = f"{', '.join(_COUNTS)}: whole numbers above 0"
            yield server.fault(told.exchange, expected=expected, came=str(usage))
        elif counts[0] + counts[1] != counts[2]:
            came = f"total_tokens = {counts[2]}"
            yield server.fault(told.exchange, expected=f"total_tokens = {counts[0] + counts[1]}", came=came)


@check(
    "usage-fits-text",
    on=TEXT,
    why="A count that does not come from the text is a bill for something else.",
    source="openapi.yaml, TokenUsage",
)
def usage_fits_text(server: Server) -> Iterator[Fault]:
    """A word is not less than half a token, in the prompt and in the answer; a token has at least a byte."""
    for operation in speaking(server):
        for prompt in (TALE, SIGNS):
            told = answer(server, operation, prompt)
            least = len(told.text.split()) / 2
            if told.tokens < least:
                came = f"completion_tokens = {told.tokens}"
                yield server.fault(told.exchange, expected=f"at least {least:g} tokens for {told.text!r}", came=came)
            # Of a chat it is not known what was thought without being said.
            most = len(told.text.encode()) + 4
            if operation == "completion" and told.tokens > most:
                came = f"completion_tokens = {told.tokens}"
                yield server.fault(told.exchange, expected=f"at most {most} tokens for {told.text!r}", came=came)
            least = len(prompt.split()) / 2
            if (count := told.body["usage"]["prompt_tokens"]) < least:
                came = f"prompt_tokens = {count}"
                yield server.fault(told.exchange, expected=f"at least {least:g} tokens for {prompt!r}", came=came)


@check(
    "longer-prompt-costs-more",
    on=TEXT,
    why="Every part of a prompt is read by the model, so every part is counted.",
    source="openapi.yaml, TokenUsage",
)
def longer_prompt_costs_more(server: Server) -> Iterator[Fault]:
    """A longer prompt; in a chat also a system message and what was said before."""
    for operation in speaking(server):
        # A chat template may say something of its own where there is no system message: like is compared with like.
        places = [_at_the_end, _as_system, _as_history] if operation == "chat_completion" else [_at_the_end]
        for place in places:
            short, longer = (answer(server, operation, max_tokens=1, **place(operation, text)) for text in ("", _MORE))
            least = short.body["usage"]["prompt_tokens"] + len(_MORE.split()) // 2
            if (count := longer.body["usage"]["prompt_tokens"]) < least:
                expected = f"prompt_tokens of at least {least}, as there are more words"
                yield server.fault(longer.exchange, expected=expected, came=f"prompt_tokens = {count}")


@check(
    "model-echoed",
    on=TEXT,
    why="An answer that names another model leaves open which one answered.",
    source="API overview, Chat; openapi.yaml, ChatCompletionResponse.model",
    profiles=("polargrid",),
)
def model_echoed(server: Server) -> Iterator[Fault]:
    """The name that was asked for, also where it is another name of the model."""
    name = server.model("chat")
    aliases = next((model.get("pg_aliases") or [] for model in server.listed if model["id"] == name), [])
    for operation in speaking(server):
        for asked in (name, *aliases[:1]):
            told = answer(server, operation, model=asked)
            if told.body["model"] != asked:
                yield server.fault(told.exchange, expected=f"model {asked!r}", came=repr(told.body["model"]))


@check(
    "created-now",
    on=TEXT,
    why="A time in milliseconds, or of another day, sorts every log wrong.",
    source="openapi.yaml, Created; OpenAI API, Chat, created",
)
def created_now(server: Server) -> Iterator[Fault]:
    """Whole seconds since 1970, and today."""
    for told in _several(server):
        created = told.body["created"]
        if type(created) is not int or abs(created - time.time()) > _DAY:
            expected = f"about {time.time():.0f}, in seconds"
            yield server.fault(told.exchange, expected=expected, came=f"created = {created!r}")


@check(
    "answer-ids-unique",
    on=TEXT,
    why="An answer is found again by its id.",
    source="openapi.yaml, ChatCompletionResponse.id",
)
def answer_ids_unique(server: Server) -> Iterator[Fault]:
    """Not empty, and never the same, not even for the same request."""
    told = [*_several(server), *(fresh(server, operation, max_tokens=1) for operation in speaking(server))]
    counted = Counter(str(each.body["id"]) for each in told)
    for each in told:
        identity = each.body["id"]
        if not isinstance(identity, str) or not identity or counted[identity] > 1:
            yield server.fault(each.exchange, expected="an id of its own", came=f"id = {identity!r}")


@check(
    "object-named",
    on=TEXT,
    why="A client that reads several kinds of answer tells them apart by `object`.",
    source="openapi.yaml, ChatCompletionResponse.object; OpenAI API, Chat",
)
def object_named(server: Server) -> Iterator[Fault]:
    """chat.completion or text_completion."""
    for told in _several(server):
        expected = _OBJECTS[told.exchange.operation]
        if told.body.get("object") != expected:
            yield server.fault(told.exchange, expected=f"object {expected!r}", came=repr(told.body.get("object")))


@check(
    "finish-reason-known",
    on=TEXT,
    why="A client decides by the finish_reason what to do next, and knows only the documented ones.",
    source="openapi.yaml, ChatCompletionChoice.finish_reason; OpenAI API, Chat, finish_reason",
)
def finish_reason_known(server: Server) -> Iterator[Fault]:
    """One of the vocabulary of the operation, in every choice."""
    for told in _several(server):
        known = _REASONS[told.exchange.operation]
        for choice in told.body["choices"]:
            if choice.get("finish_reason") not in known:
                came = repr(choice.get("finish_reason"))
                yield server.fault(told.exchange, expected=f"one of {', '.join(sorted(known))}", came=came)


@check(
    "finish-reason-true",
    on=TEXT,
    why="Who is told `stop` takes half a sentence for a whole answer.",
    source="openapi.yaml, ChatCompletionChoice.finish_reason; OpenAI API, Chat, finish_reason",
)
def finish_reason_true(server: Server) -> Iterator[Fault]:
    """Where more tokens bring more text the short answer was cut: it says `length`, and has all its tokens."""
    for operation in speaking(server):
        for most, more in ((3, 6), (5, 9)):
            short = answer(server, operation, max_tokens=most)
            if answer(server, operation, max_tokens=more).tokens <= most:
                continue  # it ended by itself
            if (short.finish_reason, short.tokens) != ("length", most):
                came = f"{short.finish_reason!r} after {short.tokens}"
                yield server.fault(short.exchange, expected=f"'length' after {most} tokens", came=came)


@check(
    "message-of-assistant",
    on=TEXT,
    why="The next request sends the message back as it came.",
    source="openapi.yaml, ChatMessage; OpenAI API, Chat, message",
)
def message_of_assistant(server: Server) -> Iterator[Fault]:
    """Text that is text, said by the assistant, without the marks of the model's chat template."""
    for told in _several(server):
        role = told.choice["message"].get("role") if told.exchange.operation == "chat_completion" else "assistant"
        if role != "assistant":
            yield server.fault(told.exchange, expected="role 'assistant'", came=repr(role))
        text = told.text
        if not isinstance(text, str) or (not text and told.tokens > _SILENT and server.target.profile == "polargrid"):
            yield server.fault(told.exchange, expected="some text", came=repr(text))
        elif mark := next((mark for mark in ("<|im_end|>", "<|eot_id|>", "<|im_start|>", "</s>") if mark in text), ""):
            yield server.fault(told.exchange, expected="text without marks of the template", came=mark)


@check(
    "models-listed",
    on=("list_models",),
    why="A model is asked for by its id, so that two must not share one.",
    source="openapi.yaml, ListModelsResponse; OpenAI API, Models",
)
def models_listed(server: Server) -> Iterator[Fault]:
    """A list of models, each with an id of its own, made before tomorrow."""
    exchange = ask(server, "list_models")
    body = exchange.json()
    if body.get("object") != "list":
        yield server.fault(exchange, expected="object 'list'", came=repr(body.get("object")))
    counted = Counter(str(model.get("id") or "") for model in body["data"])
    for name, times in counted.items():
        if not name or times > 1:
            yield server.fault(exchange, expected="ids, each once", came=f"{name!r} {times} times")
    for model in body["data"]:
        if model.get("object") != "model":
            yield server.fault(exchange, expected="object 'model'", came=repr(model.get("object")))
        created: Any = model.get("created", 0)
        if type(created) is not int or not 0 <= created <= time.time() + _DAY:
            came = f"created = {created!r} of {model.get('id')}"
            yield server.fault(exchange, expected="seconds since 1970", came=came)


def _at_the_end(operation: str, text: str) -> dict[str, Any]:
    return wording(operation, f"{TALE} {text}")


def _as_system(operation: str, text: str) -> dict[str, Any]:
    said: list[Any] = wording(operation, TALE)["messages"]
    return {"messages": [{"role": "system", "content": f"Be kind. {text}"}, *said]}


def _as_history(operation: str, text: str) -> dict[str, Any]:
    earlier: list[Any] = wording(operation, f"Hello. {text}")["messages"]
    said: list[Any] = wording(operation, TALE)["messages"]
    return {"messages": [*earlier, {"role": "assistant", "content": f"Hello. {text}"}, *said]}


def _several(server: Server) -> Iterator[Answer]:
    for operation in speaking(server):
        yield answer(server, operation)
        yield answer(server, operation, SIGNS)
        yield answer(server, operation, max_tokens=5)
