"""Faults of plain answers: what they say of themselves, and whether they do what was asked."""

from __future__ import annotations

from typing import Any

from qa.fault_bench.faults.seeded import CHAT, TEXTS, answering, asking, fault
from qa.fault_bench.messages import Answer, Asked, Forward, refusal

_BOTH = TEXTS


def _usage(**changes: Any) -> Any:
    def spoil(_: Asked, body: Any) -> None:
        for name, change in changes.items():
            body["usage"][name] = change(body["usage"][name])

    return spoil


def _fields(**values: Any) -> Any:
    def spoil(_: Asked, body: Any) -> None:
        body.update(values)

    return spoil


def _choices(change: Any) -> Any:
    def spoil(_: Asked, body: Any) -> None:
        for choice in body["choices"]:
            change(choice)

    return spoil


def _say(choice: Any, change: Any) -> None:
    place, name = (choice["message"], "content") if "message" in choice else (choice, "text")
    place[name] = change(place[name] or "")


def _without(*names: str) -> Any:
    return lambda asked: asked.wanting(**dict.fromkeys(names, ...))


def _answer(name: str, what: str, spoil: Any, on: tuple[str, ...] = _BOTH) -> None:
    fault(name, "json", what, on=on)(answering(on, spoil))


def _ask(name: str, what: str, change: Any, on: tuple[str, ...] = _BOTH) -> None:
    fault(name, "json", what, on=on)(asking(on, change))


_answer("J01", "The usage does not add up.", _usage(total_tokens=lambda count: count + 1))
_answer("J02", "Characters are counted as tokens.", _usage(completion_tokens=lambda c: 5 * c, total_tokens=lambda c: c))
_answer("J03", "finish_reason is of another vocabulary.", _choices(lambda it: it.update(finish_reason="eos")))
_answer("J04", "finish_reason is always stop.", _choices(lambda it: it.update(finish_reason="stop")))
_answer("J05", "`created` is in milliseconds.", lambda _, body: body.update(created=body["created"] * 1000))
_answer("J06", "All answers have one id.", _fields(id="chatcmpl-1"))
_answer("J07", "`object` is the one of a chunk.", _fields(object="chat.completion.chunk"))
_ask("J08", "max_tokens is ignored.", _without("max_tokens"))
_ask("J09", "n is ignored.", _without("n"))
_ask("J10", "stop is ignored.", _without("stop"))
_ask("J12", "max_completion_tokens is ignored.", _without("max_completion_tokens"), CHAT)
_answer("J14", "The usage lacks a field.", lambda _, body: body["usage"].pop("completion_tokens") and None)
_answer("J15", "The message is by another role.", _choices(lambda it: it["message"].update(role="bot")), CHAT)
_answer(
    "J16", "The mark of the template is in the text.", _choices(lambda it: _say(it, lambda text: text + "<|im_end|>"))
)
_ask(
    "J17",
    "Of several prompts only the first is continued.",
    lambda asked: asked.wanting(prompt=asked.json["prompt"][0]) if _is_list(asked, "prompt") else asked,
    ("completion",),
)
_ask("J18", "The seed is ignored.", lambda asked: asked.wanting(seed=asked.number % 3))
_ask("J19", "temperature is ignored.", lambda asked: asked.wanting(temperature=0) if _is_valid(asked) else asked)
_ask("J20", "The system message is dropped.", lambda asked: _heard(asked, lambda said: said["role"] != "system"), CHAT)
_ask("J22", "response_format is ignored.", _without("response_format"), CHAT)
_ask("J23", "Tools are ignored.", _without("tools", "tool_choice"), CHAT)
_ask("J26", "logprobs are ignored.", _without("logprobs", "top_logprobs"), CHAT)
_answer("J28", "Counts of tokens are text.", _usage(prompt_tokens=str))
_answer("J29", "The name of the choices is another one.", lambda _, body: body.update(results=body.pop("choices")))
_answer("J30", "The text is null.", _choices(lambda it: _say(it, lambda _: None)))
_answer("L08", "The answer names another model.", _fields(model="llama-3.1-70b"))


@fault("J11", "json", "The stop text is in the answer.", on=_BOTH)
def stop_in_text(asked: Asked, forward: Forward) -> Answer:
    def spoil(asked: Asked, body: Any) -> None:
        stops = asked.json.get("stop")
        for choice in body["choices"]:
            if stops and choice["finish_reason"] == "stop":
                _say(choice, lambda text: text + (stops if isinstance(stops, str) else stops[-1]))

    return answering(_BOTH, spoil)(asked, forward)


@fault("J13", "json", "Temperature 0 with a seed is not repeatable.", on=_BOTH)
def not_repeatable(asked: Asked, forward: Forward) -> Answer:
    spoil = _choices(lambda choice: _say(choice, lambda text: f"{text} {asked.number % 10}"))
    return answering(_BOTH, spoil)(asked, forward) if asked.json.get("seed") is not None else forward(asked)


@fault("J21", "json", "Only the last message is heard.", on=CHAT)
def short_memory(asked: Asked, forward: Forward) -> Answer:
    last = asked.json["messages"][-1] if _is_list(asked, "messages") else None
    return forward(_heard(asked, lambda said: said is last or said == last))


@fault("J24", "json", "null is refused where a field may be left out.", on=_BOTH)
def null_refused(asked: Asked, forward: Forward) -> Answer:
    if asked.operation in _BOTH and None in asked.json.values():
        return refusal(400, "invalid_request_error")
    return forward(asked)


@fault("J25", "json", "Unknown fields are refused.", on=_BOTH)
def unknown_refused(asked: Asked, forward: Forward) -> Answer:
    if asked.operation in _BOTH and any(name.startswith("x_") for name in asked.json):
        return refusal(400, "invalid_request_error")
    return forward(asked)


@fault("J27", "json", "All are answered from the cache of the first.", on=_BOTH)
def one_for_all(asked: Asked, forward: Forward) -> Answer:
    if asked.operation not in _BOTH or not forward(asked).good:
        return forward(asked)
    said = {"messages": [{"role": "user", "content": "Hello"}]} if asked.operation in CHAT else {"prompt": "Hello"}
    return forward(asked.wanting(**said))


def _is_list(asked: Asked, name: str) -> bool:
    value = asked.json.get(name)
    return isinstance(value, list) and bool(value)


def _is_valid(asked: Asked) -> bool:
    value = asked.json.get("temperature", 1)
    return isinstance(value, int | float) and 0 <= value <= 2


def _heard(asked: Asked, keep: Any) -> Asked:
    said = asked.json.get("messages")
    if not isinstance(said, list) or not all(isinstance(each, dict) and "role" in each for each in said):
        return asked
    return asked.wanting(messages=[each for each in said if keep(each)] or said)
